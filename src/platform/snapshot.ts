import { type BigIntStats, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecent, stateOf, statOf } from "./file-state.ts";
import { readRegularFile } from "./read-file.ts";
import { unreadable } from "./unreadable.ts";
import { unwritable } from "./unwritable.ts";

/** A file as it was at one moment. */
export interface Snapshot {
  /** Empty when there was no file. */
  readonly content: Buffer;
  readonly stats: BigIntStats | undefined;
}

/**
 * Reads a file in order to change it.
 * @throws RoleError `FileUnreadable`; `FileUnwritable` when it is something else than a file: a device is no place for keys.
 */
function takeSnapshot(path: string): Snapshot {
  try {
    // First the state, then the content: what changes in between shows as a change of the state later.
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stats) return { content: Buffer.alloc(0), stats: undefined };
    if (stats.isDirectory()) throw Object.assign(new Error("a directory"), { code: "EISDIR" });
    if (!stats.isFile()) throw Object.assign(new Error("a device, pipe or socket"), { code: "ENOTREG" });
    return { content: readRegularFile(path), stats };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return { content: Buffer.alloc(0), stats: undefined };
    const isReading = code === "EACCES" || code === "EPERM" || code === "EFBIG" || code === "EBUSY";
    throw isReading ? unreadable(path, cause) : unwritable(path, cause);
  }
}

/**
 * A snapshot, but not of a file that somebody who does not lock is just writing: such a file is empty or cut off for a moment, and
 * an edit of it would lose the rest. The AWS CLI writes like that.
 */
export async function takeCalmSnapshot(path: string): Promise<Snapshot> {
  let snapshot = takeSnapshot(path);
  for (let round = 0; round < 100 && looksHalfWritten(snapshot); round++) {
    await sleep(10);
    const later = takeSnapshot(path);
    // An empty one was most likely cut off to be written anew, by somebody who on a busy machine may take long.
    if (round > 1 && later.content.length > 0 && stateOf(snapshot.stats) === stateOf(later.stats)) return later;
    snapshot = later;
  }
  return snapshot;
}

function looksHalfWritten({ content, stats }: Snapshot): boolean {
  // A writer sets the time of modification. The time of change also moves where the file was only renamed, or given to somebody.
  return stats !== undefined && content.at(-1) !== 10 && Math.abs(Date.now() - Number(stats.mtimeMs)) <= 1000;
}

/** Whether the file is still as it was. */
export function isUnchanged(path: string, before: Snapshot): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stateOf(stats) !== stateOf(before.stats)) return false;
  // A second write within one tick of the file system's clock leaves the same state.
  return !stats || !isRecent(stats) || readRegularFile(path).equals(before.content);
}

/** Whether that is what is in the file. */
export function holds(path: string, content: Buffer): boolean {
  return statOf(path)?.isFile() === true && readRegularFile(path).equals(content);
}
