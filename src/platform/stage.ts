import {
  accessSync,
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { giveFileToOwner } from "./folder-owner.ts";
import { patientlyAsync, refusedReplacement } from "./patience.ts";

/** New content beside the file whose place it is to take. */
export interface StagedFile {
  readonly path: string;
  readonly target: string;
  readonly stats: BigIntStats;
}

/**
 * Writes content beside its target, readable by its owner only from the first instant, and flushes it to the disk.
 * @param before what is at the target now; the new file is no wider than that, and keeps its owner
 */
export async function stage(target: string, content: Buffer, before: BigIntStats | undefined): Promise<StagedFile> {
  if (before) checkMayReplace(target, before);
  const path = join(dirname(target), `.${basename(target)}.${randomName()}${suffix}`);
  const file = create(path, target, before !== undefined);
  try {
    return { path, target, stats: await fill(file, content, before, dirname(target)) };
  } catch (error) {
    discard({ path });
    throw error;
  }
}

/** 128 bits that nobody else has chosen. They keep no secret, for a file that is there already is never opened: `node:crypto` takes longer to load. */
function randomName(): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}

function create(path: string, target: string, exists: boolean): number {
  if (process.platform !== "win32" || !exists)
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  // A copy keeps the attributes that Node cannot set: whether the file is hidden, or encrypted.
  copyFileSync(target, path, constants.COPYFILE_EXCL);
  try {
    // To create it anew, Windows would ask for the same attributes again.
    const file = openSync(path, "r+");
    ftruncateSync(file);
    return file;
  } catch (error) {
    discard({ path });
    throw error;
  }
}

async function fill(
  file: number,
  content: Buffer,
  before: BigIntStats | undefined,
  folder: string,
): Promise<BigIntStats> {
  try {
    writeFileSync(file, content);
    if (before) keepOwnerAndMode(file, before);
    else giveFileToOwner(file, folder);
    await flush(file);
    return fstatSync(file, { bigint: true });
  } finally {
    closeSync(file);
  }
}

const suffix = ".staged";
const flush = promisify(fsync);

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

/** Puts the staged file in the place of its target. */
export async function commit({ path, target }: StagedFile): Promise<void> {
  await patientlyAsync(() => renameSync(path, target), refusedReplacement);
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

export function discard({ path }: Pick<StagedFile, "path">): void {
  try {
    if (process.platform === "win32") chmodSync(path, 0o600);
    unlinkSync(path);
  } catch {
    // It was put in place, or never made.
  }
}

/**
 * Removes what writers left that died, or could not remove it. Only who holds the target's lock may: then nobody else has a staged
 * file.
 */
export function discardStrays(target: string): void {
  const prefix = `.${basename(target)}.`;
  for (const name of namesIn(dirname(target))) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    if (/^[0-9a-f]{32}$/.test(name.slice(prefix.length, -suffix.length)))
      discard({ path: join(dirname(target), name) });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // One may write in a folder that one may not list.
    return [];
  }
}
