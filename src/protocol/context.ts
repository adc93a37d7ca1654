/** The caller's environment variables, not this process's: the core outlives changes to `$env:`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a request brings from its caller, and tests replace. */
export interface Context {
  readonly environment: Environment;
  /** An absolute path; relative paths of the caller start here. */
  readonly workingDirectory: string;
  readonly platform: NodeJS.Platform;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the caller pressed Ctrl+C. */
  readonly signal: AbortSignal;
  /** One line of what happens, for `-Verbose`. Never a secret. */
  readonly say: (line: string) => void;
}
