import { type Property, textOfValue } from "./property.ts";
import type { FileKind, Section } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { applySplices, lineBreakAt, type Splice } from "./splice.ts";
import { encoded, isCommentMark, lineAt, skipBlanks, trimBlanks } from "./text.ts";

/** Key → its new value; null removes the key. The values are ones that {@link acceptValue} accepts. */
export type Edits = ReadonlyMap<string, string | null>;

/**
 * The content of the file with some keys of one profile set or removed. All else stays, to the byte; a key that already has the
 * value stays too, in whatever form. What is written is read alike by all AWS readers: of a key that stands twice only the last
 * remains, continuation lines go, and a comment that followed the value on its line moves to a line of its own above.
 */
export function editProfile(file: SharedFile, name: string, edits: Edits): Buffer {
  const { text } = file.source;
  const sections = file.profileSections(name);
  const properties = file.properties(sections);
  const splices: Splice[] = [];
  const missing: string[] = [];
  for (const [key, value] of edits) {
    const found = properties.filter((property) => property.key === key);
    const last = found.at(-1);
    if (value === null) splices.push(...found.flatMap((property) => removal(text, property)));
    else if (!last) missing.push(`${key} = ${encoded(value)}`);
    else if (textOfValue(text, last) !== value) {
      splices.push(...found.slice(0, -1).flatMap((property) => removal(text, property)));
      splices.push(...replacement(text, last, encoded(value)));
    }
  }
  const section = sections.at(-1);
  if (missing.length > 0) splices.push(section ? addition(file, section, missing) : newSection(file, name, missing));
  return applySplices(text, splices);
}

/** The content of the file without a profile: all its sections, `[default]` and `[profile default]` alike. */
export function removeProfileSections(file: SharedFile, name: string): Buffer {
  const splices = allSections(file, name).map((section) => ({
    start: section.start,
    end: endOfRemoval(file, section),
    text: "",
  }));
  return applySplices(file.source.text, splices);
}

/** Every section that says something of the profile, or would if another did not hide it. */
export function allSections(file: SharedFile, name: string): readonly Section[] {
  const sections = file.sections("profile", name);
  return name === "default" && file.kind === "config"
    ? [...sections, ...file.sections("bare default", name)]
    : sections;
}

/** The header of a profile that is new to a file. */
export function headerOf(kind: FileKind, name: string): string {
  return kind === "credentials" || name === "default" ? `[${name}]` : `[profile ${name}]`;
}

function replacement(text: string, property: Property, value: string): Splice[] {
  const { afterEquals, valueStart, valueEnd, comment, lineEnd } = property;
  const hasComment = comment < lineEnd;
  const splices: Splice[] = [];
  if (hasComment) {
    // Some readers take it for a part of the value as long as it stands on the same line.
    const line = text.slice(comment, lineEnd) + lineBreakAt(text, property.start);
    splices.push({ start: property.start, end: property.start, text: line });
  }
  if (valueStart === valueEnd) {
    const isSpaced = afterEquals - 2 > property.start && text[afterEquals - 2] === " ";
    splices.push({
      start: afterEquals,
      end: lineEnd,
      text: isSpaced || text[afterEquals] === " " ? ` ${value}` : value,
    });
  } else {
    splices.push({ start: valueStart, end: hasComment ? lineEnd : valueEnd, text: value });
  }
  return [...splices, ...withoutTail(text, property)];
}

function removal(text: string, property: Property): Splice[] {
  const { next } = lineAt(text, property.start);
  return [{ start: property.start, end: next, text: "" }, ...withoutTail(text, property)];
}

/**
 * The lines that hang on a property go with its value. Comments among them stay, and lose their indentation: to some readers an
 * indented comment continues the value above it.
 */
function withoutTail(text: string, property: Property): Splice[] {
  const splices: Splice[] = [];
  let at = lineAt(text, property.start).next;
  while (at < property.end) {
    const { end, next } = lineAt(text, at);
    const content = skipBlanks(text, at, end);
    if (content > at && content < end) {
      const isComment = isCommentMark(text.charCodeAt(content));
      splices.push({ start: at, end: isComment ? content : next, text: "" });
    }
    at = next;
  }
  return splices;
}

/** New keys stand after the last one of the section, before the comments and blank lines that lead to the next section. */
function addition(file: SharedFile, section: Section, lines: readonly string[]): Splice {
  const at = file.properties([section]).at(-1)?.end ?? section.body;
  return { start: at, end: at, lines };
}

function newSection(file: SharedFile, name: string, lines: readonly string[]): Splice {
  const { text } = file.source;
  const header = headerOf(file.kind, name);
  return { start: text.length, end: text.length, lines: [header, ...lines], apart: true };
}

/**
 * After the last property and what directly follows it: comments, then blank lines. Comments that stand off, or directly above the
 * next header, belong to the next section.
 */
function endOfRemoval(file: SharedFile, section: Section): number {
  const { text } = file.source;
  const bodyEnd = file.properties([section]).at(-1)?.end ?? section.body;
  const commentsEnd = passLines(text, bodyEnd, section.end, (line) => line !== "");
  if (commentsEnd === section.end && section.end < text.length) return bodyEnd;
  return passLines(text, commentsEnd, section.end, (line) => line === "");
}

function passLines(text: string, from: number, to: number, passes: (line: string) => boolean): number {
  let at = from;
  while (at < to) {
    const { end, next } = lineAt(text, at);
    const content = skipBlanks(text, at, end);
    if (!passes(text.slice(content, trimBlanks(text, content, end)))) break;
    at = next;
  }
  return at;
}
