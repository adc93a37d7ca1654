import { readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";

// A lock is a link whose target is its text. On Windows, where only an administrator makes links, it is a file.
const isFile = process.platform === "win32";

export function writeLock(path: string, text: string): string {
  if (isFile) writeFileSync(path, text);
  else symlinkSync(text, path);
  return path;
}

export function readLock(path: string): string {
  return isFile ? readFileSync(path, "utf8") : readlinkSync(path);
}
