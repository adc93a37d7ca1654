import { join } from "node:path";
import { namesIn } from "../platform/staged-owner.ts";
import type { CacheDirectories } from "./cache-request.ts";
import { readEntryFile } from "./entry-file.ts";
import { parseEntry } from "./entry-format.ts";
import { isExpired } from "./expiry.ts";
import { cliEntryName, ownEntryName } from "./sweep.ts";

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
