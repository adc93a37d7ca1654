import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsync,
  openSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { CreateFileLike } from "../protocol/context.ts";
import { giveFileToOwner } from "./folder-owner.ts";
import { patiently, patientlyAsync, refusedReplacement } from "./patience.ts";
import { removeQuietly } from "./remove-file.ts";
import { discardAbandoned, stagedFileName } from "./staged-file.ts";
import { codeOf } from "./system-error.ts";
import { targetOf } from "./target.ts";
import { unwritable } from "./unwritable.ts";

/*
 * Replaces files atomically: stages the new content beside the file, readable only by its owner from the moment it is created, then renames
 * it over the file. `write-file-atomic` applies the umask, may open an existing staged file, and doesn't retry the rename.
 */

/** New content, staged beside the file that it will replace. */
export interface StagedFile {
  readonly path: string;
  readonly target: string;
}

/**
 * Stages content and flushes it to the disk, so that it survives a power failure.
 * @param before the stats of the target; the new file keeps the owner and gets no wider mode
 * @param createFileLike creates the staged file like the target, if there is one
 * @throws the system's error; `EOWNER` for another user's file
 */
export async function stage(
  target: string,
  content: Buffer | string,
  before?: BigIntStats,
  createFileLike?: CreateFileLike,
): Promise<StagedFile> {
  const staged = stagedBeside(target);
  const isCreated = before !== undefined && createFileLike !== undefined;
  if (isCreated) await createFileLike(staged.path, target);
  const file = open(staged, content, before, isCreated);
  try {
    await flush(file);
    return staged;
  } catch (error) {
    removeQuietly(staged.path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Renames the staged file over its target. */
export async function commit({ path, target }: StagedFile): Promise<void> {
  await patientlyAsync(() => renameSync(path, target), refusedReplacement);
}

/**
 * Replaces a file. If the target is a symbolic link, replaces the link itself.
 * @param isWanted checked just before the rename; false cancels it
 * @returns whether the file was replaced
 * @throws the system's error; the file is then unchanged
 */
export async function replaceFile(
  target: string,
  content: string,
  { before, isWanted = () => true }: { before?: BigIntStats; isWanted?: () => boolean } = {},
): Promise<boolean> {
  const staged = await stage(target, content, before);
  try {
    if (!isWanted()) return false;
    await commit(staged);
    return true;
  } finally {
    removeQuietly(staged.path);
  }
}

/** Replaces a file synchronously and without a flush: the content may not survive a power failure. */
export function replaceFileUnflushed(target: string, content: string): void {
  const staged = stagedBeside(target);
  closeSync(open(staged, content));
  try {
    patiently(() => renameSync(staged.path, target), refusedReplacement);
  } catch (error) {
    removeQuietly(staged.path);
    throw error;
  }
}

/**
 * Replaces a stored sign-in with a renewed one. Follows a symbolic link.
 * @throws the system's error; RoleError `FileUnwritable` for a link that cannot be followed
 */
export async function replaceJsonFile(path: string, members: ReadonlyMap<string, unknown>): Promise<void> {
  const target = targetOf(path);
  const before = statSync(target, { bigint: true });
  discardAbandoned(dirname(target), Date.now(), basename(target));
  await replaceFile(target, JSON.stringify(Object.fromEntries(members)), { before });
}

/**
 * Writes a sign-in, whether there is one or not. Follows a symbolic link.
 * @throws RoleError `FileUnwritable`
 */
export async function writeJsonFile(path: string, members: ReadonlyMap<string, unknown>): Promise<void> {
  try {
    if (statSync(path, { throwIfNoEntry: false })) await replaceJsonFile(path, members);
    else await replaceFile(path, JSON.stringify(Object.fromEntries(members)));
  } catch (error) {
    throw codeOf(error) === "" ? error : unwritable(path, error);
  }
}

/** Flushes the rename itself, if the system supports it. */
export async function flushFolder(target: string): Promise<void> {
  let folder: number | undefined;
  try {
    folder = openSync(dirname(target), constants.O_RDONLY);
    await flush(folder);
  } catch {
    // Windows and some network file systems cannot flush a folder. The content is already flushed.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

const flush = promisify(fsync);

function stagedBeside(target: string): StagedFile {
  return { path: join(dirname(target), stagedFileName(basename(target))), target };
}

/**
 * Writes the staged file.
 * @param isCreated whether it exists, empty
 * @returns its descriptor
 */
function open({ path, target }: StagedFile, content: Buffer | string, before?: BigIntStats, isCreated = false): number {
  let file: number | undefined;
  try {
    if (before) checkMayReplace(target, before);
    file = openSync(path, constants.O_WRONLY | (isCreated ? 0 : constants.O_CREAT | constants.O_EXCL), 0o600);
    if (before) keepOwnerAndMode(file, before);
    else giveFileToOwner(file, dirname(target));
    writeFileSync(file, content);
    return file;
  } catch (error) {
    if (file !== undefined) closeSync(file);
    removeQuietly(path);
    throw error;
  }
}

/** Refuses to replace a file that could not be written in place. */
function checkMayReplace(target: string, before: BigIntStats): void {
  accessSync(target, constants.W_OK);
  const user = process.geteuid?.();
  if (user !== undefined && user !== 0 && before.uid !== BigInt(user)) {
    throw Object.assign(new Error("another user's file"), { code: "EOWNER" });
  }
}

function keepOwnerAndMode(file: number, before: BigIntStats): void {
  if (process.geteuid?.() === 0 && before.uid !== 0n) fchownSync(file, Number(before.uid), Number(before.gid));
  const mode = Number(before.mode) & 0o600;
  if (mode !== 0o600) fchmodSync(file, mode);
}
