import { type BigIntStats, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecent, stateOf, statOf } from "./file-state.ts";
import { readRegularFile } from "./read-file.ts";
import { codeOf } from "./system-error.ts";
import { unreadable } from "./unreadable.ts";
import { unwritable } from "./unwritable.ts";

/** Content and stats of a file at one moment. */
export interface Snapshot {
  /** Empty if there was no file. */
  readonly content: Buffer;
  readonly stats: BigIntStats | undefined;
}

/**
 * Reads a file in order to change it.
 * @throws RoleError `FileUnreadable`; `FileUnwritable` for anything but a regular file
 */
function takeSnapshot(path: string): Snapshot {
  try {
    // Take the stats before the content, so that a change in between shows later as a changed state.
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stats) return { content: Buffer.alloc(0), stats: undefined };
    if (stats.isDirectory()) throw Object.assign(new Error("a directory"), { code: "EISDIR" });
    if (!stats.isFile()) throw Object.assign(new Error("a device, pipe or socket"), { code: "ENOTREG" });
    return { content: readRegularFile(path), stats };
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT") return { content: Buffer.alloc(0), stats: undefined };
    const isReading = code === "EACCES" || code === "EPERM" || code === "EFBIG" || code === "EBUSY";
    throw isReading ? unreadable(path, cause) : unwritable(path, cause);
  }
}

/**
 * Takes a snapshot once the file is complete. A program that writes in place without a lock, as the AWS CLI does, leaves the file empty or
 * truncated for a moment. An edit of that content would lose the rest.
 */
export async function takeCalmSnapshot(path: string): Promise<Snapshot> {
  let snapshot = takeSnapshot(path);
  for (let round = 0; round < 100 && looksHalfWritten(snapshot); round++) {
    await sleep(10);
    const later = takeSnapshot(path);
    // An empty file has probably been truncated by a writer, which may be slow on a busy machine.
    if (round > 1 && later.content.length > 0 && stateOf(snapshot.stats) === stateOf(later.stats)) return later;
    snapshot = later;
  }
  return snapshot;
}

function looksHalfWritten({ content, stats }: Snapshot): boolean {
  // A write updates the modification time. A rename or a change of owner updates only the change time.
  return stats !== undefined && content.at(-1) !== 10 && Math.abs(Date.now() - Number(stats.mtimeMs)) <= 1000;
}

/** Whether the file is unchanged since the snapshot. */
export function isUnchanged(path: string, before: Snapshot): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stateOf(stats) !== stateOf(before.stats)) return false;
  // A second write within one tick of the file system's clock leaves the same state, so compare the content.
  return !stats || !isRecent(stats) || readRegularFile(path).equals(before.content);
}

/** Whether the file has this content. */
export function holds(path: string, content: Buffer): boolean {
  return statOf(path)?.isFile() === true && readRegularFile(path).equals(content);
}
