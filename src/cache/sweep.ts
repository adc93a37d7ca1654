import { utimesSync } from "node:fs";
import { join } from "node:path";
import { isUnchanged } from "../platform/file-state.ts";
import { removeQuietly } from "../platform/remove-file.ts";
import { ageOf, discardAbandoned, namesIn } from "../platform/staged-file.ts";
import type { CacheContext, CacheDirectories } from "./cache-request.ts";
import { readEntryFile, writeEntryFile } from "./entry-file.ts";
import { parseEntry } from "./entry-format.ts";
import type { DirectoryName } from "./entry-store.ts";
import { isExpired } from "./refresh-window.ts";

export const ownEntryName = /^[0-9a-f]{64}\.json$/;
export const cliEntryName = /^[0-9a-f]{40}\.json$/;

const lockName = /^[0-9a-f]{64}\.lock(?:\.[\w-]+)?$/;
const markerName = "last-swept";

const minute = 60_000;
/** Age after which a lock counts as abandoned. A live process renews its lock. */
const abandonedAfter = minute;
export const sweepEvery = 60 * minute;
/** The shortest session that STS allows. */
const shortestSession = 15 * minute;
const mostEntriesPerSweep = 5_000;

/**
 * Removes staged files and locks of killed processes. At most once an hour among all processes, also removes expired entries: all of them
 * in the module's own directory, and only this module's in the AWS CLI's. Skips files that cannot be removed.
 */
export function sweepCache({ own, cli }: CacheDirectories, context: CacheContext): void {
  const now = context.now();
  const isDue = own !== undefined && ageOf(join(own, markerName), now) > sweepEvery;
  if (isDue) leaveMarker(own, now);
  if (own) sweepDirectory(own, "own", isDue, now);
  if (cli) sweepDirectory(cli, "cli", isDue, now);
}

function sweepDirectory(directory: string, directoryName: DirectoryName, withExpired: boolean, now: number): void {
  discardAbandoned(directory, now);
  const entryName = directoryName === "own" ? ownEntryName : cliEntryName;
  let examined = 0;
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    if (directoryName === "own" && lockName.test(name)) {
      if (ageOf(path, now) > abandonedAfter) removeQuietly(path);
    } else if (withExpired && entryName.test(name) && ageOf(path, now) > shortestSession) {
      examined += 1;
      if (examined > mostEntriesPerSweep) return;
      const read = readEntryFile(path);
      const parsed = read && parseEntry(read.text);
      if (parsed && isExpired(parsed, now) && (directoryName === "own" || parsed.origin) && isUnchanged(read.file))
        removeQuietly(path);
    }
  }
}

function leaveMarker(directory: string, now: number): void {
  try {
    const marker = join(directory, markerName);
    writeEntryFile(marker, "");
    utimesSync(marker, now / 1000, now / 1000);
  } catch {}
}
