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

/** What a launcher depends on. */
type Surroundings = Pick<Context, "environment" | "platform">;

/**
 * The command line for a `credential_process` that runs this command. It stays valid when the module is updated: PowerShell installs each
 * version in a folder of its own, so the line then names a launcher in the user's private folder. Call {@link writeLauncher} before you
 * store the line.
 * @throws RoleError `FileUnwritable` without a home
 */
export function commandLine(
  program: Program,
  args: readonly string[],
  { environment, platform }: Surroundings,
): string {
  const words = [program.node, isVersioned(program) ? launcherPath(environment) : program.script, ...args];
  return joinWords(words, platform);
}

/** The command line of a program and its arguments, quoted for everything that runs a `credential_process`. */
export function joinWords(words: readonly string[], platform: NodeJS.Platform): string {
  return (platform === "win32" ? quotedForWindows(words) : words.map(quotedForPosix)).join(" ");
}

/**
 * Writes the launcher if {@link commandLine} names one that is missing or differs.
 * @returns the files that changed, or would change in a dry run
 * @throws RoleError `FileUnwritable`, also if the user's private folder is not private
 */
export function writeLauncher(
  program: Program,
  { environment }: Surroundings,
  { dryRun = false }: { dryRun?: boolean } = {},
): string[] {
  if (!isVersioned(program)) return [];
  const path = launcherPath(environment);
  const core = dirname(program.script);
  try {
    const versionsFolder = JSON.stringify(dirname(dirname(core)));
    const launcher = `const versionsFolder = ${versionsFolder};\n${readFileSync(join(core, "launcher.cjs"), "utf8")}`;
    if (existsSync(path) && readFileSync(path, "utf8") === launcher) return [];
    if (dryRun) return [path];
    if (privateFolder(environment, launcherFolder) === undefined) throw notPrivate();
    replaceFileUnflushed(path, launcher);
    return [path];
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Whether PowerShell installed this version in a folder of its own. */
function isVersioned({ script }: Program): boolean {
  return /^\d+(\.\d+){1,3}$/.test(basename(dirname(dirname(script))));
}

const launcherFolder = "bin";

function launcherPath(environment: Environment): string {
  const folder = privateFolderPath(environment, launcherFolder);
  if (folder === undefined) throw notPrivate();
  return join(folder, "role-credentials.cjs");
}

function notPrivate(): RoleError {
  const target = join("~", ".aws", "role-credentials", launcherFolder);
  return new RoleError("FileUnwritable", `The folder ${target} is not private, or cannot be created.`, {
    target,
    action: "Make ~/.aws/role-credentials a folder of yours that is closed to others (mode 0700).",
  });
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
