import { abandonedAfter, acquireLock, type Lock } from "../platform/lock.ts";

/** What the holder announces to the other processes: it waits for the user to type a code, or it no longer does. */
export const awaitingCode = "awaits-code";
export const fetching = "fetching";

export interface SingleFlightWait {
  /** When aborted, the wait ends with `stopped`. */
  readonly signal: AbortSignal;
  /** Called repeatedly. True if the awaited entry is there; the wait then ends with `ready`. */
  readonly isReady: () => boolean;
  /** Called while the holder waits for the user's code. True to go ahead without the lock; the wait then ends with `passed`. */
  readonly mayPassPrompt: () => boolean;
}

/** Why there is no lock. `none`: something else is in its place. */
export type WithoutLock = "ready" | "passed" | "none" | "stopped";

/**
 * Acquires a lock that is held for seconds or, while the user types a code, for minutes. It saves requests and prompts. Correctness does
 * not depend on it.
 * @throws the system's error if a lock cannot be created at all
 */
export async function acquireSingleFlightLock(path: string, wait: SingleFlightWait): Promise<Lock | WithoutLock> {
  try {
    return await acquireLock<WithoutLock>(path, {
      signal: wait.signal,
      longestPause: 100,
      whileHeld({ word, hasOwnFormat, watched }) {
        if (wait.isReady()) return "ready";
        if (word === awaitingCode && wait.mayPassPrompt()) return "passed";
        return hasOwnFormat || watched <= abandonedAfter ? undefined : "none";
      },
    });
  } catch (error) {
    if (wait.signal.aborted) return "stopped";
    throw error;
  }
}
