import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsync,
  lstatSync,
  openSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type FileState, fileState } from "../platform/file-state.ts";
import { giveFileToOwner, isOwn } from "../platform/folder-owner.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { patiently, refusedReplacement } from "../platform/patience.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { removeQuietly } from "../platform/remove-file.ts";
import { ownerMark } from "../platform/staged-owner.ts";

export interface ReadFile {
  readonly text: string;
  readonly file: FileState;
  /** Others may read it: their business to know, ours to say. */
  readonly wide: boolean;
}

/** Our unfinished files in either directory. */
export const stagedName = /^\.role-credentials-[0-9a-z-]+\.tmp$/;

// An entry has 2 KB. Whatever is as large as this is none.
const largestEntry = 256 * 1024;

// Neither a symbolic link is followed, nor a pipe waited for. Windows knows neither flag.
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Reads a file that is an entry's: a plain one, of this user, that nobody else can write. Anything else is `undefined`, as if it
 * weren't there.
 */
export function readEntryFile(path: string): ReadFile | undefined {
  let status: BigIntStats | undefined;
  try {
    // To look costs a tenth of an error, and what is not there is the rule before a role is fetched.
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
 * Puts a file in place: staged beside it as 0600 whatever the umask, then renamed over what is there, so that a reader sees the old or
 * the new, and a link that lies there is replaced and not followed.
 * @throws the system's error, after removing what was staged
 */
export function writeEntryFile(directory: string, name: string, text: string): FileState {
  const { file, staged } = stageFile(directory);
  try {
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    return place(staged, join(directory, name));
  } catch (error) {
    removeQuietly(staged);
    throw error;
  }
}

/**
 * As {@link writeEntryFile}, and so that it survives a loss of power, for readers that stumble over the empty file it can leave. The
 * disk takes a millisecond for that, in which this process goes on.
 * @param isWanted asked at the end: otherwise nothing is put in place, and the result is undefined
 */
export async function writeEntryFileDurably(
  directory: string,
  name: string,
  text: string,
  isWanted: () => boolean,
): Promise<FileState | undefined> {
  const { file, staged } = stageFile(directory);
  try {
    try {
      writeFileSync(file, text);
      await new Promise<void>((resolve, reject) => fsync(file, (error) => (error ? reject(error) : resolve())));
    } finally {
      closeSync(file);
    }
    if (isWanted()) return place(staged, join(directory, name));
    removeQuietly(staged);
    return undefined;
  } catch (error) {
    removeQuietly(staged);
    throw error;
  }
}

function stageFile(directory: string): { readonly file: number; readonly staged: string } {
  const staged = join(directory, stagedFileName());
  const file = openSync(staged, createFlags, 0o600);
  try {
    giveFileToOwner(file, directory);
    return { file, staged };
  } catch (error) {
    closeSync(file);
    removeQuietly(staged);
    throw error;
  }
}

function place(staged: string, path: string): FileState {
  patiently(() => renameSync(staged, path), refusedReplacement);
  return fileState(path, lstatSync(path, { bigint: true }));
}

/**
 * Makes the directory, and those above it, for this user alone.
 * @param ours the directory is no other tool's, so that we tighten one that is too wide
 * @throws the system's error
 */
export function ensureDirectory(directory: string, ours: boolean): void {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (!status) makeFolder(directory);
  if (!ours || !isPosix || !status) return;
  if (status.isDirectory() && (status.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** Narrows a file of ours that others can read; whether that worked is not worth an error. */
export function narrowFile(path: string): void {
  try {
    const file = openSync(path, readFlags);
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

let stagedFiles = 0;

// It need not be secret, for an existing name is never opened; it must only differ from what others stage.
function stagedFileName(): string {
  stagedFiles += 1;
  const random = Math.random().toString(36).slice(2);
  return `.role-credentials-${ownerMark()}-${stagedFiles.toString(36)}-${random}.tmp`;
}
