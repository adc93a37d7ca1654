import { brokenAt, decoded, lineAt, type Source, skipBlanks, trimBlanks } from "./text.ts";

/** Which of the two files: the same line means different things in them. */
export type FileKind = "config" | "credentials";

/** In the config file `[default]` is told from `[profile default]`, which beats it. */
export type SectionKind = "profile" | "bare default" | "sso-session" | "services";

/** A section of a file, as places in its text. */
export interface Section {
  readonly start: number;
  /** After the line of the header. */
  readonly body: number;
  /** Where the next header starts, or the end of the file. */
  readonly end: number;
}

export interface SectionName {
  readonly kind: SectionKind;
  readonly name: string;
}

/** The first header at or after `from`, which is the start of a line; -1 when there is none. */
export function nextHeader(text: string, from: number): number {
  if (text.charCodeAt(from) === openBracket) return from;
  return text.indexOf("\n[", from) + 1 || -1;
}

/** The section whose header starts at a place. */
export function sectionAt(text: string, start: number): Section {
  const body = lineAt(text, start).next;
  const next = nextHeader(text, body);
  return { start, body, end: next < 0 ? text.length : next };
}

/**
 * The name of the section whose header starts at a place; undefined where AWS's rules ignore the section: its name has other
 * characters than allowed, or it is of another kind.
 * @throws RoleError `FileBroken` when the header does not end with a bracket.
 */
export function readHeader(source: Source, start: number, kind: FileKind): SectionName | undefined {
  const inner = insideBrackets(source, start);
  if (kind === "credentials") return allowedName.test(inner) ? { kind: "profile", name: inner } : undefined;
  if (inner === "default") return { kind: "bare default", name: "default" };
  const match = configHeader.exec(inner);
  const name = match?.[2] ?? match?.[4];
  return match && name !== undefined ? { kind: match[1] as SectionKind, name: decoded(name) } : undefined;
}

/** The name of the profile, sooner than {@link readHeader} finds it, where its header is as most are. */
export function plainProfileName(text: string, start: number, kind: FileKind): string | undefined {
  const plain = plainProfile[kind];
  plain.lastIndex = start;
  return plain.exec(text)?.[1];
}

const allowed = String.raw`[A-Za-z0-9_\-/.%@:+]+`;

/** The characters that every AWS reader takes in a profile's name without quotes. */
export const allowedName: RegExp = new RegExp(`^${allowed}$`);

const plainProfile: Readonly<Record<FileKind, RegExp>> = {
  config: new RegExp(String.raw`\[profile (${allowed})\]\r?\n`, "y"),
  credentials: new RegExp(String.raw`\[(${allowed})\]\r?\n`, "y"),
};

// The AWS CLI quotes a name that has spaces, in the way of a shell.
const configHeader = new RegExp(String.raw`^(profile|sso-session|services)[ \t]+(?:(${allowed})|(["'])([^"'\\]+)\3)$`);

const openBracket = 91;

function insideBrackets(source: Source, start: number): string {
  const { text } = source;
  const line = text.slice(start, lineAt(text, start).end);
  // A comment may follow the bracket without white space, so its mark ends the header wherever it stands.
  const comment = line.search(/[#;]/);
  const end = trimBlanks(line, 0, comment < 0 ? line.length : comment);
  if (end < 2 || line[end - 1] !== "]") throw brokenAt(source, start, "the name of a section does not end with ]");
  const from = skipBlanks(line, 1, end - 1);
  return line.slice(from, trimBlanks(line, from, end - 1));
}
