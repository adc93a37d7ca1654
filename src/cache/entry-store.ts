import { basename, dirname, join } from "node:path";
import type { FileState } from "../platform/file-state.ts";
import type { CacheContext, CacheDirectories, CacheEntry, CacheRequest } from "./cache-request.ts";
import { ensureDirectory, narrowFile, readEntryFile, writeEntryFile, writeEntryFileDurably } from "./entry-file.ts";
import { formatEntry, type ParsedEntry, parseEntry, type Stamp } from "./entry-format.ts";
import { hasTimeLeft, isAlive, type RefreshWindow } from "./expiry.ts";
import { cliFileName } from "./request-key.ts";

export type Shelf = "cli" | "disk";

export interface StampedEntry extends ParsedEntry {
  readonly stamp: Stamp;
}

export interface StoredEntry extends ParsedEntry {
  readonly from: Shelf;
  readonly file: FileState;
}

/**
 * The entry on disk that answers the request and has time left.
 * In the AWS CLI's directory that is one which the CLI wrote, or which we wrote for the same request: its key does not tell who asked.
 */
export function findEntry(
  directories: CacheDirectories,
  request: CacheRequest,
  digest: string,
  context: CacheContext,
  window: RefreshWindow,
): StoredEntry | undefined {
  const now = context.now();
  if (directories.cli && request.cliKey) {
    const found = readEntry(join(directories.cli, cliFileName(request.cliKey)), "cli", context);
    if (found && answers(found, request, digest) && hasTimeLeft(found, request, now, window)) return found;
  }
  if (!directories.own) return undefined;
  const found = readEntry(join(directories.own, ownFileName(digest)), "disk", context);
  return found?.stamp?.request === digest && hasTimeLeft(found, request, now, window) ? found : undefined;
}

/** What was answered to the request just now. Whatever was asked for, it lasts no longer than whoever gave it said. */
export function stampAnswer(request: CacheRequest, digest: string, entry: CacheEntry, now: number): StampedEntry {
  const lengths = [request.durationSeconds, entry.lifetime && Math.floor(entry.lifetime / 1000)];
  const durationSeconds = Math.min(...lengths.filter((seconds) => seconds !== undefined));
  return {
    entry,
    operation: request.operation,
    stamp: {
      request: digest,
      operation: request.operation,
      obtainedAt: now,
      ...(Number.isFinite(durationSeconds) ? { durationSeconds } : {}),
      ...(request.roleArn === undefined ? {} : { roleArn: request.roleArn }),
      profileNames: request.profileName === undefined ? [] : [request.profileName],
    },
  };
}

/**
 * Writes the answer where the AWS CLI looks for it, unless somebody else's entry lives there or the CLI could not have asked for it;
 * then to our own directory. A disk that cannot be written costs one line.
 * @param isWanted asked before a file is put in place: the entry may have been cleared while it was being written
 */
export async function storeEntry(
  directories: CacheDirectories,
  request: CacheRequest,
  answer: StampedEntry,
  context: CacheContext,
  isWanted: () => boolean,
): Promise<StoredEntry | undefined> {
  const text = formatEntry(answer.entry, answer.stamp);
  let failure: unknown;
  for (const [from, directory, name] of places(directories, request, answer.stamp.request, context)) {
    if (!isWanted()) return undefined;
    try {
      ensureDirectory(directory, from === "disk");
      // The AWS CLI stumbles over the empty file that a loss of power can leave; for us that is a miss like any other.
      const file =
        from === "cli"
          ? await writeEntryFileDurably(directory, name, text, isWanted)
          : writeEntryFile(directory, name, text);
      return file && { ...answer, from, file };
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) context.say(`The credentials could not be cached on disk (${reasonOf(failure)}).`);
  return undefined;
}

/**
 * Notes that one more profile uses the entry, so that clearing that profile finds it. What the AWS CLI wrote is not ours to rewrite.
 * @returns what is on disk now, or `undefined` when that did not change
 */
export function addProfileName(
  found: ParsedEntry & { readonly file: FileState },
  profileName: string,
  context: CacheContext,
): (StampedEntry & { readonly file: FileState }) | undefined {
  if (!found.stamp || found.stamp.profileNames.includes(profileName)) return undefined;
  if (found.stamp.profileNames.length >= mostProfileNames) return undefined;
  const stamp = { ...found.stamp, profileNames: [...found.stamp.profileNames, profileName] };
  const { path } = found.file;
  try {
    const file = writeEntryFile(dirname(path), basename(path), formatEntry(found.entry, stamp));
    return { ...found, stamp, file };
  } catch (error) {
    context.say(`The cached credentials could not be noted as those of profile '${profileName}' (${reasonOf(error)}).`);
    return undefined;
  }
}

/** An entry's file, parsed. Says where others can read it, and narrows it if it is ours. */
export function readEntry(path: string, from: Shelf, context: CacheContext): StoredEntry | undefined {
  const read = readEntryFile(path);
  const parsed = read && parseEntry(read.text);
  if (!parsed) return undefined;
  if (read.wide) {
    if (from === "disk") narrowFile(path);
    context.say(`Others on this machine could read the cached credentials in ${path}.`);
  }
  return { ...parsed, from, file: read.file, writtenAt: read.file.modifiedAt };
}

export function ownFileName(digest: string): string {
  return `${digest}.json`;
}

/** The system's own words, which name the file and never what is in it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const mostProfileNames = 100;

/** Where to write, best first. */
function places(
  directories: CacheDirectories,
  request: CacheRequest,
  digest: string,
  context: CacheContext,
): [Shelf, string, string][] {
  const found: [Shelf, string, string][] = [];
  if (directories.cli && request.cliKey) {
    const name = cliFileName(request.cliKey);
    const there = readEntry(join(directories.cli, name), "cli", context);
    const taken = there && there.stamp?.request !== digest && isAlive(there, request.operation, context.now());
    if (!taken) found.push(["cli", directories.cli, name]);
  }
  if (directories.own) found.push(["disk", directories.own, ownFileName(digest)]);
  return found;
}

function answers(found: StoredEntry, request: CacheRequest, digest: string): boolean {
  if (found.stamp) return found.stamp.request === digest;
  if (found.operation && found.operation !== request.operation) return false;
  const { assumedRoleUser, credentials } = found.entry;
  // botocore keeps STS's whole response, which names the session, and of Identity Center's response the account alone.
  if (request.operation === "GetRoleCredentials")
    return found.operation === request.operation && isOrUnknown(credentials.accountId, request.cliKey?.accountId);
  if (!assumedRoleUser || request.roleArn === undefined || !isSessionOf(assumedRoleUser.arn, request.roleArn))
    return false;
  const sessionName = assumedRoleUser.arn.slice(assumedRoleUser.arn.lastIndexOf("/") + 1);
  return (
    isOrUnknown(request.cliKey?.RoleSessionName, sessionName) &&
    isOrUnknown(credentials.accountId, request.roleArn.split(":")[4])
  );
}

function isOrUnknown(one: string | number | undefined, other: string | number | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/**
 * Whether a session's ARN (`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`) belongs to a role's (`arn:aws:iam::ACCOUNT:role/PATH/NAME`).
 */
export function isSessionOf(sessionArn: string, roleArn: string): boolean {
  const [, partition, , , account, resource = ""] = roleArn.split(":");
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  return sessionArn.startsWith(`arn:${partition}:sts::${account}:assumed-role/${name}/`);
}
