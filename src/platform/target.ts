import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { unwritable } from "./unwritable.ts";

/**
 * Resolves the symbolic links of a path, even if the last one points to a missing file, so that a write replaces the file and keeps the
 * links.
 * @throws RoleError `FileUnwritable` if the links form a loop or cannot be followed
 */
export function targetOf(path: string): string {
  try {
    let target = path;
    for (let links = 0; links < mostLinks; links++) {
      const real = join(realFolder(dirname(target)), basename(target));
      if (!lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink()) return real;
      target = resolve(dirname(real), readlinkSync(real));
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
  throw unwritable(path, Object.assign(new Error("too many symbolic links"), { code: "ELOOP" }));
}

// Linux's limit.
const mostLinks = 40;

/**
 * The folder itself if it is missing, or if Node cannot resolve it. On Windows Node reads each folder above it, and the user may lack access
 * to those of a network home; it fails for a path that begins with `\\?\`, too.
 */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/**
 * Creates the folder of a file if it is missing.
 * @throws RoleError `FileUnwritable`
 */
export function makeFolderOf(path: string): void {
  try {
    makeFolder(dirname(path));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
