import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Environment } from "../protocol/context.ts";
import { otherOwnerOf } from "./folder-owner.ts";

/**
 * Returns a folder in `~/.aws/role-credentials` that belongs to this user and is closed to others (0700), and creates it if it is missing.
 * Undefined if the folder is not private or cannot be created, and if there is no `~/.aws`: the module creates none for a user without AWS
 * files.
 */
export function privateFolder(environment: Environment, name: string): string | undefined {
  const folder = privateFolderPath(environment, name);
  if (folder === undefined) return undefined;
  const parent = dirname(folder);
  // Root must not trust files that the owner of the home can write.
  if (otherOwnerOf(dirname(dirname(parent)))) return undefined;
  try {
    let status = statusOf(folder);
    if (!status) {
      if (!statusOf(parent)) mkdirSync(parent, { mode: 0o700 });
      mkdirSync(folder, { mode: 0o700 });
      status = statusOf(folder);
    }
    return status && isPrivate(status) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** The path of a private folder, which may not exist. Undefined without a home. */
export function privateFolderPath({ HOME, USERPROFILE }: Environment, name: string): string | undefined {
  const home = HOME || USERPROFILE;
  return home && isAbsolute(home) ? join(home, ".aws", "role-credentials", name) : undefined;
}

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** On Windows the home's access list keeps others out. */
function isPrivate(status: Stats): boolean {
  if (!status.isDirectory()) return false;
  return process.geteuid === undefined || (status.uid === process.geteuid() && (status.mode & 0o077) === 0);
}
