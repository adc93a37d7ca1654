/**
 * Small files by which one run of a command helps the next. They count only when file and folder are this user's and closed to all
 * others: docs/decisions/0005.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Environment } from "../protocol/context.ts";
import { otherOwnerOf } from "./folder-owner.ts";
import { removeQuietly } from "./remove-file.ts";

/** Beside the cache of credentials: who may write there may name a `credential_process` too. */
export function ourFolder({ HOME, USERPROFILE }: Environment, name: string): string | undefined {
  const home = HOME || USERPROFILE;
  return home && isAbsolute(home) ? join(home, ".aws", "role-credentials", name) : undefined;
}

/** @param read what is in the file that is open */
export function readOurs(
  folder: string,
  name: string,
  read: (file: number) => Buffer = (file) => readFileSync(file),
): Buffer | undefined {
  let file: number;
  try {
    if (!isOurs(lstatSync(folder, { bigint: true }), "directory")) return undefined;
    file = openSync(join(folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    return isOurs(fstatSync(file, { bigint: true }), "file") ? read(file) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Of this user, and closed to all others. On Windows a home is, by its access list. */
function isOurs(status: BigIntStats, kind: "file" | "directory"): boolean {
  if (kind === "file" ? !status.isFile() : !status.isDirectory()) return false;
  return process.geteuid === undefined || (status.uid === BigInt(process.geteuid()) && (status.mode & 0o077n) === 0n);
}

/**
 * Whole or not at all. What cannot be written is not worth a word.
 * @param isOld which of the other files in the folder go with it
 */
export function leaveOurs(
  folder: string,
  name: string,
  content: Buffer | string,
  isOld: (other: string) => boolean,
): void {
  const staged = join(folder, `.${name}.${process.pid}`);
  try {
    // Not where there is no ~/.aws: nothing of this user's credentials is kept here.
    // Nor as root in another user's home: what that user can write, root must not trust.
    const parent = dirname(folder);
    if (otherOwnerOf(dirname(parent))) return;
    for (const directory of [parent, folder]) makeDirectory(directory);
    if (!isOurs(lstatSync(folder, { bigint: true }), "directory")) return;
    writeFileSync(staged, content, { mode: 0o600, flag: "wx" });
    renameSync(staged, join(folder, name));
    for (const other of readdirSync(folder)) {
      if (other !== name && isOld(other)) removeQuietly(join(folder, other));
    }
  } catch {
    removeQuietly(staged);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
