import { join } from "node:path";
import { removeQuietly } from "../platform/remove-file.ts";
import { namesIn } from "../platform/staged-file.ts";
import { cliFileName } from "./cache-key.ts";
import type { CacheContext, CacheDirectories, ClearedEntry, ClearTarget } from "./cache-request.ts";
import type { EntryMemory, RememberedEntry } from "./entry-memory.ts";
import { isSessionOf, readEntry, type Shelf, type StoredEntry } from "./entry-store.ts";
import { cliEntryName, ownEntryName } from "./sweep.ts";

/**
 * Removes the credentials of a target from memory and disk. In the AWS CLI's directory it removes only entries of roles, including the
 * CLI's own entries, which would be used again otherwise. In the module's own directory, `all` also removes unreadable files.
 */
export function clearCache(
  directories: CacheDirectories,
  memory: EntryMemory,
  target: ClearTarget,
  context: CacheContext,
): readonly ClearedEntry[] {
  const remembered = memory.forget((entry) => matchesRemembered(entry, target));
  const paths = new Map(remembered.flatMap((entry) => (entry.file ? [[entry.file.path, entry] as const] : [])));
  const quiet: CacheContext = { now: context.now, say: () => {} };
  const cleared: ClearedEntry[] = [];

  const clearShelf = (from: Shelf, directory: string | undefined, entryName: RegExp) => {
    if (directory === undefined) return;
    for (const name of namesIn(directory)) {
      if (!entryName.test(name)) continue;
      const path = join(directory, name);
      const found = readEntry(path, from, quiet);
      const known = paths.get(path);
      const goes = found
        ? known !== undefined || matchesStored(found, name, target)
        : from === "disk" && "all" in target;
      if (!goes) continue;
      if (!removeQuietly(path)) {
        context.say(`${path} could not be removed.`);
      } else if (found) {
        paths.delete(path);
        cleared.push(describe(from, found, known));
      }
    }
  };
  clearShelf("disk", directories.own, ownEntryName);
  clearShelf("cli", directories.cli, cliEntryName);

  const onlyInMemory = remembered.filter((entry) => entry.file === undefined || paths.has(entry.file.path));
  return [...cleared, ...onlyInMemory.map((entry) => describe("memory", entry, entry))];
}

export function matchesRemembered(entry: RememberedEntry, target: ClearTarget): boolean {
  if ("all" in target) return true;
  if ("roleArn" in target) return entry.roleArn === target.roleArn;
  return entry.profileNames.has(target.profileName);
}

function matchesStored(found: StoredEntry, name: string, target: ClearTarget): boolean {
  if ("all" in target) return found.from === "disk" || found.origin !== undefined || found.operation !== undefined;
  if ("roleArn" in target) {
    const session = found.entry.assumedRoleUser?.arn;
    if (found.origin?.roleArn !== undefined) return found.origin.roleArn === target.roleArn;
    return session !== undefined && isSessionOf(session, target.roleArn);
  }
  if (found.origin?.profileNames.includes(target.profileName)) return true;
  return found.from === "cli" && (target.cliKeys ?? []).some((cliKey) => cliFileName(cliKey) === name);
}

function describe(
  from: ClearedEntry["from"],
  { entry, origin }: Pick<StoredEntry, "entry"> & Partial<Pick<StoredEntry, "origin">>,
  known: RememberedEntry | undefined,
): ClearedEntry {
  const roleArn = origin?.roleArn ?? known?.roleArn;
  return {
    from,
    ...(roleArn === undefined ? {} : { roleArn }),
    profileNames: [...new Set([...(origin?.profileNames ?? []), ...(known?.profileNames ?? [])])],
    expiration: entry.credentials.expiration,
  };
}
