/**
 * The way to a role that was found in the cache before, past all that led to it. Who finds a role cached writes down what the answer came
 * from; the next process that is asked the same compares, reads the entry, and is done: docs/decisions/0009.
 */
import { readdirSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { CacheEntry } from "./cache/cache-request.ts";
import { readEntryFile } from "./cache/entry-file.ts";
import { parseEntry } from "./cache/entry-format.ts";
import { hasTimeLeft, type TimedRequest } from "./cache/expiry.ts";
import { isRecent, stateOf, statOf } from "./platform/file-state.ts";
import { leaveOurs, ourFolder, readOurs } from "./platform/private-files.ts";
import type { Environment } from "./protocol/context.ts";
import type { UseRoleParams, UseRoleResult } from "./protocol/methods.ts";

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

/** What of a result the entry does not hold. None of it is secret. */
export type NamedResult = Pick<UseRoleResult, "roleArn" | "region" | "profileName" | "chained" | "renewal">;

/** A question: the arguments of a command, or the method of a request and its parameters. */
export type Question = readonly string[];

interface Shortcut extends Basis {
  readonly question: Question;
  readonly environment: Readonly<Record<string, string>>;
  readonly result: NamedResult;
}

/** Where a shortcut led. */
export interface Taken {
  readonly entry: CacheEntry;
  readonly result: NamedResult;
}

/** The answer, where it is known without asking further. */
export function takeShortcut(question: Question, environment: Environment, now: number): Taken | undefined {
  const variables = decisive(environment);
  const folder = variables && folderOf(question, variables);
  const text = folder && readOurs(folder, nameOf(question))?.toString("utf8");
  if (!text) return undefined;
  try {
    const shortcut = JSON.parse(text) as Shortcut;
    const isSame =
      JSON.stringify(shortcut.question) === JSON.stringify(question) &&
      JSON.stringify(shortcut.environment) === JSON.stringify(variables) &&
      Object.entries(shortcut.files).every(([path, state]) => stateOf(statOf(path)) === state);
    return isSame ? answerOf(shortcut, now) : undefined;
  } catch {
    // Whatever is wrong, the long way tells.
    return undefined;
  }
}

function answerOf({ entry: path, digest, request, profileName, result }: Shortcut, now: number): Taken | undefined {
  const file = readEntryFile(path);
  const parsed = file && !file.wide ? parseEntry(file.text) : undefined;
  if (parsed?.stamp?.request !== digest || !hasTimeLeft(parsed, request, now)) return undefined;
  if (profileName !== undefined && !parsed.stamp.profileNames.includes(profileName)) return undefined;
  return { entry: parsed.entry, result };
}

/** As `toISOString` writes it, which reads the system's time zone first. */
export function isoTime(time: Date): string {
  const pad = (part: number) => String(part).padStart(2, "0");
  const day = [time.getUTCFullYear(), pad(time.getUTCMonth() + 1), pad(time.getUTCDate())].join("-");
  const ofDay = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(pad).join(":");
  return `${day}T${ofDay}.${String(time.getUTCMilliseconds()).padStart(3, "0")}Z`;
}

/**
 * Leaves a shortcut for the next process that is asked this.
 * @param program the file that decided: another version may decide otherwise
 */
export function leaveShortcut(
  question: Question,
  environment: Environment,
  { files, ...basis }: Basis,
  { roleArn, region, profileName: named, chained, renewal }: NamedResult,
  program: string,
): void {
  const variables = decisive(environment);
  const folder = variables && folderOf(question, variables);
  const decided = statOf(program);
  if (!folder || !decided || isRecent(decided)) return;
  const shortcut: Shortcut = {
    question,
    environment: variables,
    files: { ...files, [program]: stateOf(decided) },
    result: {
      ...(roleArn !== undefined && { roleArn }),
      ...(region !== undefined && { region }),
      ...(named !== undefined && { profileName: named }),
      ...(chained && { chained }),
      ...(renewal !== undefined && { renewal }),
    },
    ...basis,
  };
  let others = 0;
  leaveOurs(folder, nameOf(question), JSON.stringify(shortcut), () => ++others > mostShortcuts);
}

const mostShortcuts = 50;

/** What was asked of earlier processes, of one that serves: some of it, for the many are not asked first. */
export function requestsLeft(environment: Environment): UseRoleParams[] {
  const folder = ourFolder(environment, "shortcuts");
  return namesOf(folder)
    .slice(0, mostRehearsed)
    .flatMap((name) => {
      try {
        const { question } = JSON.parse(readOurs(folder ?? "", name)?.toString("utf8") ?? "") as Shortcut;
        return question[0] === "role/use" ? [JSON.parse(question[1] ?? "") as UseRoleParams] : [];
      } catch {
        return [];
      }
    });
}

const mostRehearsed = 5;

function namesOf(folder: string | undefined): string[] {
  try {
    return folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

/** Only where it does not depend on the working directory. */
function folderOf(question: Question, variables: Environment): string | undefined {
  if (question[0] !== "credential-process" && question[0] !== "role/use") return undefined;
  for (const path of [variables.AWS_CONFIG_FILE, variables.AWS_SHARED_CREDENTIALS_FILE])
    if (path && !isAbsolute(path) && !path.startsWith("~/")) return undefined;
  return ourFolder(variables, "shortcuts");
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

/** Tells questions apart well enough: they stand in the file as well. */
function nameOf(question: Question): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(question))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return `${(hash >>> 0).toString(16).padStart(8, "0")}.json`;
}
