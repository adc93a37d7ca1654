import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "./digest.ts";
import { describeSelf, isGone } from "./process-identity.ts";
import { removeQuietly } from "./remove-file.ts";

/**
 * Names this process in the name of a file that it stages, so that others can tell whether it is still being written: number, start time,
 * and where those mean this process.
 */
export function ownerMark(): string {
  const [pid, startTime, place = ""] = describeSelf(0).split(" ");
  return [Number(pid).toString(36), Number(startTime).toString(36), placeMark(place)].join("-");
}

/** The pattern of {@link ownerMark}. */
export const ownerMarkPattern = "[0-9a-z]+-[0-9a-z]+-[0-9a-f]{12}";

/**
 * Removes the staged files of a directory that nobody will finish. What another machine or container stages, or whose name tells no
 * owner, counts as abandoned after a minute: it takes milliseconds to write.
 * @param isStaged whether a name is one of ours
 */
export function discardAbandoned(directory: string, isStaged: (name: string) => boolean, now: number): void {
  for (const name of namesIn(directory)) {
    if (!isStaged(name)) continue;
    const path = join(directory, name);
    if (isOwnerGone(name) || ageOf(path, now) > minute) removeQuietly(path);
  }
}

function isOwnerGone(name: string): boolean {
  const [, mark = ""] = new RegExp(`[-.](${ownerMarkPattern})[-.]`).exec(name) ?? [];
  const [pid = "", startTime = "", where] = mark.split("-");
  const [, , here = ""] = describeSelf(0).split(" ");
  if (where !== placeMark(here)) return false;
  return isGone([Number.parseInt(pid, 36), Number.parseInt(startTime, 36), here].join(" "));
}

function placeMark(place: string): string {
  return sha256Hex(place).slice(0, 12);
}

const minute = 60_000;

export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** In milliseconds; endless for what isn't there. A file from the future counts by its distance: one of the two clocks was wrong. */
export function ageOf(path: string, now: number): number {
  try {
    return Math.abs(now - lstatSync(path).mtimeMs);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
