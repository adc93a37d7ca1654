import { closeSync, constants, fsyncSync, openSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { giveFileToOwner } from "./folder-owner.ts";
import { patiently, refusedReplacement } from "./patience.ts";
import { removeQuietly } from "./remove-file.ts";
import { discardAbandoned, ownerMark, ownerMarkPattern } from "./staged-owner.ts";

/**
 * Puts a renewed sign-in in the place of the one that it came from: beside it first, 0600 from the first instant, then
 * renamed, so that the AWS CLI reads either the old or the new one. What a process left that died at that goes first.
 * Throws what the file system says.
 */
export function replaceJsonFile(path: string, members: ReadonlyMap<string, unknown>): void {
  const target = realpathSync(path);
  const name = basename(target);
  discardAbandoned(dirname(target), (other) => other.startsWith(`${name}.`) && stagedEnd.test(other), Date.now());
  const staged = `${target}.${ownerMark()}.${Math.random().toString(36).slice(2)}.tmp`;
  const file = openSync(staged, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      giveFileToOwner(file, dirname(target));
      writeFileSync(file, JSON.stringify(Object.fromEntries(members)));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    patiently(() => renameSync(staged, target), refusedReplacement);
  } catch (error) {
    removeQuietly(staged);
    throw error;
  }
}

const stagedEnd = new RegExp(`\\.(?:${ownerMarkPattern}|\\d+)\\.[0-9a-z]+\\.tmp$`);
