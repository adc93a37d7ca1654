import type { Context } from "../context.ts";

/** A lock while it is held. */
export interface Lock {
  /** False when another process took the lock for abandoned, which can happen to one that was suspended. */
  held(): boolean;
}

/** Runs `work` while no other process that asks for the same path runs its own. */
export async function withLock<T>(
  path: string,
  context: Pick<Context, "signal">,
  work: (lock: Lock) => T | Promise<T>,
): Promise<T> {
  throw new Error(`being written: ${path} ${context} ${work}`);
}
