import { type BigIntStats, chmodSync, closeSync, constants, fchmodSync, lstatSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile, replaceFileUnflushed } from "../platform/atomic-write.ts";
import { type FileState, fileState } from "../platform/file-state.ts";
import { isOwn } from "../platform/folder-owner.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { readRegularFile } from "../platform/read-file.ts";

export interface ReadFile {
  readonly text: string;
  readonly file: FileState;
  /** Whether other users can read it. */
  readonly wide: boolean;
}

// An entry takes 2 KB.
const largestEntry = 256 * 1024;

/**
 * Reads an entry's file: a regular file of this user that no other user can write. Returns undefined for anything else, including a missing
 * file.
 */
export function readEntryFile(path: string): ReadFile | undefined {
  let status: BigIntStats | undefined;
  try {
    // A stat takes a tenth of the time of a thrown error, and before a fetch the file is usually missing.
    if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
    const content = readRegularFile(path, {
      largest: largestEntry,
      flags: constants.O_NOFOLLOW ?? 0,
      check(found) {
        if (!isTrustworthy(found, dirname(path))) throw new Error("Others can write this file.");
        status = found;
      },
    });
    if (!status || content.length === 0) return undefined;
    const wide = isPosix && (status.mode & 0o077n) !== 0n;
    return { text: content.toString("utf8"), file: fileState(path, status), wide };
  } catch {
    return undefined;
  }
}

/**
 * Writes an entry's file. Replaces a symbolic link instead of following it.
 * @throws the system's error
 */
export function writeEntryFile(path: string, text: string): FileState {
  replaceFileUnflushed(path, text);
  return fileState(path, lstatSync(path, { bigint: true }));
}

/**
 * Like {@link writeEntryFile}, but flushes the file to the disk, for readers that fail on the empty file that a power failure can leave.
 * The flush takes about a millisecond and does not block this process.
 * @param isWanted checked just before the rename; false cancels it, and the result is undefined
 */
export async function writeEntryFileDurably(
  path: string,
  text: string,
  isWanted: () => boolean,
): Promise<FileState | undefined> {
  if (!(await replaceFile(path, text, { isWanted }))) return undefined;
  return fileState(path, lstatSync(path, { bigint: true }));
}

/**
 * Creates the directory and its parents, accessible only to this user.
 * @param isPrivate whether no other tool uses the directory, so that its mode may be narrowed
 * @throws the system's error
 */
export function ensureDirectory(directory: string, isPrivate: boolean): void {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (!status) makeFolder(directory);
  if (!isPrivate || !isPosix || !status) return;
  if (status.isDirectory() && (status.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** Makes a file readable only by its owner, if possible. */
export function narrowFile(path: string): void {
  try {
    // Don't follow a symbolic link or block on a pipe. Windows has neither flag.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      fchmodSync(file, 0o600);
    } finally {
      closeSync(file);
    }
  } catch {}
}

const isPosix = process.geteuid !== undefined;

function isTrustworthy(status: BigIntStats, directory: string): boolean {
  return !isPosix || (isOwn(status, directory) && (status.mode & 0o022n) === 0n);
}
