/** The caller's environment variables, not this process's: the core outlives changes to `$env:`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the operating system is set to use, as the caller's platform tells it. The environment's variables come before it. */
export interface SystemProxy {
  /** For https, as a URL. */
  readonly https?: string;
  readonly http?: string;
  /** Hosts that are reached directly, as in `NO_PROXY`. */
  readonly noProxy?: readonly string[];
}

/**
 * The environment that a caller sent, or that this process has. Windows compares names without case, so `aws_profile` is
 * `AWS_PROFILE` there: all names are upper case in what this returns.
 */
export function environmentOf(variables: Environment | undefined, platform: NodeJS.Platform): Environment {
  const environment: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(variables ?? {}))
    environment[platform === "win32" ? name.toUpperCase() : name] = value;
  return environment;
}

/** What a request brings from its caller, and tests replace. */
export interface Context {
  readonly environment: Environment;
  /** An absolute path; relative paths of the caller start here. */
  readonly workingDirectory: string;
  readonly systemProxy?: SystemProxy;
  readonly platform: NodeJS.Platform;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the caller pressed Ctrl+C. */
  readonly signal: AbortSignal;
  /** One line of what happens, for `-Verbose`. Never a secret. */
  readonly say: (line: string) => void;
}
