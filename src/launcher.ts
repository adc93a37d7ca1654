/**
 * What a stored `credential_process` runs: finds the newest installed version of the module and runs its command.
 * `src/platform/command-line.ts` writes it into the user's private folder, so that no version is part of the stored path.
 */
import "./platform/refuse-debugger.ts";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The folder that contains a folder for each version. Defined in the line that is written before this code. */
declare const versionsFolder: string;

const command = newestCommand();
if (command === undefined) {
  process.stderr.write(
    `role-credentials: ${versionsFolder} has no version of RoleCredentials that only you or an administrator can change. Run Install-PSResource RoleCredentials, and store this profile again with Set-RoleCredentials -AsProcess.\n`,
  );
  process.exit(1);
}
require(command);

function newestCommand(): string | undefined {
  const core = versionsIn(versionsFolder)
    .map((version) => join(versionsFolder, version, "core"))
    .find(isUnchangeableByOthers);
  return core && join(core, "role-credentials.cjs");
}

function versionsIn(folder: string): string[] {
  const numbers = (version: string) => version.split(".").map(Number);
  const newerFirst = (one: string, other: string) => {
    const [ones, others] = [numbers(one), numbers(other)];
    const at = ones.findIndex((number, index) => number !== others[index]);
    return at < 0 ? 1 : (others[at] ?? -1) - (ones[at] ?? -1);
  };
  return namesIn(folder)
    .filter((name) => /^\d+(\.\d+){1,3}$/.test(name))
    .sort(newerFirst);
}

/** Whether the files exist, and only this user or an administrator can change them. */
function isUnchangeableByOthers(core: string): boolean {
  const files = namesIn(core);
  const paths = [versionsFolder, join(core, ".."), core, ...files.map((name) => join(core, name))];
  return files.includes("role-credentials.cjs") && paths.every(isOwn);
}

/** On Windows, access lists decide, and Node cannot read them. The module's folder inherits its own from the user's or the system's. */
function isOwn(path: string): boolean {
  if (process.geteuid === undefined) return true;
  const { uid, gid, mode } = statSync(path);
  // Some distributions give each user a group, with the user's number, and let it write by default.
  const othersMayWrite = gid === uid ? 0o002 : 0o022;
  return (uid === 0 || uid === process.geteuid()) && (mode & othersMayWrite) === 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It is missing, or another user's.
    return [];
  }
}
