import { unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { commit, flushFolder, type StagedFile, stage } from "./atomic-write.ts";
import { type FileLock, takeLock } from "./file-lock.ts";
import { removeQuietly } from "./remove-file.ts";
import { holds, isUnchanged, type Snapshot, takeCalmSnapshot } from "./snapshot.ts";
import { discardAbandoned } from "./staged-file.ts";
import { isSystemError } from "./system-error.ts";
import { makeFolderOf, targetOf } from "./target.ts";
import { unwritable } from "./unwritable.ts";

/** Computes the files' new contents from their current ones. Must be pure: it runs again if a file changes concurrently. */
type Edit = (contents: readonly Buffer[]) => readonly Buffer[];

type FileContext = Pick<Context, "signal" | "say" | "createFileLike">;

export interface UpdateOptions {
  /** Run the edit and change nothing, for `-WhatIf`. */
  readonly dryRun?: boolean;
}

/**
 * Changes a file in one step: readers see the old content or the new, and a failure leaves it unchanged. Only the owner can read the new
 * file. Symbolic links are kept. An edit that changes nothing writes nothing. If another program changes the file at the same time, the
 * edit is repeated on the new content.
 * @throws RoleError `FileUnwritable`, `FileBusy`, `Cancelled`, and any error of the edit
 */
export async function updateFile(
  path: string,
  edit: (content: Buffer) => Buffer,
  context: FileContext,
  options: UpdateOptions = {},
): Promise<void> {
  await updateFiles([path], ([content = Buffer.alloc(0)]) => [edit(content)], context, options);
}

/**
 * Changes several files that belong together: locks, edits and stages all of them before replacing the first. If a later file cannot be
 * replaced, restores the earlier ones.
 */
export async function updateFiles(
  paths: readonly string[],
  edit: Edit,
  context: FileContext,
  { dryRun = false }: UpdateOptions = {},
): Promise<void> {
  const files = paths.map((path): File => ({ path, target: targetOf(path) }));
  // Find most errors before creating anything. An edit that changes nothing ends here.
  const first = await plan(files, edit);
  if (dryRun || !first.some(isChanged)) return;
  const locks = await lockAll(first, context);
  try {
    for (const { target } of first)
      if (locks.get(target)?.lock) discardAbandoned(dirname(target), Date.now(), basename(target));
    await updateLocked(files, edit, locks, context, first);
  } catch (error) {
    // A system error in between, such as a failed stat.
    throw isSystemError(error) ? unwritable(paths[0] ?? "", error) : error;
  } finally {
    for (const { lock } of locks.values()) lock?.release();
  }
}

interface File {
  readonly path: string;
  readonly target: string;
}

interface PlannedFile extends File {
  readonly before: Snapshot;
  readonly after: Buffer;
}

async function plan(files: readonly File[], edit: Edit): Promise<PlannedFile[]> {
  const read = files.map(async (file) => ({ ...file, before: await takeCalmSnapshot(file.target) }));
  const current = await Promise.all(read);
  const contents = edit(current.map(({ before }) => before.content));
  return current.map((file, index) => ({ ...file, after: contents[index] ?? file.before.content }));
}

function isChanged({ before, after }: PlannedFile): boolean {
  return after !== before.content && !after.equals(before.content);
}

/** A lock, or the error of taking it. The error matters only if the file has to change. */
interface MaybeLock {
  readonly lock?: FileLock;
  readonly error?: unknown;
}

async function lockAll(
  files: readonly PlannedFile[],
  context: Pick<Context, "signal">,
): Promise<ReadonlyMap<string, MaybeLock>> {
  const locks = new Map<string, MaybeLock>();
  try {
    // Always lock in the same order, to avoid a deadlock.
    for (const file of files.toSorted((one, other) => (one.target < other.target ? -1 : 1))) {
      if (locks.has(file.target)) continue;
      locks.set(file.target, await lockOne(file, context));
    }
    return locks;
  } catch (error) {
    for (const { lock } of locks.values()) lock?.release();
    throw error;
  }
}

async function lockOne(file: PlannedFile, context: Pick<Context, "signal">): Promise<MaybeLock> {
  try {
    if (isChanged(file)) makeFolderOf(file.target);
    return { lock: await takeLock(file.target, context) };
  } catch (error) {
    if (isChanged(file) || !(error instanceof RoleError) || error.code !== "FileUnwritable") throw error;
    return { error };
  }
}

async function updateLocked(
  files: readonly File[],
  edit: Edit,
  locks: ReadonlyMap<string, MaybeLock>,
  context: FileContext,
  first: readonly PlannedFile[],
): Promise<void> {
  let planned: readonly PlannedFile[] | undefined = first.every(({ target, before }) => isUnchanged(target, before))
    ? first
    : undefined;
  for (let round = 0; round < mostRounds; round++) {
    planned ??= await plan(files, edit);
    const done = await replaceAll(planned.filter(isChanged), locks, context);
    if (done && planned.every(stillThere)) return;
    // Another program wrote one of the files: repeat the edit on the new content.
    planned = undefined;
  }
  const path = files[0]?.path ?? "";
  throw new RoleError("FileBusy", `Another program keeps changing ${path}.`, {
    target: path,
    action: "Wait for the other program, and try again.",
  });

  function stillThere(file: PlannedFile): boolean {
    return !isChanged(file) || holds(file.target, file.after);
  }
}

const mostRounds = 50;

/** Returns false and replaces nothing if one of the files changed after it was planned. */
async function replaceAll(
  files: readonly PlannedFile[],
  locks: ReadonlyMap<string, MaybeLock>,
  context: Pick<Context, "say" | "createFileLike">,
): Promise<boolean> {
  const staged: StagedFile[] = [];
  try {
    for (const file of files) {
      const error = locks.get(file.target)?.error;
      if (error !== undefined) throw error;
      staged.push(await staging(file, context));
    }
    const areOurs = files.every(
      (file) => locks.get(file.target)?.lock?.held() && isUnchanged(file.target, file.before),
    );
    if (!areOurs) return false;
    for (const [index, file] of staged.entries()) await commitOrPutBack(file, files, index, context);
    for (const file of files) sayIfNarrowed(file, context);
    for (const { target } of staged) await flushFolder(target);
    return true;
  } finally {
    for (const { path } of staged) removeQuietly(path);
  }
}

async function staging(
  { path, target, after, before }: PlannedFile,
  { createFileLike }: Pick<Context, "createFileLike">,
): Promise<StagedFile> {
  try {
    return await stage(target, after, before.stats, createFileLike);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function commitOrPutBack(
  staged: StagedFile,
  files: readonly PlannedFile[],
  index: number,
  context: Pick<Context, "createFileLike">,
): Promise<void> {
  try {
    await commit(staged);
  } catch (cause) {
    for (const earlier of files.slice(0, index)) await putBack(earlier, context);
    throw unwritable(files[index]?.path ?? staged.target, cause);
  }
}

/** Restores an earlier file of a group. */
async function putBack(
  { path, target, before }: PlannedFile,
  { createFileLike }: Pick<Context, "createFileLike">,
): Promise<void> {
  try {
    if (before.stats) await commit(await stage(target, before.content, before.stats, createFileLike));
    else unlinkSync(target);
  } catch (cause) {
    throw new RoleError("FileUnwritable", `${path} was changed, but the other file of the same change could not be.`, {
      target: path,
      action: "Check the disk, then store the profile again.",
      cause,
    });
  }
}

function sayIfNarrowed({ path, before }: PlannedFile, { say }: Pick<Context, "say">): void {
  const mode = Number(before.stats?.mode ?? 0) & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    say(`${path} was readable by others (mode ${mode.toString(8)}). Now only its owner can read it.`);
  }
}
