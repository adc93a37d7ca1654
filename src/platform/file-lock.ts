import { closeSync, lstatSync, lutimesSync, openSync, readlinkSync, symlinkSync, unlinkSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { describeSelf, isGone } from "./process-identity.ts";
import { cancelledError, enterQueue } from "./queue.ts";
import { readRegularFile } from "./read-file.ts";
import { isSystemError, unwritable } from "./unwritable.ts";
import { uptime } from "./uptime.ts";

/** A lock while it is held. */
export interface Lock {
  /** False when another process took the lock for abandoned, which can happen to one that was suspended. */
  held(): boolean;
  /** Whether the holder before left without giving the lock back, and so perhaps half-done work. */
  readonly inherited: boolean;
}

export interface LockOptions {
  /** How long to wait for one holder, in milliseconds; many who take it in turn are waited for thirty times as long. */
  readonly patience?: number;
}

/**
 * Runs `work` while no other process, and nothing else in this one, that asks for the same path runs its own.
 * The lock is `PATH.lock`, in the same folder, which must exist. It may be held for long: whoever holds it renews it each second.
 * A holder that is gone is noticed at once where its process can be asked for, else when it was not renewed for 4 s.
 * @throws RoleError `FileBusy` when the lock was not got in time; `FileUnwritable` when it cannot be made; `Cancelled`
 */
export async function withLock<T>(
  path: string,
  context: Pick<Context, "signal">,
  work: (lock: Lock) => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await takeLock(path, context, options);
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

/** As {@link withLock}, for those who give the lock back themselves. */
export async function takeLock(
  path: string,
  { signal }: Pick<Context, "signal">,
  { patience = 20_000 }: LockOptions = {},
): Promise<TakenLock> {
  const leave = await enterQueue(path, signal);
  try {
    const lock = await acquire(`${path}.lock`, path, signal, patience);
    const renewal = setInterval(lock.renew, renewEvery);
    renewal.unref();
    return {
      inherited: lock.inherited,
      held: lock.held,
      release() {
        clearInterval(renewal);
        lock.release();
        leave();
      },
    };
  } catch (error) {
    leave();
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

export interface TakenLock extends Lock {
  release(): void;
}

const renewEvery = 1000;
const abandonedAfter = 4000;
const askAfter = 30;

interface HeldLock extends TakenLock {
  renew(): void;
}

async function acquire(lockPath: string, path: string, signal: AbortSignal, patience: number): Promise<HeldLock> {
  const owner = describeSelf(++serial);
  // These are waits of this process, and have nothing to do with the time of day.
  const started = uptime();
  let inherited = false;
  let seen: Sighting | undefined;
  let turn = { owner: "", since: started };
  for (let round = 0; ; round++) {
    if (signal.aborted) throw cancelledError();
    // To look is far cheaper than to try in vain.
    seen = look(lockPath, seen);
    // On a busy machine the queue may be long; as long as it moves, waiting helps.
    if (seen?.owner !== turn.owner) turn = { owner: seen?.owner ?? "", since: uptime() };
    if (!seen && create(lockPath, owner, path)) return heldLock(lockPath, owner, inherited);
    if (seen && isAbandoned(seen) && breakAbandoned(lockPath, seen)) {
      inherited = true;
      continue;
    }
    const now = uptime();
    if (now - turn.since > patience || now - started > 30 * patience) {
      throw new RoleError("FileBusy", `${path} is being changed by another process.`, {
        target: path,
        action: `Try again. If nothing else is running, delete ${lockPath}.`,
      });
    }
    // Unequal waits keep waiters from meeting again and again, and give each the same chance.
    await sleep(1 + Math.random() * Math.min(2 + round, 14));
  }
}

let serial = 0;

function heldLock(lockPath: string, owner: string, inherited: boolean): HeldLock {
  const held = (): boolean => ownerOf(lockPath) === owner;
  return {
    inherited,
    held,
    renew() {
      try {
        const now = new Date();
        if (held()) lutimesSync(lockPath, now, now);
      } catch {
        // It will be asked for before anything is replaced.
      }
    },
    release() {
      try {
        if (held()) unlinkSync(lockPath);
      } catch {
        // Others find that this process has gone on, or is gone.
      }
    },
  };
}

/**
 * A symbolic link is made in one step with its content, so that nobody ever sees a lock without its owner. Where the file
 * system has none, a file is the next best.
 */
function create(lockPath: string, owner: string, path: string): boolean {
  // Windows would rewrite what the link says as a path.
  if (process.platform === "win32") return createFile(lockPath, owner, path);
  try {
    symlinkSync(owner, lockPath);
    return true;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL"].includes(code)) throw unwritable(path, cause);
  }
  return createFile(lockPath, owner, path);
}

function createFile(lockPath: string, owner: string, path: string): boolean {
  try {
    const file = openSync(lockPath, "wx", 0o600);
    try {
      writeSync(file, owner);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    // Windows refuses a name that is just being deleted.
    if (code === "EEXIST" || (process.platform === "win32" && (code === "EPERM" || code === "EBUSY"))) return false;
    throw unwritable(path, cause);
  }
}

/** Undefined when there is no lock; empty where it names no owner. */
function ownerOf(lockPath: string): string | undefined {
  try {
    return readlinkSync(lockPath);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
  }
  try {
    return readRegularFile(lockPath, { largest: longestOwner }).toString("utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? undefined : "";
  }
}

const longestOwner = 1024;

/** A lock of somebody else, and since when it was seen without being renewed. */
interface Sighting {
  readonly owner: string;
  readonly renewed: string;
  readonly since: number;
  /** Whether it is one of ours. Other programs lock with a directory, and what they made is not removed. */
  readonly isOurs: boolean;
}

function look(lockPath: string, before?: Sighting): Sighting | undefined {
  const stats = lstatSync(lockPath, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const renewed = `${stats.ino} ${stats.mtimeMs}`;
  if (before?.renewed === renewed) return before;
  const owner = ownerOf(lockPath);
  return owner === undefined
    ? undefined
    : { owner, renewed, since: uptime(), isOurs: stats.isSymbolicLink() || stats.isFile() };
}

// Age is measured by watching, and not by the clock: that one may jump, and those of two machines differ.
function isAbandoned(lock: Sighting): boolean {
  if (!lock.isOurs) return false;
  const watched = uptime() - lock.since;
  // Most locks are held for a moment, and to ask after a process costs more than that.
  return watched > abandonedAfter || (watched > askAfter && isGone(lock.owner));
}

/**
 * Removes an abandoned lock, under a lock of its own: without that, of two who found it abandoned the second would remove the
 * new lock of the first. Returns whether it was removed here.
 */
function breakAbandoned(lockPath: string, abandoned: Sighting): boolean {
  const breaking = `${lockPath}.breaking`;
  if (!create(breaking, describeSelf(0), lockPath)) {
    // Who breaks a lock takes microseconds for it, unless it died just then.
    const other = look(breaking);
    if (other && (isGone(other.owner) || isOld(breaking))) unlinkQuietly(breaking);
    return false;
  }
  try {
    return look(lockPath, abandoned) === abandoned && unlinkQuietly(lockPath);
  } finally {
    unlinkQuietly(breaking);
  }
}

function isOld(path: string): boolean {
  const written = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - written > abandonedAfter;
}

function unlinkQuietly(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
