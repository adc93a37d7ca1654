import { join } from "node:path";
import type { FileState } from "../platform/file-state.ts";
import type { Cipher } from "../vault/cache-cipher.ts";
import { cliFileName } from "./cache-key.ts";
import type { CacheContext, CacheDirectories, CacheEntry, CacheRequest } from "./cache-request.ts";
import { ensureDirectory, narrowFile, readEntryFile, writeEntryFile, writeEntryFileDurably } from "./entry-file.ts";
import { formatEntry, type Origin, type ParsedEntry, parseEntry } from "./entry-format.ts";
import { hasTimeLeft, isAlive, type RefreshWindow } from "./refresh-window.ts";

/** The cache directory of an entry: the module's own or the AWS CLI's. */
export type DirectoryName = keyof CacheDirectories;

interface OwnEntry extends ParsedEntry {
  readonly origin: Origin;
}

/** The module's own entries are sealed. Without a cipher, because the keychain is locked, none are read or written. */
export interface Sealing {
  cipher: Cipher | undefined;
}

/** Where an entry is on disk. */
export interface EntryPlace {
  readonly from: DirectoryName;
  readonly file: FileState;
}

export type StoredEntry = ParsedEntry & EntryPlace;

/**
 * Finds the entry on disk that matches the request and has time left. In the AWS CLI's directory that is an entry of the CLI, or this
 * module's entry for the same request: the CLI's key does not identify the source.
 */
export function findEntry(
  directories: CacheDirectories,
  request: CacheRequest,
  key: string,
  context: CacheContext,
  window: RefreshWindow,
  sealing?: Sealing,
): StoredEntry | undefined {
  const now = context.now();
  if (directories.cli && request.cliKey) {
    const found = readEntry(join(directories.cli, cliFileName(request.cliKey)), "cli", context);
    if (found && found.seal === undefined && answers(found, request, key) && hasTimeLeft(found, request, now, window))
      return found;
  }
  if (!directories.own) return undefined;
  const found = readEntry(join(directories.own, ownFileName(key)), "own", context, sealing?.cipher);
  // With sealing, an entry in plain text is replaced.
  if (!found || found.seal !== (sealing && "opened")) return undefined;
  return found.origin?.cacheKey === key && hasTimeLeft(found, request, now, window) ? found : undefined;
}

/** Creates an entry for a new response. It lasts no longer than the response says, whatever was requested. */
export function ownEntry(request: CacheRequest, key: string, entry: CacheEntry, now: number): OwnEntry {
  const lengths = [request.durationSeconds, entry.lifetime && Math.floor(entry.lifetime / 1000)];
  const durationSeconds = Math.min(...lengths.filter((seconds) => seconds !== undefined));
  const { operation, roleArn, profileName } = request;
  return {
    entry,
    origin: {
      cacheKey: key,
      operation,
      obtainedAt: now,
      durationSeconds: Number.isFinite(durationSeconds) ? durationSeconds : undefined,
      roleArn,
      profileNames: profileName === undefined ? [] : [profileName],
    },
  };
}

/**
 * Writes the entry where the AWS CLI looks for it, unless another live entry is there or the CLI could not have made the request. Otherwise
 * writes to the module's own directory. If neither can be written, reports that and continues.
 * @param isWanted checked before a file is put in place: the entry may have been cleared while it was being written
 */
export async function storeEntry(
  directories: CacheDirectories,
  request: CacheRequest,
  answer: OwnEntry,
  context: CacheContext,
  isWanted: () => boolean,
  sealing?: Sealing,
): Promise<EntryPlace | undefined> {
  let failure: unknown;
  for (const [from, directory, name] of places(directories, request, answer.origin.cacheKey, context)) {
    if (!isWanted()) return undefined;
    const isLocked = from === "own" && sealing !== undefined && sealing.cipher === undefined;
    if (isLocked) return undefined;
    const text = formatEntry(answer.entry, answer.origin, from === "own" ? sealing?.cipher : undefined);
    try {
      ensureDirectory(directory, from === "own");
      // The AWS CLI fails on the empty file that a power failure can leave. This module treats it as a miss.
      const file =
        from === "cli"
          ? await writeEntryFileDurably(join(directory, name), text, isWanted)
          : writeEntryFile(join(directory, name), text);
      return file && { from, file };
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) context.say(`The credentials could not be cached on disk (${reasonOf(failure)}).`);
  return undefined;
}

/**
 * Records that another profile uses the entry, so that clearing that profile finds it. Does not rewrite an entry of the AWS CLI.
 * @returns what changed, if anything
 */
export function addProfileName(
  { entry, origin: before, from, file }: ParsedEntry & Partial<EntryPlace>,
  profileName: string,
  context: CacheContext,
  sealing?: Sealing,
): { readonly origin: Origin; readonly file: FileState } | undefined {
  if (!before || !file || before.profileNames.includes(profileName)) return undefined;
  if (before.profileNames.length >= mostProfileNames) return undefined;
  const origin = { ...before, profileNames: [...before.profileNames, profileName] };
  try {
    const text = formatEntry(entry, origin, from === "own" ? sealing?.cipher : undefined);
    return { origin, file: writeEntryFile(file.path, text) };
  } catch (error) {
    context.say(`Profile '${profileName}' could not be added to its cached credentials (${reasonOf(error)}).`);
    return undefined;
  }
}

/** Reads and parses an entry's file. If others can read it, reports that, and narrows the mode of the module's own file. */
export function readEntry(
  path: string,
  from: DirectoryName,
  context: CacheContext,
  cipher?: Cipher,
): StoredEntry | undefined {
  const read = readEntryFile(path);
  const parsed = read && parseEntry(read.text, cipher);
  if (!parsed) return undefined;
  if (read.wide) {
    if (from === "own") narrowFile(path);
    context.say(`Others on this machine could read the cached credentials in ${path}.`);
  }
  return { ...parsed, from, file: read.file, writtenAt: read.file.modifiedAt };
}

function ownFileName(key: string): string {
  return `${key}.json`;
}

/** The system's message, which names the file and never quotes its content. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const mostProfileNames = 100;

/** Where to write, in order of preference. */
function places(
  directories: CacheDirectories,
  request: CacheRequest,
  key: string,
  context: CacheContext,
): [DirectoryName, string, string][] {
  const found: [DirectoryName, string, string][] = [];
  if (directories.cli && request.cliKey) {
    const name = cliFileName(request.cliKey);
    const there = readEntry(join(directories.cli, name), "cli", context);
    const taken = there && there.origin?.cacheKey !== key && isAlive(there, request.operation, context.now());
    if (!taken) found.push(["cli", directories.cli, name]);
  }
  if (directories.own) found.push(["own", directories.own, ownFileName(key)]);
  return found;
}

function answers(found: StoredEntry, request: CacheRequest, key: string): boolean {
  if (found.origin) return found.origin.cacheKey === key;
  if (found.operation && found.operation !== request.operation) return false;
  const { assumedRoleUser, credentials } = found.entry;
  // botocore keeps STS's whole response, which names the session, but only the account of Identity Center's response.
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
 * Whether a session's ARN (`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`) belongs to a role's ARN
 * (`arn:aws:iam::ACCOUNT:role/PATH/NAME`).
 */
export function isSessionOf(sessionArn: string, roleArn: string): boolean {
  const [, partition, , , account, resource = ""] = roleArn.split(":");
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  return sessionArn.startsWith(`arn:${partition}:sts::${account}:assumed-role/${name}/`);
}
