import { editableSections, refuseLoneReturn, sectionsByProfile } from "./editable.ts";
import { type Property, textOfValue } from "./property.ts";
import type { FileKind, Section } from "./section.ts";
import { SharedFile } from "./shared-file.ts";
import { applySplices, lineBreakAt, type Splice } from "./splice.ts";
import { brokenAt, encoded, isCommentMark, lineAt, skipBlanks, trimBlanks } from "./text.ts";

/** Key → new value; null removes the key. {@link validateValue} has accepted the values. */
export type Edits = ReadonlyMap<string, string | null>;

/**
 * Returns the content of the file with some keys of one profile set or removed. It keeps every other byte, and a key that already has
 * the value. Every AWS tool reads the result the same way: of a duplicate key only the last one remains, continuation lines are
 * removed, and a comment after the value moves to its own line above.
 * @throws RoleError `FileBroken` if some AWS tools would not read the result.
 */
export function editProfile(file: SharedFile, name: string, edits: Edits): Buffer {
  refuseLoneReturn(file);
  const { text } = file.source;
  const { groups, passedOver } = editableSections(file, name);
  const splices = passedOver.flatMap((section) =>
    file.properties([section]).flatMap((property) => (edits.has(property.key) ? removal(text, property) : [])),
  );
  for (const sections of groups) splices.push(...editSections(file, sections, edits));
  const lines = linesOf(edits);
  const added = groups.length === 0 && lines.length > 0 ? [newSection(text, headerOf(file.kind, name), lines)] : [];
  return withHeaders(file, applySplices(text, [...splices, ...added]), added.length);
}

/**
 * The same for `[sso-session NAME]` of the config file.
 * @throws RoleError `FileBroken` if some AWS tools would not read the result.
 */
export function editSsoSession(file: SharedFile, name: string, edits: Edits): Buffer {
  refuseLoneReturn(file);
  const { text } = file.source;
  const sections = file.sections("sso-session", name);
  if (sections.length > 0) return withHeaders(file, applySplices(text, editSections(file, sections, edits)), 0);
  const added = newSection(text, `[sso-session ${name}]`, linesOf(edits));
  return withHeaders(file, applySplices(text, [added]), 1);
}

/** Returns the content of the file without any section of a profile, including both `[default]` and `[profile default]`. */
export function removeProfileSections(file: SharedFile, name: string): Buffer {
  return editProfiles(file, new Map(), [name]);
}

/** Returns the content of the file with some profiles added at the end, which it does not have yet, and without some others. */
export function editProfiles(file: SharedFile, adds: ReadonlyMap<string, Edits>, removes: readonly string[]): Buffer {
  refuseLoneReturn(file);
  const sections = sectionsByProfile(file);
  const removals = removes
    .flatMap((name) => sections.get(name) ?? [])
    .map((section) => ({ start: section.start, end: endOfRemoval(file, section), text: "" }));
  const { text } = file.source;
  const additions = [...adds].map(([name, edits]) => newSection(text, headerOf(file.kind, name), linesOf(edits)));
  const content = applySplices(text, [...removals, ...additions]);
  return withHeaders(file, content, additions.length - removals.length);
}

/** What removing a section removes. */
export function textOfRemoval(file: SharedFile, section: Section): string {
  return file.source.text.slice(section.start, endOfRemoval(file, section));
}

/** Returns the content, unless the change would make an indented header part of the value above it. */
function withHeaders(file: SharedFile, content: Buffer, added: number): Buffer {
  const { headers, file: path } = file.source;
  if (headers && [...new SharedFile(path, content, file.kind).headers()].length !== headers.length + added) {
    const indented = headers.find((start) => file.source.text.charCodeAt(start) !== 91) ?? 0;
    throw brokenAt(file.source, indented, "the header of a section is indented, and would join the value above it");
  }
  return content;
}

function editSections(file: SharedFile, sections: readonly Section[], edits: Edits): Splice[] {
  const { text } = file.source;
  const properties = file.properties(sections);
  const splices: Splice[] = [];
  const missing = new Map(edits);
  for (const [key, value] of edits) {
    const found = properties.filter((property) => property.key === key);
    const last = found.at(-1);
    if (last) missing.delete(key);
    if (value === null) splices.push(...found.flatMap((property) => removal(text, property)));
    else if (last && textOfValue(text, last) !== value) {
      splices.push(...found.slice(0, -1).flatMap((property) => removal(text, property)));
      splices.push(...replacement(text, last, encoded(value)));
    }
  }
  const section = sections.at(-1);
  const lines = linesOf(missing);
  if (section && lines.length > 0) splices.push(addition(file, section, lines));
  return splices;
}

/** The lines that set the keys. */
export function linesOf(edits: Edits): string[] {
  return [...edits].flatMap(([key, value]) => (value === null ? [] : [`${key} = ${encoded(value)}`]));
}

/** The header for a profile that the file does not have yet. */
export function headerOf(kind: FileKind, name: string): string {
  return kind === "credentials" || name === "default" ? `[${name}]` : `[profile ${name}]`;
}

function replacement(text: string, property: Property, value: string): Splice[] {
  const { key, keyStart, afterEquals, valueStart, valueEnd, comment, lineEnd } = property;
  const hasComment = comment < lineEnd;
  const splices: Splice[] = [];
  if (hasComment) {
    // Some tools would read a comment on the same line as part of the value.
    const line = text.slice(comment, lineEnd) + lineBreakAt(text, property.start);
    splices.push({ start: property.start, end: property.start, text: line });
  }
  if (text[afterEquals - 1] !== "=") {
    // Only the AWS CLI reads a colon as an equals sign.
    splices.push({ start: keyStart, end: lineEnd, text: `${text.slice(keyStart, keyStart + key.length)} = ${value}` });
  } else if (valueStart === valueEnd) {
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
 * Removes the continuation lines of a property. Comments between them stay but lose their indentation, because some tools read an
 * indented comment as part of the value above it.
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

/** Adds keys after the last key of a section, before the comments and blank lines above the next section. */
function addition(file: SharedFile, section: Section, lines: readonly string[]): Splice {
  const properties = file.properties([section]);
  const at = properties.at(-1)?.end ?? section.body;
  const indentation = indentationFor(file, section, properties);
  return { start: at, end: at, lines: lines.map((line) => indentation + line) };
}

/** The indentation of the keys above. It must not be less than that of the next header, which would become a continuation line. */
function indentationFor(file: SharedFile, section: Section, properties: readonly Property[]): string {
  const { text } = file.source;
  const indentationAt = (start: number) => text.slice(start, skipBlanks(text, start, lineAt(text, start).end));
  const below = section.end < text.length ? indentationAt(section.end) : "";
  const last = properties.at(-1);
  if (!last) return below;
  // After a nested map, JavaScript reads every indented key as part of the map.
  const followsMap = properties.some(({ valueStart, valueEnd }) => valueStart === valueEnd);
  return followsMap && below === "" ? "" : indentationAt(last.start);
}

function newSection(text: string, header: string, lines: readonly string[]): Splice {
  return { start: text.length, end: text.length, lines: [header, ...lines], apart: true };
}

/**
 * The end of the last property with the comments and then the blank lines that follow it. Comments after a blank line, or directly above
 * the next header, belong to the next section.
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
