import { rmSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../platform/staged-file.ts";
import { codeOf } from "../platform/system-error.ts";
import { unwritable } from "../platform/unwritable.ts";
import { loginSessionPath, readLoginSession } from "./session-file.ts";

/**
 * Removes the stored sign-in of an identity, as `aws logout` does. AWS has no request that revokes it.
 * @returns whether there was one
 * @throws RoleError `FileUnwritable`
 */
export function signOut(cacheDirectory: string, loginSession: string): boolean {
  return removeSession(loginSessionPath(cacheDirectory, loginSession));
}

/** Removes all stored sign-ins, also those of profiles that do not exist any more. Returns how many there were. */
export function signOutAll(cacheDirectory: string): number {
  const paths = namesIn(cacheDirectory)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(cacheDirectory, name));
  return paths.filter((path) => readLoginSession(path) !== undefined && removeSession(path)).length;
}

function removeSession(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw unwritable(path, error);
  }
}
