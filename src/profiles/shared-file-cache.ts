import type { BigIntStats } from "node:fs";
import { BoundedMap } from "../platform/bounded-map.ts";
import { isRecent, stateOf, statOf } from "../platform/file-state.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { unreadable } from "../platform/unreadable.ts";
import type { FileKind } from "./section.ts";
import { SharedFile } from "./shared-file.ts";

/**
 * The file as it is on disk now, read again only when it changed. One that is missing, or has no place, is empty.
 * @param onlyIfFile whether anything else than a file, such as a directory of that name, is as good as missing
 * @throws RoleError `FileUnreadable`, `FileBroken`
 */
export function openSharedFile(path: string | undefined, kind: FileKind, onlyIfFile = false): SharedFile {
  if (path === undefined) return new SharedFile("", Buffer.alloc(0), kind);
  // The state is taken before the content: a change between the two makes the next call read again.
  const stats = statsOf(path);
  if (stats && onlyIfFile && !stats.isFile()) return new SharedFile(path, Buffer.alloc(0), kind);
  const id = `${kind} ${path}`;
  const state = stateOf(stats);
  const known = remembered.get(id);
  if (known?.state === state) return known.file;
  const file = new SharedFile(path, stats ? contentOf(path) : Buffer.alloc(0), kind);
  remembered.delete(id);
  // A later write in the same tick of the file system's clock would not show: the AWS CLI writes in place, and a rotated key has the
  // length of the old one.
  if (!stats || (stats.isFile() && !isRecent(stats))) remembered.set(id, { state, file });
  return file;
}

// The two files, and those of a few `-ProfileLocation`s.
const remembered = new BoundedMap<string, { readonly state: string; readonly file: SharedFile }>(8);

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
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return Buffer.alloc(0);
    throw unreadable(path, cause);
  }
}
