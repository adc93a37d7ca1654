import { rmSync } from "node:fs";

/** Removes a file, where that is possible. `force` alone forgives only a missing one. */
export function removeQuietly(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}
