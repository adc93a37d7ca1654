import { join } from "node:path";
import { removeQuietly } from "../platform/remove-file.ts";
import { namesIn } from "../platform/staged-file.ts";
import { cliFileName } from "./cache-key.ts";
import type { CacheContext, CacheDirectories, ClearTarget } from "./cache-request.ts";
import type { EntryMemory, MemoryEntry } from "./entry-memory.ts";
import { isSessionOf, readEntry, type StoredEntry } from "./entry-store.ts";
import { cliEntryName, ownEntryName } from "./sweep.ts";

/**
 * Removes the credentials of a target from memory and disk. In the AWS CLI's directory it removes only entries of roles, including the
 * CLI's own entries, which would be used again otherwise. In the module's own directory, `all` also removes unreadable files.
 * @returns how many entries it removed, each counted once
 */
export function clearCache(
  { own, cli }: CacheDirectories,
  memory: EntryMemory,
  target: ClearTarget,
  context: CacheContext,
): number {
  const removedFromMemory = memory.remove((entry) => matchesInMemory(entry, target));
  const known = new Set(removedFromMemory.map(({ file }) => file?.path));
  const removed = new Set<string>();
  for (const [from, directory, entryName] of [
    ["own", own, ownEntryName],
    ["cli", cli, cliEntryName],
  ] as const) {
    if (directory === undefined) continue;
    for (const name of namesIn(directory)) {
      if (!entryName.test(name)) continue;
      const path = join(directory, name);
      const found = readEntry(path, from, { now: context.now, say: () => {} });
      const isMatch = found ? known.has(path) || matchesStored(found, name, target) : from === "own" && "all" in target;
      if (!isMatch) continue;
      if (!removeQuietly(path)) context.say(`${path} could not be removed.`);
      else if (found) removed.add(path);
    }
  }
  return removed.size + removedFromMemory.filter(({ file }) => !file || !removed.has(file.path)).length;
}

export function matchesInMemory(entry: MemoryEntry, target: ClearTarget): boolean {
  if ("all" in target) return true;
  if ("roleArn" in target) return entry.roleArn === target.roleArn;
  return entry.profileNames.has(target.profileName);
}

function matchesStored(found: StoredEntry, name: string, target: ClearTarget): boolean {
  if ("all" in target) return found.from === "own" || found.origin !== undefined || found.operation !== undefined;
  if ("roleArn" in target) {
    const session = found.entry.assumedRoleUser?.arn;
    if (found.origin?.roleArn !== undefined) return found.origin.roleArn === target.roleArn;
    return session !== undefined && isSessionOf(session, target.roleArn);
  }
  if (found.origin?.profileNames.includes(target.profileName)) return true;
  return found.from === "cli" && (target.cliKeys ?? []).some((cliKey) => cliFileName(cliKey) === name);
}
