/** The caller's environment variables, not this process's: the core outlives changes to `$env:`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Asks the caller for the operating system's proxy, because .NET knows it and Node does not. A configuration script may
 * choose another proxy for each destination, or none. Never rejects.
 * @param destination a URL's origin
 */
export type FindSystemProxy = (destination: string) => Promise<string | undefined>;

/**
 * Asks the caller to create an empty file with the access list, the encryption and the attributes of another file, because .NET can do so on
 * Windows and Node cannot. Rejects with an error that has a code, as the system's do.
 */
export type CreateFileLike = (path: string, original: string) => Promise<void>;

/**
 * Normalizes environment variables. Windows ignores the case of names, so `aws_profile` is `AWS_PROFILE` there; on Windows
 * the result has all names in upper case.
 */
export function environmentOf(variables: Environment | undefined, platform: NodeJS.Platform): Environment {
  const environment: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(variables ?? {}))
    environment[platform === "win32" ? name.toUpperCase() : name] = value;
  return environment;
}

/** A variable's trimmed value; undefined if it is unset, empty or only white space. */
export function variable(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

/** The caller's surroundings for a request. Tests replace them. */
export interface Context {
  readonly environment: Environment;
  /** An absolute path, the base of the caller's relative paths. */
  readonly workingDirectory: string;
  /** Missing if the caller's system has none to ask for. */
  readonly findSystemProxy?: FindSystemProxy;
  /** Missing except on Windows, and if there is no caller to ask. */
  readonly createFileLike?: CreateFileLike;
  readonly platform: NodeJS.Platform;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the caller presses Ctrl+C. */
  readonly signal: AbortSignal;
  /** Reports one step for `-Verbose`. The line must never contain a secret. */
  readonly say: (line: string) => void;
}
