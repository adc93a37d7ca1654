import { abandonedAfter, acquireLock, type Lock } from "../platform/lock.ts";

/** The right to fetch, among all processes. */
export interface SingleFlightLock {
  /** Tells the others whether we are fetching, or waiting for a person to type a code. */
  awaitCode(waiting: boolean): void;
  release(): void;
}

export interface FlightWait {
  /** Aborted: the wait ends with `stopped`. */
  readonly signal: AbortSignal;
  /** Asked now and then: what the lock was wanted for is there, and the wait ends with `ready`. */
  readonly isReady: () => boolean;
  /** Asked while the holder waits for a person's code: whether to go ahead without it, and end with `passed`. */
  readonly mayPassPrompt: () => boolean;
}

/** Why there is no lock. `none`: something else is in its place. */
export type WithoutLock = "ready" | "passed" | "none" | "stopped";

/**
 * A lock that is held for seconds or, while a person types a code, minutes. It saves work and prompts; correctness does not depend on it.
 * @throws the system's error, where a lock cannot be made at all
 */
export async function acquireFlightLock(path: string, wait: FlightWait): Promise<SingleFlightLock | WithoutLock> {
  try {
    const lock = await acquireLock<WithoutLock>(path, {
      signal: wait.signal,
      longestPause: 100,
      whileHeld({ word, isOurs, watched }) {
        if (wait.isReady()) return "ready";
        if (word === awaitingCode && wait.mayPassPrompt()) return "passed";
        return isOurs || watched <= abandonedAfter ? undefined : "none";
      },
    });
    return typeof lock === "string" ? lock : flightLock(lock);
  } catch (error) {
    if (wait.signal.aborted) return "stopped";
    throw error;
  }
}

const fetching = "fetching";
const awaitingCode = "awaits-code";

function flightLock(lock: Lock): SingleFlightLock {
  return {
    awaitCode: (waiting) => lock.publish(waiting ? awaitingCode : fetching),
    release: lock.release,
  };
}
