import { splitCommandLine } from "../platform/split-command-line.ts";
import { brokenAt, decoded, lineAt, type Source, skipBlanks, startOf, trimBlanks } from "./text.ts";

/** Which of the two files. The same line has a different meaning in each. */
export type FileKind = "config" | "credentials";

/** `[default]` in the config file has its own kind, because `[profile default]` takes precedence over it. */
export type SectionKind = "profile" | "bare default" | "sso-session" | "services";

/** A section of a file, as offsets in its text. */
export interface Section {
  /** The start of the header's line. */
  readonly start: number;
  /** After the header's line. */
  readonly body: number;
  /** The start of the next header's line, or the end of the file. */
  readonly end: number;
}

export interface SectionName {
  readonly kind: SectionKind;
  readonly name: string;
  /**
   * Who reads the header this way: the AWS CLI, the grammar of the AWS SDKs and Tools Reference Guide, or both. The guide ignores
   * spaces inside the brackets; the AWS CLI ignores text after them.
   */
  readonly readBy: "both" | "cli" | "guide";
}

/** The first header at or after `from`, which is the start of a line; -1 if there is no more header. */
export function nextHeader({ text, headers }: Source, from: number): number {
  if (headers) return headers[firstAtLeast(headers, from)] ?? -1;
  if (text.charCodeAt(from) === openBracket) return from;
  return text.indexOf("\n[", from) + 1 || -1;
}

/** The headers at the start of a line together with the indented ones, in order. */
export function allHeaders(text: string, indented: readonly number[]): number[] {
  const headers = [...indented];
  if (text.charCodeAt(startOf(text)) === openBracket) headers.push(startOf(text));
  for (let feed = text.indexOf("\n["); feed >= 0; feed = text.indexOf("\n[", feed + 1)) headers.push(feed + 1);
  return headers.sort((one, other) => one - other);
}

function firstAtLeast(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The section whose header starts at `start`. */
export function sectionAt(source: Source, start: number): Section {
  const body = lineAt(source.text, start).next;
  const next = nextHeader(source, body);
  return { start, body, end: next < 0 ? source.text.length : next };
}

/** The text of a header, from its opening bracket to its last closing one. */
export function bracketsAt({ text }: Source, start: number): string {
  const line = lineOf(text, start);
  return line.slice(0, line.lastIndexOf("]") + 1);
}

/**
 * Reads the header at `start`; undefined for other kinds of sections.
 * @throws RoleError `FileBroken` if the header has no closing bracket.
 */
export function readHeader(source: Source, start: number, kind: FileKind): SectionName | undefined {
  const line = lineOf(source.text, start);
  const close = line.lastIndexOf("]");
  if (close < 1) throw brokenAt(source, start, "the name of a section does not end with ]");
  const byCli = nameByCli(line.slice(1, close), kind);
  const byGuide = nameByGuide(line, kind);
  if (byCli && byGuide?.name === byCli.name && byGuide.kind === byCli.kind) return { ...byCli, readBy: "both" };
  // If they disagree, the guide matches what the author meant: `[profile x] # see [1]`.
  if (byGuide) return { ...byGuide, readBy: "guide" };
  return byCli && { ...byCli, readBy: "cli" };
}

/** The name of the profile if its header is plain. Faster than {@link readHeader}. */
export function plainProfileName(text: string, start: number, kind: FileKind): string | undefined {
  const plain = plainProfile[kind];
  plain.lastIndex = start;
  return plain.exec(text)?.[1];
}

const allowed = String.raw`[A-Za-z0-9_\-/.%@:+]+`;

/** The characters that every AWS tool accepts in a profile's name without quotes. */
export const allowedName: RegExp = new RegExp(`^${allowed}$`);

const plainProfile: Readonly<Record<FileKind, RegExp>> = {
  config: new RegExp(String.raw`\[profile (${allowed})\]\r?\n`, "y"),
  credentials: new RegExp(String.raw`\[(${allowed})\]\r?\n`, "y"),
};

const openBracket = 91;

type Name = Omit<SectionName, "readBy">;

/** The rule of botocore's `build_profile_map` (configloader.py): nothing is trimmed, and a name may be quoted as in a shell. */
function nameByCli(inner: string, file: FileKind): Name | undefined {
  if (inner === "") return undefined;
  // In the credentials file the AWS CLI reads `[profile x]` as a profile named "profile x". The guide ignores the section.
  if (file === "credentials") return /^profile[ \t]/.test(inner) ? undefined : { kind: "profile", name: inner };
  if (inner === "default") return { kind: "bare default", name: "default" };
  const kind = (["profile", "sso-session", "services"] as const).find((word) => inner.startsWith(word));
  const name = kind && secondOfTwoWords(inner);
  return kind && name ? { kind, name } : undefined;
}

function secondOfTwoWords(text: string): string | undefined {
  try {
    const words = splitCommandLine(text, "linux");
    return words.length === 2 ? words[1] : undefined;
  } catch {
    return undefined;
  }
}

const guideHeader = new RegExp(String.raw`^(profile|sso-session|services)[ \t]+(?:(${allowed})|(["'])([^"'\\]+)\3)$`);

function nameByGuide(line: string, file: FileKind): Name | undefined {
  // A comment may follow the bracket without white space.
  const mark = line.search(/[#;]/);
  const header = (mark < 0 ? line : line.slice(0, mark)).trimEnd();
  if (!header.endsWith("]")) return undefined;
  const inner = header.slice(1, -1).replace(/^[ \t]+|[ \t]+$/g, "");
  if (file === "credentials") return allowedName.test(inner) ? { kind: "profile", name: inner } : undefined;
  if (inner === "default") return { kind: "bare default", name: "default" };
  const [, kind, plain, , quoted] = guideHeader.exec(inner) ?? [];
  const name = plain ?? quoted;
  return kind !== undefined && name !== undefined ? { kind: kind as SectionKind, name } : undefined;
}

/** The line of a header as text, trimmed. */
function lineOf(text: string, start: number): string {
  const { end } = lineAt(text, start);
  const from = skipBlanks(text, start, end);
  return decoded(text.slice(from, trimBlanks(text, from, end)));
}
