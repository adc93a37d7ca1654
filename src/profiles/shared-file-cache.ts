import type { BigIntStats } from "node:fs";
import { BoundedMap } from "../platform/bounded-map.ts";
import { isRecent, stateOf, statOf } from "../platform/file-state.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { codeOf } from "../platform/system-error.ts";
import { unreadable } from "../platform/unreadable.ts";
import type { FileKind } from "./section.ts";
import { SharedFile } from "./shared-file.ts";

/**
 * Returns the current file, from the cache if it has not changed on disk. A missing file, or one without a path, is empty.
 * @param onlyIfFile whether to treat anything other than a file, such as a directory, as missing
 * @throws RoleError `FileUnreadable`, `FileBroken`
 */
export function openSharedFile(path: string | undefined, kind: FileKind, onlyIfFile = false): SharedFile {
  if (path === undefined) return new SharedFile("", Buffer.alloc(0), kind);
  // Take the state before the content, so that a change between the two makes the next call read the file again.
  const stats = statsOf(path);
  if (stats && onlyIfFile && !stats.isFile()) return new SharedFile(path, Buffer.alloc(0), kind);
  const id = `${kind} ${path}`;
  const state = stateOf(stats);
  const cached = cache.get(id);
  if (cached?.state === state) return cached.file;
  const file = new SharedFile(path, stats ? contentOf(path) : Buffer.alloc(0), kind);
  cache.delete(id);
  // Don't cache a recent file: a second write in the same tick of the file system's clock would not change its state. The AWS CLI writes
  // in place, and a rotated key is as long as the old one.
  if (!stats || (stats.isFile() && !isRecent(stats))) cache.set(id, { state, file });
  return file;
}

// Enough for the two files and a few of `-ProfileLocation`.
const cache = new BoundedMap<string, { readonly state: string; readonly file: SharedFile }>(8);

function statsOf(path: string): BigIntStats | undefined {
  try {
    return statOf(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** @throws RoleError `FileUnreadable` */
function contentOf(path: string): Buffer {
  try {
    return readRegularFile(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return Buffer.alloc(0);
    throw unreadable(path, cause);
  }
}
