import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Environment } from "../protocol/context.ts";
import { otherOwnerOf } from "./folder-owner.ts";

/**
 * A folder in `~/.aws/role-credentials` that belongs to this user and is closed to everybody else (0700). It is made where it is missing.
 * Undefined where there is no such folder, and where there is no `~/.aws`: a user without AWS files gets none from us.
 */
export function privateFolder({ HOME, USERPROFILE }: Environment, name: string): string | undefined {
  const home = HOME || USERPROFILE;
  if (!home || !isAbsolute(home)) return undefined;
  // Root must not trust what the owner of the home can write.
  if (otherOwnerOf(home)) return undefined;
  const parent = join(home, ".aws", "role-credentials");
  const folder = join(parent, name);
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

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** On Windows a home is closed to others by its access list. */
function isPrivate(status: Stats): boolean {
  if (!status.isDirectory()) return false;
  return process.geteuid === undefined || (status.uid === process.geteuid() && (status.mode & 0o077) === 0);
}
