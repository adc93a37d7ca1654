import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { acquireLock, type Lock } from "./lock.ts";
import { enterQueue } from "./queue.ts";
import { isSystemError } from "./system-error.ts";
import { unwritable } from "./unwritable.ts";
import { uptime } from "./uptime.ts";

export interface LockOptions {
  /** How long to wait for one holder, in milliseconds. The total wait is at most thirty times as long, if the lock changes hands. */
  readonly patience?: number;
}

export type FileLock = Pick<Lock, "held" | "release">;

/**
 * Runs `work` while holding the lock of the path: no other process and no other caller in this process holds it at the same time. The lock
 * is `PATH.lock`, in the same folder, which must exist.
 * @throws RoleError `FileBusy` if the lock is not free in time; `FileUnwritable` if it cannot be created; `Cancelled`
 */
export async function withLock<T>(
  path: string,
  context: Pick<Context, "signal">,
  work: (lock: FileLock) => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await takeLock(path, context, options);
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

/** Like {@link withLock}, for callers that release the lock themselves. */
export async function takeLock(
  path: string,
  { signal }: Pick<Context, "signal">,
  { patience = 20_000 }: LockOptions = {},
): Promise<FileLock> {
  const leave = await enterQueue(path, signal);
  try {
    const { held, release } = await acquireLock<never>(`${path}.lock`, {
      signal,
      longestPause: 14,
      whileHeld: giveUpAfter(patience, path),
    });
    return {
      held,
      release() {
        release();
        leave();
      },
    };
  } catch (error) {
    leave();
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

/** Keeps waiting while the lock changes hands, because the queue may be long on a busy machine. */
function giveUpAfter(patience: number, path: string): (lock: { owner: string }) => undefined {
  const started = uptime();
  let turn = { owner: "", since: started };
  return ({ owner }) => {
    const now = uptime();
    if (owner !== turn.owner) turn = { owner, since: now };
    if (now - turn.since <= patience && now - started <= 30 * patience) return undefined;
    throw new RoleError("FileBusy", `${path} is being changed by another process.`, {
      target: path,
      action: `Try again. If nothing else is running, delete ${path}.lock.`,
    });
  };
}
