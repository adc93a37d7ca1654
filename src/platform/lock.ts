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
import { canceled } from "../protocol/errors.ts";
import { describeSelf, isGone } from "./process-identity.ts";
import { readRegularFile } from "./read-file.ts";
import { removeQuietly } from "./remove-file.ts";
import { codeOf } from "./system-error.ts";
import { uptime } from "./uptime.ts";

/** A lock among processes, while this process holds it. */
export interface Lock {
  /** False if another process took the lock over as abandoned, which can happen after this process was suspended. */
  held(): boolean;
  /** Publishes one word to the waiting processes: why the lock is held. */
  publish(word: string): void;
  release(): void;
}

/** Another process's lock, as a waiting process sees it. */
export interface HeldLock {
  readonly owner: string;
  /** The word that the holder published, or an empty string. */
  readonly word: string;
  /** Milliseconds since the lock was last renewed, as observed by this process. */
  readonly watched: number;
  /** Whether the lock has this module's format. Other programs lock with a folder, which must not be removed. */
  readonly hasOwnFormat: boolean;
}

export interface LockWait<T> {
  readonly signal: AbortSignal;
  /** Called repeatedly while another process holds the lock. Any result except undefined ends the wait. */
  readonly whileHeld: (lock: HeldLock) => T | undefined;
  /** Longest pause between two checks, in milliseconds. */
  readonly longestPause: number;
}

/** Milliseconds after which a lock that is neither released nor renewed counts as abandoned. */
export const abandonedAfter = 4000;

const renewEvery = 1000;
const askAfter = 30;

/**
 * Takes the lock at a path, in a folder that must exist. The holder renews it every second. A lock counts as abandoned as soon as its
 * process is known to have ended, or else after 4 s without renewal.
 *
 * `proper-lockfile` detects a dead holder only by the lock's age on the wall clock, and taking the lock over is a race.
 * @returns the lock, or the result of `whileHeld`
 * @throws RoleError `Cancelled`; the system's error if the lock cannot be created
 */
export async function acquireLock<T>(path: string, wait: LockWait<T>): Promise<Lock | T> {
  const owner = describeSelf(++serial);
  let seen: Sighting | undefined;
  /**
   * Milliseconds during which creating the lock has failed although none exists. Windows also reports this while a file is being deleted.
   */
  let refusedFor = 0;
  for (let limit = 2; ; limit = Math.min(limit * 1.3, wait.longestPause)) {
    if (wait.signal.aborted) throw canceled();
    // Checking is far cheaper than a failed attempt.
    seen = look(path, seen);
    if (seen) {
      refusedFor = 0;
      const answer = wait.whileHeld(seen);
      if (answer !== undefined) return answer;
      if (isAbandoned(seen) && breakAbandoned(path, seen)) continue;
    } else {
      const refusal = create(path, owner);
      if (!refusal) return lockOf(path, owner);
      if (refusedFor > abandonedAfter) throw refusal;
    }
    const before = uptime();
    // A random pause prevents waiters from colliding repeatedly and gives each the same chance.
    await sleep(1 + Math.random() * limit, undefined, { signal: wait.signal }).catch(() => {});
    // A longer pause means that the machine slept or was busy, so the holder could not renew the lock either.
    const passed = Math.min(uptime() - before, longestStep);
    if (seen) seen.watched += passed;
    else refusedFor += passed;
  }
}

let serial = 0;
const longestStep = 100;

function lockOf(path: string, owner: string): Lock {
  const held = (): boolean => ownerOf(path)?.owner === owner;
  const whileHeld = (work: () => void) => {
    try {
      if (held()) work();
    } catch {
      // The holder checks held() before it replaces anything, so a failed renewal is harmless. Other processes notice when this one ends.
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
    held,
    publish: (word) => whileHeld(() => replace(path, `${owner} ${word}`)),
    release() {
      clearInterval(renewal);
      whileHeld(() => unlinkSync(path));
    },
  };
}

/**
 * Creates a symbolic link, which appears together with its content in one step, so a lock always names its owner. Creates a file on file
 * systems without links.
 * @returns the error, if it may be temporary
 * @throws the system's error
 */
function create(path: string, content: string): Error | undefined {
  // Windows would rewrite the link's text as a path.
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
    // Windows refuses a name that is being deleted.
    if (code === "EEXIST" || (process.platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(code)))
      return error as Error;
    throw error;
  }
}

/** Replaces the lock's content in one step. */
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

/** Undefined if there is no lock; empty if the lock names no owner. */
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
  /** Changes when the lock is renewed or replaced. */
  readonly renewed: string;
  watched: number;
}

function look(path: string, before?: Sighting): Sighting | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const renewed = `${stats.ino} ${stats.mtimeMs}`;
  if (before?.renewed === renewed) return before;
  const content = ownerOf(path);
  return content && { ...content, renewed, watched: 0, hasOwnFormat: stats.isSymbolicLink() || stats.isFile() };
}

// Measure age by observation: the wall clock may jump, and two machines' clocks differ.
function isAbandoned({ hasOwnFormat, watched, owner }: Sighting): boolean {
  // Most locks are held briefly, so waiting is cheaper than checking the process.
  return hasOwnFormat && (watched > abandonedAfter || (watched > askAfter && isGone(owner)));
}

/**
 * Removes an abandoned lock while holding a second lock. Without that second lock, when two processes find the same abandoned lock, the
 * slower one would remove the faster one's new lock. Returns whether this process removed it.
 */
function breakAbandoned(path: string, abandoned: Sighting): boolean {
  const breaking = `${path}.breaking`;
  if (create(breaking, describeSelf(0))) {
    // Removing the lock takes microseconds, unless the process dies in between.
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
