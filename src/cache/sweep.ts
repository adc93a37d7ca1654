import { utimesSync } from "node:fs";
import { join } from "node:path";
import { isUnchanged } from "../platform/file-state.ts";
import { removeQuietly } from "../platform/remove-file.ts";
import { ageOf, discardAbandoned, namesIn } from "../platform/staged-owner.ts";
import type { CacheContext, CacheDirectories } from "./cache-request.ts";
import { readEntryFile, stagedName, writeEntryFile } from "./entry-file.ts";
import { parseEntry } from "./entry-format.ts";
import { isExpired } from "./expiry.ts";

export const ownEntryName = /^[0-9a-f]{64}\.json$/;
export const cliEntryName = /^[0-9a-f]{40}\.json$/;

const lockName = /^[0-9a-f]{64}\.lock(?:\.[\w-]+)?$/;
const markerName = "last-swept";

const minute = 60_000;
/** Locks of a process that was killed. One that is at work writes into its lock. */
const abandonedAfter = minute;
const sweepEvery = 60 * minute;
/** STS grants no shorter session. */
const shortestSession = 15 * minute;
const mostEntriesPerSweep = 5_000;

/**
 * Removes what killed processes left, and at most once an hour for all processes what has expired: in our own directory all of it, in the
 * AWS CLI's only what we wrote there. Best effort: what cannot be removed stays.
 */
export function sweepCache(directories: CacheDirectories, context: CacheContext): void {
  const now = context.now();
  const isDue = directories.own !== undefined && ageOf(join(directories.own, markerName), now) > sweepEvery;
  if (isDue) leaveMarker(directories.own, now);
  if (directories.own) sweepDirectory(directories.own, ownEntryName, () => true, isDue, now);
  if (directories.cli) sweepDirectory(directories.cli, cliEntryName, (isOurs) => isOurs, isDue, now);
}

function sweepDirectory(
  directory: string,
  entryName: RegExp,
  isForUs: (isOurs: boolean) => boolean,
  withExpired: boolean,
  now: number,
): void {
  discardAbandoned(directory, (name) => stagedName.test(name), now);
  let examined = 0;
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    if (entryName === ownEntryName && lockName.test(name)) {
      if (ageOf(path, now) > abandonedAfter) removeQuietly(path);
    } else if (withExpired && entryName.test(name) && ageOf(path, now) > shortestSession) {
      examined += 1;
      if (examined > mostEntriesPerSweep) return;
      const read = readEntryFile(path);
      const parsed = read && parseEntry(read.text);
      if (parsed && isExpired(parsed, now) && isForUs(parsed.stamp !== undefined) && isUnchanged(read.file))
        removeQuietly(path);
    }
  }
}

function leaveMarker(directory: string | undefined, now: number): void {
  if (directory === undefined) return;
  try {
    writeEntryFile(directory, markerName, "");
    utimesSync(join(directory, markerName), now / 1000, now / 1000);
  } catch {}
}
