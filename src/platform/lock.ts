import {
  closeSync,
  lstatSync,
  lutimesSync,
  openSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../protocol/errors.ts";
import { describeSelf, isGone } from "./process-identity.ts";
import { readRegularFile } from "./read-file.ts";
import { removeQuietly } from "./remove-file.ts";
import { uptime } from "./uptime.ts";

/** A lock among processes, while it is held. */
export interface Lock {
  /** False if another process considered the lock abandoned, which can happen after this one was suspended. */
  held(): boolean;
  /** Whether the holder before ended without releasing the lock, and so perhaps left half-done work. */
  readonly inherited: boolean;
  /** Publishes one word about why it is held to the waiting processes. */
  publish(word: string): void;
  release(): void;
}

/** A lock of another process, as those who wait for it see it. */
export interface HeldLock {
  readonly owner: string;
  /** The word that the holder published, or empty. */
  readonly word: string;
  /** Milliseconds for which it has been watched without being renewed. */
  readonly watched: number;
  /** Whether it is a lock as we make them. Other programs lock with a folder, and what they made is not removed. */
  readonly isOurs: boolean;
}

export interface LockWait<T> {
  readonly signal: AbortSignal;
  /** Asked again and again while another process holds the lock. Any answer but undefined ends the wait. */
  readonly whileHeld: (lock: HeldLock) => T | undefined;
  /** The longest pause between two looks, in milliseconds. */
  readonly longestPause: number;
}

/** A lock that is neither released nor renewed for so long (milliseconds) is abandoned. */
export const abandonedAfter = 4000;

const renewEvery = 1000;
const askAfter = 30;

/**
 * Takes the lock at a path, in a folder that must exist. Its holder renews it each second. One that ended is noticed at once where its
 * process can be asked for, else when the lock was not renewed for 4 s.
 *
 * `proper-lockfile` knows a dead holder by the age of its lock alone, by the wall clock, and takes it over in a race.
 * @returns the lock, or what `whileHeld` answered
 * @throws RoleError `Cancelled`; the system's error where a lock cannot be made
 */
export async function acquireLock<T>(path: string, wait: LockWait<T>): Promise<Lock | T> {
  const owner = describeSelf(++serial);
  let inherited = false;
  let seen: Sighting | undefined;
  /** Milliseconds for which no lock was seen and yet none could be created, which Windows also answers while a file is being deleted. */
  let refusedFor = 0;
  for (let limit = 2; ; limit = Math.min(limit * 1.3, wait.longestPause)) {
    if (wait.signal.aborted) throw cancelled();
    // A look is far cheaper than a failed attempt.
    seen = look(path, seen);
    if (seen) {
      refusedFor = 0;
      const answer = wait.whileHeld(seen);
      if (answer !== undefined) return answer;
      if (isAbandoned(seen) && breakAbandoned(path, seen)) {
        inherited = true;
        continue;
      }
    } else {
      const refusal = create(path, owner);
      if (!refusal) return lockOf(path, owner, inherited);
      if (refusedFor > abandonedAfter) throw refusal;
    }
    const before = uptime();
    // Random pauses keep waiters from colliding repeatedly, and give each the same chance.
    await sleep(1 + Math.random() * limit, undefined, { signal: wait.signal }).catch(() => {});
    // During a longer pause the machine slept or was busy, so the holder could not renew either.
    const passed = Math.min(uptime() - before, longestStep);
    if (seen) seen.watched += passed;
    else refusedFor += passed;
  }
}

let serial = 0;
const longestStep = 100;

function lockOf(path: string, owner: string, inherited: boolean): Lock {
  const held = (): boolean => ownerOf(path)?.owner === owner;
  const whileHeld = (work: () => void) => {
    try {
      if (held()) work();
    } catch {
      // The holder checks held() before it replaces anything, and other processes notice when this one ends.
    }
  };
  const renewal = setInterval(() => {
    whileHeld(() => {
      const now = new Date();
      lutimesSync(path, now, now);
    });
  }, renewEvery);
  renewal.unref();
  return {
    inherited,
    held,
    publish: (word) => whileHeld(() => replace(path, `${owner} ${word}`)),
    release() {
      clearInterval(renewal);
      whileHeld(() => unlinkSync(path));
    },
  };
}

/**
 * Creates a symbolic link, which appears in one step with its content, so a lock never lacks its owner. On file systems without
 * links it creates a file.
 * @returns the error, if it may be temporary
 * @throws the system's error
 */
function create(path: string, content: string): Error | undefined {
  // Windows would rewrite what the link says as a path.
  if (process.platform === "win32") return createFile(path, content);
  try {
    symlinkSync(content, path);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return error as Error;
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL"].includes(code)) throw error;
  }
  return createFile(path, content);
}

function createFile(path: string, content: string): Error | undefined {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, content);
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    // Windows refuses a name that is just being deleted.
    if (code === "EEXIST" || (process.platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(code)))
      return error as Error;
    throw error;
  }
}

/** Puts other content into the place of a lock's, in one step. */
function replace(path: string, content: string): void {
  const staged = `${path}.${process.pid}-${serial}`;
  try {
    if (!create(staged, content)) renameSync(staged, path);
  } catch (error) {
    removeQuietly(staged);
    throw error;
  }
}

interface Content {
  readonly owner: string;
  readonly word: string;
}

/** Undefined if there is no lock; empty if it names no owner. */
function ownerOf(path: string): Content | undefined {
  try {
    return contentOf(readlinkSync(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
  }
  try {
    return contentOf(readRegularFile(path, { largest: longestContent }).toString("utf8"));
  } catch (error) {
    return codeOf(error) === "ENOENT" ? undefined : contentOf("");
  }
}

const longestContent = 1024;

function contentOf(text: string): Content {
  const parts = text.split(" ");
  return { owner: parts.slice(0, 4).join(" "), word: parts[4] ?? "" };
}

interface Sighting extends HeldLock {
  /** Changes when the lock is renewed, or replaced by another one. */
  readonly renewed: string;
  watched: number;
}

function look(path: string, before?: Sighting): Sighting | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const renewed = `${stats.ino} ${stats.mtimeMs}`;
  if (before?.renewed === renewed) return before;
  const content = ownerOf(path);
  return content && { ...content, renewed, watched: 0, isOurs: stats.isSymbolicLink() || stats.isFile() };
}

// Measure age by watching: the wall clock may jump, and the clocks of two machines differ.
function isAbandoned({ isOurs, watched, owner }: Sighting): boolean {
  // Most locks are held for a moment, which is cheaper to wait for than a check of the process.
  return isOurs && (watched > abandonedAfter || (watched > askAfter && isGone(owner)));
}

/**
 * Removes an abandoned lock, under a lock of its own: without that, of two who found it abandoned the second would remove the
 * new lock of the first. Returns whether it was removed here.
 */
function breakAbandoned(path: string, abandoned: Sighting): boolean {
  const breaking = `${path}.breaking`;
  if (create(breaking, describeSelf(0))) {
    // Breaking a lock takes microseconds, unless the process dies in between.
    const other = look(breaking);
    if (other && (isGone(other.owner) || isOld(breaking))) removeQuietly(breaking);
    return false;
  }
  try {
    return look(path, abandoned) === abandoned && removeQuietly(path);
  } finally {
    removeQuietly(breaking);
  }
}

function isOld(path: string): boolean {
  const written = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - written > abandonedAfter;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}
