import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { giveFolderToOwner } from "./folder-owner.ts";
import { codeOf } from "./system-error.ts";

/**
 * Creates a folder and its parents, accessible only to their owner. Node's recursive `mkdir` loops forever if a parent returns ENOENT, as
 * `/proc` does.
 * @throws the system's error
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process created it first.
    if (codeOf(error) === "EEXIST" && isFolder(path)) return;
    throw error;
  }
  giveFolderToOwner(path, parent);
}

/** False for a missing path and for a dangling link. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
