import { join } from "node:path";
import type { CacheDirectories } from "./cache-request.ts";
import { cliEntryName, ownEntryName } from "./cache-sweep.ts";
import { readEntryFile } from "./entry-file.ts";
import { parseEntry } from "./entry-format.ts";
import { namesIn } from "./staged-owner.ts";
import { isExpired } from "./time-left.ts";

/** So many files are looked at in each directory: they tell as much as all, and a thousand would take as long as what is decided. */
const mostLooked = 50;

/** Whether either directory holds credentials that have not expired, whoever's. */
export function holdsUnexpired({ cli, own }: CacheDirectories, now: number): boolean {
  return holds(cli, cliEntryName, now) || holds(own, ownEntryName, now);
}

function holds(directory: string | undefined, entryName: RegExp, now: number): boolean {
  if (directory === undefined) return false;
  const names = namesIn(directory).filter((name) => entryName.test(name));
  return names.slice(-mostLooked).some((name) => {
    const file = readEntryFile(join(directory, name));
    const parsed = file && parseEntry(file.text);
    return parsed !== undefined && !isExpired(parsed, now);
  });
}
