import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { giveFileToOwner } from "../platform/folder-owner.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { removeQuietly } from "../platform/remove-file.ts";

/** The right to fetch, among all processes. */
export interface SingleFlightLock {
  /** Tells the others whether we are fetching, or waiting for a person to type a code. */
  awaitCode(waiting: boolean): void;
  release(): void;
}

export interface LockWait {
  /** Aborted: the wait ends with `stopped`. */
  readonly signal: AbortSignal;
  /** Asked now and then: what the lock was wanted for is there, and the wait ends with `ready`. */
  readonly isReady: () => boolean;
  /** Asked while the holder waits for a person's code: whether to go ahead without it, and end with `passed`. */
  readonly mayPassPrompt: () => boolean;
}

/**
 * A lock for seconds or, while a person types, minutes; unlike the lock of a file's edit it is waited for without blocking, tells why it is
 * held, and is given up for what appears meanwhile. It saves work and prompts, and nothing breaks if two ever hold it.
 *
 * The holder writes into it twice a second. A holder that has died is noticed at once on the same machine, by its process id; one that no
 * longer writes (a recycled process id, a stopped process, another machine) after seconds.
 * @throws the system's error, where a lock cannot be made at all
 */
export async function acquireFlightLock(
  path: string,
  wait: LockWait,
): Promise<SingleFlightLock | "ready" | "passed" | "stopped"> {
  let seen: Holder | undefined;
  let unchanged = 0;
  for (let pause = shortestPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    if (wait.signal.aborted) return "stopped";
    const lock = tryLock(path);
    if (lock) return lock;
    if (wait.isReady()) return "ready";

    const holder = readHolder(path);
    if (holder) {
      // A pause that lasted far too long was the machine's sleep, in which the holder could not write either.
      unchanged = seen && isSame(seen, holder) ? unchanged + Math.min(pause, longestPause) : 0;
      seen = holder;
      if (holder.awaitsCode && wait.mayPassPrompt()) return "passed";
      if (isGone(holder) || unchanged > patienceWith(holder)) {
        removeStale(path, holder);
        continue;
      }
    }
    await sleep(pause, undefined, { signal: wait.signal }).catch(() => {});
  }
}

const shortestPause = 4;
const longestPause = 100;
const heartbeat = 500;
const patienceHere = 3_000;
const patienceElsewhere = 4_000;
/** Who makes a lock writes its name into it at once, unless it dies in between. */
const patienceWithNobody = 1_000;

function patienceWith({ isHere, processId }: Holder): number {
  if (!isHere) return patienceElsewhere;
  return processId === 0 ? patienceWithNobody : patienceHere;
}

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

// The first byte of the file.
const fetching = "F";
const awaitingCode = "C";

function tryLock(path: string): SingleFlightLock | undefined {
  let file: number;
  try {
    file = openSync(path, createFlags, 0o600);
  } catch (error) {
    if (isHeld(path, error)) return undefined;
    throw error;
  }
  try {
    giveFileToOwner(file, dirname(path));
    writeSync(file, `${fetching} ${process.pid} ${whereProcessIdsMean()}`);
  } catch (error) {
    closeSync(file);
    removeQuietly(path);
    throw error;
  }
  return heldLock(path, file);
}

function heldLock(path: string, file: number): SingleFlightLock {
  let state = fetching;
  let held = true;
  // Through the descriptor, so that a lock that was taken from us is not touched.
  const write = () => {
    try {
      writeSync(file, state, 0);
    } catch {}
  };
  const beat = setInterval(write, heartbeat);
  beat.unref();
  return {
    awaitCode(waiting) {
      state = waiting ? awaitingCode : fetching;
      if (held) write();
    },
    release() {
      if (!held) return;
      held = false;
      clearInterval(beat);
      try {
        const mine = fstatSync(file, { bigint: true }).ino;
        if (lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === mine) unlinkSync(path);
      } catch {
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Windows answers other errors than EEXIST while a file is being deleted. */
function isHeld(path: string, error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EEXIST") return true;
  // Anywhere else these say that no lock can be made here, and to wait for one would never end.
  if (process.platform !== "win32" || !["EPERM", "EACCES", "EBUSY"].includes(code ?? "")) return false;
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

interface Holder {
  readonly inode: bigint;
  readonly changed: bigint;
  readonly awaitsCode: boolean;
  readonly processId: number;
  /** Its process id means something to us. */
  readonly isHere: boolean;
}

/** Whoever holds the lock; a file that is not a lock has a holder too, one that never writes. */
function readHolder(path: string): Holder | undefined {
  try {
    const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!status) return undefined;
    const text = status.isFile() && status.size < 1024n ? readText(path) : "";
    const [state, processId = "", where] = text?.split(" ") ?? ["", "", "another user's"];
    return {
      inode: status.ino,
      changed: status.mtimeNs,
      awaitsCode: state === awaitingCode,
      processId: /^[1-9]\d{0,9}$/.test(processId) ? Number(processId) : 0,
      isHere: where === undefined || where === whereProcessIdsMean(),
    };
  } catch {
    return undefined;
  }
}

/** Undefined where it may not be read: root's, for example. */
function readText(path: string): string | undefined {
  try {
    return readRegularFile(path, { flags: constants.O_NOFOLLOW ?? 0, largest: 1024 }).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    return undefined;
  }
}

function isSame(one: Holder, other: Holder): boolean {
  return one.inode === other.inode && one.changed === other.changed;
}

function isGone(holder: Holder): boolean {
  if (!holder.isHere || holder.processId === 0) return false;
  try {
    process.kill(holder.processId, 0);
    return isZombie(holder.processId);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Killed, but its parent has not looked after it yet. Elsewhere than on Linux its silence tells. */
function isZombie(processId: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const status = readFileSync(`/proc/${processId}/stat`, "latin1");
    return /^ [ZX]/.test(status.slice(status.lastIndexOf(")") + 1));
  } catch {
    return false;
  }
}

/**
 * Takes a dead holder's lock away. It is renamed first, which only one of several waiters manages; should that one find that it took
 * another lock than the one it had looked at, the two holders fetch once each.
 */
function removeStale(path: string, holder: Holder): void {
  const now = readHolder(path);
  if (!now || !isSame(now, holder)) return;
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  rmSync(aside, { force: true, recursive: true });
}

let where: string | undefined;

/** The machine since it was started and, on Linux, the container: elsewhere the same number is another process. */
function whereProcessIdsMean(): string {
  where ??= [hostname().replace(/\s/g, "_"), linuxIdentity()].join("/");
  return where;
}

function linuxIdentity(): string {
  // Elsewhere, as on Windows, the path could name a file of somebody else.
  if (process.platform !== "linux") return "";
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}
