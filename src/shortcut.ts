/**
 * The way of a `credential-process` that was answered from the cache before, past all that led to the answer. A run that finds its role
 * cached writes down what the answer came from; the next one compares, reads the entry, and is done: docs/decisions/0009.
 */
import { isAbsolute } from "node:path";
import { readEntryFile } from "./cache/entry-file.ts";
import { parseEntry } from "./cache/entry-format.ts";
import { hasTimeLeft, type TimedRequest } from "./cache/time-left.ts";
import type { Environment } from "./context.ts";
import { isRecent, stateOf, statOf } from "./files/file-state.ts";
import { leaveOurs, ourFolder, readOurs } from "./our-files.ts";
import { processOutput } from "./process-output.ts";

/** What an answer came from: nothing else may be able to change it. */
export interface Basis {
  /** The files that were read, or were not there, by their paths, with their states at that time. */
  readonly files: Readonly<Record<string, string>>;
  /** The entry's request, as far as its time depends on it. */
  readonly request: TimedRequest;
  /** The digest of the request, which the entry carries. */
  readonly digest: string;
  readonly profileName?: string | undefined;
  /** Where the entry lies. */
  readonly entry: string;
}

interface Shortcut extends Basis {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What the command would print, where it is known without asking further. */
export function takeShortcut(args: readonly string[], environment: Environment, now: number): string | undefined {
  const variables = decisive(environment);
  const folder = variables && folderOf(args, variables);
  const text = folder && readOurs(folder, nameOf(args))?.toString("utf8");
  if (!text) return undefined;
  try {
    const shortcut = JSON.parse(text) as Shortcut;
    const isSame =
      JSON.stringify(shortcut.arguments) === JSON.stringify(args) &&
      JSON.stringify(shortcut.environment) === JSON.stringify(variables) &&
      Object.entries(shortcut.files).every(([path, state]) => stateOf(statOf(path)) === state);
    return isSame ? answerOf(shortcut, now) : undefined;
  } catch {
    // Whatever is wrong, the long way tells.
    return undefined;
  }
}

function answerOf({ entry: path, digest, request, profileName }: Shortcut, now: number): string | undefined {
  const file = readEntryFile(path);
  const parsed = file && !file.wide ? parseEntry(file.text) : undefined;
  if (parsed?.stamp?.request !== digest || !hasTimeLeft(parsed, request, now)) return undefined;
  if (profileName !== undefined && !parsed.stamp.profileNames.includes(profileName)) return undefined;
  const { credentials } = parsed.entry;
  return processOutput({ ...credentials, expiration: isoTime(credentials.expiration) });
}

/** As `toISOString` writes it, which reads the system's time zone first. */
function isoTime(time: Date): string {
  const pad = (part: number) => String(part).padStart(2, "0");
  const day = [time.getUTCFullYear(), pad(time.getUTCMonth() + 1), pad(time.getUTCDate())].join("-");
  const ofDay = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(pad).join(":");
  return `${day}T${ofDay}.${String(time.getUTCMilliseconds()).padStart(3, "0")}Z`;
}

/**
 * Leaves a shortcut for the next run with these arguments.
 * @param program the file that decided: another version may decide otherwise
 */
export function leaveShortcut(
  args: readonly string[],
  environment: Environment,
  { files, ...basis }: Basis,
  program: string,
): void {
  const variables = decisive(environment);
  const folder = variables && folderOf(args, variables);
  const decided = statOf(program);
  if (!folder || !decided || isRecent(decided)) return;
  const shortcut: Shortcut = {
    arguments: args,
    environment: variables,
    files: { ...files, [program]: stateOf(decided) },
    ...basis,
  };
  let others = 0;
  leaveOurs(folder, nameOf(args), JSON.stringify(shortcut), () => ++others > mostShortcuts);
}

const mostShortcuts = 50;

/** Only where it does not depend on the working directory. */
function folderOf(args: readonly string[], variables: Environment): string | undefined {
  if (args[0] !== "credential-process") return undefined;
  for (const path of [variables.AWS_CONFIG_FILE, variables.AWS_SHARED_CREDENTIALS_FILE])
    if (path && !isAbsolute(path) && !path.startsWith("~/")) return undefined;
  return ourFolder(variables.HOME || variables.USERPROFILE, "shortcuts");
}

/**
 * The variables that decide which role is meant and where it is looked for; how requests travel matters to those that are sent. Undefined
 * where one of them is a secret: that is not written down.
 */
function decisive(environment: Environment): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const name of Object.keys(environment).sort()) {
    if (!isDecisive.test(name)) continue;
    if (isSecret.test(name)) return undefined;
    found[name] = environment[name] ?? "";
  }
  return found;
}

const isDecisive = /^(?:AWS_|ROLE_CREDENTIALS_|HOME$|HOMEDRIVE$|HOMEPATH$|USERPROFILE$)/i;
const isSecret = /SECRET|TOKEN/i;

/** Tells the arguments apart well enough: they stand in the file as well. */
function nameOf(args: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(args)) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return `${(hash >>> 0).toString(16).padStart(8, "0")}.json`;
}
