import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { replaceFileUnflushed } from "./atomic-write.ts";
import { privateFolder, privateFolderPath } from "./private-folder.ts";
import { unwritable } from "./unwritable.ts";

/** The running command: the absolute paths of Node and of the script that it runs. */
export interface Program {
  readonly node: string;
  readonly script: string;
}

/** The program of a process, from its `argv0`, `execPath` and `argv`. */
export function programOf({ argv0, execPath, argv }: Pick<NodeJS.Process, "argv0" | "execPath" | "argv">): Program {
  // A package manager replaces what its link on PATH refers to, so the link survives an update of Node. fnm's links belong to one shell.
  const node = isAbsolute(argv0) && !argv0.includes("fnm_multishells") ? argv0 : execPath;
  return { node, script: argv[1] ?? "" };
}

/**
 * Returns the command line for a `credential_process` that runs this command. It stays valid when the module is updated: PowerShell
 * installs each version in a folder of its own, so the line then names a launcher in the user's private folder, which this function writes.
 * @param args the arguments of the command
 * @param options.dryRun writes nothing
 * @throws RoleError `FileUnwritable` if the user has no private folder
 */
export function commandLine(
  { node, script }: Program,
  args: readonly string[],
  { environment, platform }: Pick<Context, "environment" | "platform">,
  { dryRun = false }: { dryRun?: boolean } = {},
): string {
  const install = dirname(dirname(script));
  const isVersioned = /^\d+(\.\d+){1,3}$/.test(basename(install));
  const command = isVersioned ? launcherPath(environment, dryRun) : script;
  if (isVersioned && !dryRun) writeLauncher(command, dirname(install), dirname(script));
  const words = [node, command, ...args];
  return (platform === "win32" ? quotedForWindows(words) : words.map(quotedForPosix)).join(" ");
}

function launcherPath(environment: Environment, dryRun: boolean): string {
  const folder = (dryRun ? privateFolderPath : privateFolder)(environment, "bin");
  if (folder !== undefined) return join(folder, "role-credentials.cjs");
  const target = join("~", ".aws", "role-credentials", "bin");
  throw new RoleError("FileUnwritable", `The folder ${target} is not private, or cannot be created.`, {
    target,
    action: "Make ~/.aws/role-credentials a folder of yours that is closed to others (mode 0700).",
  });
}

/** Writes the launcher unless it is there already. */
function writeLauncher(path: string, versionsFolder: string, core: string): void {
  try {
    const code = readFileSync(join(core, "launcher.cjs"), "utf8");
    const launcher = `const versionsFolder = ${JSON.stringify(versionsFolder)};\n${code}`;
    if (!existsSync(path) || readFileSync(path, "utf8") !== launcher) replaceFileUnflushed(path, launcher);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** For `sh`, which most SDKs start, and for the AWS CLI, which splits the line itself. Has no backslash: the SDK for .NET doubles it. */
function quotedForPosix(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** For `cmd`, and for Microsoft's C runtime. cmd would remove the first quote and the last one of a line that begins with a quote. */
function quotedForWindows(words: readonly string[]): string[] {
  const quoted = words.map((word) => (/^[\w@+=:,.\\/-]+$/.test(word) ? word : `"${word}"`));
  return quoted.map((word, index) => (index === 0 ? word.replace(/^"(.)/, '$1"') : word));
}
