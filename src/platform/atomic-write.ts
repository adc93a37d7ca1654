import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fsync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { giveFileToOwner } from "./folder-owner.ts";
import { patiently, patientlyAsync, refusedReplacement } from "./patience.ts";
import { removeQuietly } from "./remove-file.ts";
import { discardAbandoned, stagedFileName } from "./staged-file.ts";

/*
 * How a file gets new content: staged beside it, readable by its owner only from the first instant, then renamed over it. A reader sees the
 * old content or the new. `write-file-atomic` stages under the umask, follows what lies at the staged name, and renames once.
 */

/** New content beside the file whose place it is to take. */
export interface StagedFile {
  readonly path: string;
  readonly target: string;
}

/**
 * Stages content, and flushes it to the disk: it survives a loss of power.
 * @param before what is at the target now; the new file is no wider than that, and keeps its owner
 * @throws the system's error; `EOWNER` for another user's file
 */
export async function stage(target: string, content: Buffer | string, before?: BigIntStats): Promise<StagedFile> {
  const { file, ...staged } = open(target, content, before);
  try {
    await flush(file);
    return staged;
  } catch (error) {
    discard(staged);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Puts the staged file in the place of its target. */
export async function commit({ path, target }: StagedFile): Promise<void> {
  await patientlyAsync(() => renameSync(path, target), refusedReplacement);
}

export function discard({ path }: StagedFile): void {
  removeQuietly(path);
}

/**
 * Replaces a file. A link is replaced itself, and not followed.
 * @param isWanted asked at the end: otherwise nothing is put in place
 * @returns whether it was replaced
 * @throws the system's error, and then the file is as it was
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
    discard(staged);
  }
}

/** As {@link replaceFile}, at once, for a file that may be lost with the power. */
export function replaceFileUnflushed(target: string, content: string): void {
  const { file, ...staged } = open(target, content);
  closeSync(file);
  try {
    patiently(() => renameSync(staged.path, target), refusedReplacement);
  } catch (error) {
    discard(staged);
    throw error;
  }
}

/**
 * Puts a renewed sign-in in the place of the one that it came from. A link is followed.
 * @throws the system's error
 */
export async function replaceJsonFile(path: string, members: ReadonlyMap<string, unknown>): Promise<void> {
  const target = realpathSync(path);
  const before = statSync(target, { bigint: true });
  discardAbandoned(dirname(target), Date.now(), (name) => name === basename(target));
  await replaceFile(target, JSON.stringify(Object.fromEntries(members)), { before });
}

/** Makes the replacement itself last, where the system can. */
export async function flushFolder(target: string): Promise<void> {
  let folder: number | undefined;
  try {
    folder = openSync(dirname(target), constants.O_RDONLY);
    await flush(folder);
  } catch {
    // Windows flushes no folders, and neither do some network file systems. The content itself was flushed.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

const flush = promisify(fsync);

function open(target: string, content: Buffer | string, before?: BigIntStats): StagedFile & { readonly file: number } {
  if (before) checkMayReplace(target, before);
  const folder = dirname(target);
  const path = join(folder, stagedFileName(basename(target)));
  let file: number | undefined;
  try {
    file = create(path, target, before !== undefined);
    if (before) keepOwnerAndMode(file, before);
    else giveFileToOwner(file, folder);
    writeFileSync(file, content);
    return { path, target, file };
  } catch (error) {
    if (file !== undefined) closeSync(file);
    removeQuietly(path);
    throw error;
  }
}

function create(path: string, target: string, exists: boolean): number {
  if (process.platform !== "win32" || !exists)
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  // A copy keeps the attributes that Node cannot set: whether the file is hidden, or encrypted.
  copyFileSync(target, path, constants.COPYFILE_EXCL);
  // To create it anew, Windows would ask for the same attributes again.
  const file = openSync(path, "r+");
  ftruncateSync(file);
  return file;
}

/** What a plain write would not be allowed is not to be done by replacing the file. */
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
