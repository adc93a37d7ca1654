import { rmSync } from "node:fs";

/** Tries to remove a file and returns whether it did. With `force`, `rmSync` would ignore only a missing file. */
export function removeQuietly(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}
