import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describeSelf, isGone } from "./process-identity.ts";
import { removeQuietly } from "./remove-file.ts";

/**
 * Name of a staged file. It identifies this process (id, start time, machine), so that other processes know whether the file is still being
 * written. It need not be secret: an existing file is never opened.
 */
export function stagedFileName(target: string): string {
  const random = Math.random().toString(36).slice(2);
  return `.${target}.${processName()}-${random}.staged`;
}

/** Identifies this process in the name of a staged file. */
export function processName(): string {
  const [pid, startTime, place] = describeSelf(0).split(" ");
  return [Number(pid).toString(36), Number(startTime).toString(36), place].join("-");
}

const staged = /^\.(.+)\.([0-9a-z]+)-([0-9a-z]+)-([0-9a-f]{12})-[0-9a-z]+\.staged$/;

/**
 * Removes a folder's staged files whose process has ended. A file staged on another machine or in another container counts as abandoned
 * after a minute, because writing takes milliseconds.
 * @param only the name of the target whose staged files are meant; those of all targets by default
 */
export function discardAbandoned(folder: string, now: number, only?: string): void {
  for (const name of namesIn(folder)) {
    const [, target, pid = "", startTime = "", place = ""] = staged.exec(name) ?? [];
    if (target === undefined || (only !== undefined && target !== only)) continue;
    const path = join(folder, name);
    const owner = [Number.parseInt(pid, 36), Number.parseInt(startTime, 36), place].join(" ");
    if (isGone(owner) || ageOf(path, now) > minute) removeQuietly(path);
  }
}

const minute = 60_000;

/** Names in a folder. Empty if the folder cannot be listed: it may still be writable. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Age in milliseconds; infinite for a missing file. For a time in the future, the distance: one of the two clocks is wrong. */
export function ageOf(path: string, now: number): number {
  try {
    return Math.abs(now - lstatSync(path).mtimeMs);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
