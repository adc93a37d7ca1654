import type { Section } from "./section.ts";
import { settingKeys, settingOf } from "./settings.ts";
import {
  brokenAt,
  countCharacters,
  decoded,
  isBlank,
  isCommentMark,
  isUtf8Piece,
  lineAt,
  notUtf8At,
  type Source,
  skipBlanks,
  trimBlanks,
} from "./text.ts";

/** A key and its value, as offsets in the text of a file. */
export interface Property {
  /** In lower case: keys are case-insensitive. */
  readonly key: string;
  /** The start of its line. */
  readonly start: number;
  /** The start of its key, after the indentation. */
  readonly keyStart: number;
  /** The number of white space characters before the key. A line with more of them continues the value. */
  readonly indentation: number;
  /** After the first `=`, or the `:` that the AWS CLI accepts in its place. */
  readonly afterEquals: number;
  /** The value on the first line, trimmed, without a comment. Empty for a nested map. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The start of the comment on the first line, or the end of that line. */
  readonly comment: number;
  /** The end of the first line, before its line break. */
  readonly lineEnd: number;
  /** Whether more lines continue the value. */
  readonly isContinued: boolean;
  /** After the last continuation line or indented comment. */
  readonly end: number;
}

/** The range of a section without its header. */
type Lines = Pick<Section, "body" | "end">;

/**
 * Returns the properties of a section in order, duplicates included.
 * @throws RoleError `FileBroken` if a line is not a property, a continuation, a comment or blank.
 */
export function propertiesOf(source: Source, section: Lines): Property[] {
  return readBody(source, section).properties;
}

/**
 * Reads the properties up to the next indented header. The AWS CLI uses Python's configparser, where a line continues the value above it
 * only if it is indented deeper than that key. Any other indented line is a key or a header.
 * @returns the properties, and the start of the header's line
 * @throws RoleError `FileBroken`
 */
export function readBody(source: Source, { body, end: limit }: Lines): { properties: Property[]; end: number } {
  const { text } = source;
  const properties: Property[] = [];
  let last: Unfinished | undefined;
  let at = body;
  while (at < limit) {
    const { end, next } = lineAt(text, at);
    const content = skipBlanks(text, at, end);
    if (content === end || isCommentMark(text.charCodeAt(content))) {
      // botocore and the SDK for JavaScript ignore an indented comment after a value; others read it as part of the value. So edits
      // don't separate the two.
      if (last && content > at && content < end) last.end = next;
    } else if (last && content > at && countCharacters(text, at, content) > last.indentation) {
      const equals = last.valueStart === last.valueEnd ? text.indexOf("=", content) : content;
      if (equals < 0 || equals >= end) throw brokenAt(source, at, "a nested setting has no =");
      last.isContinued = true;
      last.end = next;
    } else if (text.charCodeAt(content) === 91) {
      return { properties, end: at };
    } else {
      last = readAssignment(source, at, end, next);
      properties.push(last);
    }
    at = next;
  }
  return { properties, end: limit };
}

/**
 * Passes each key and value of a section to `take`, in order. It parses plain lines directly. At the first line that is not plain it
 * starts over with {@link propertiesOf}, so `take` may see a key twice and must keep the last value.
 * @throws RoleError `FileBroken`
 */
export function readValues(source: Source, section: Lines, take: (key: string, value: string) => void): void {
  const { text } = source;
  let at = section.body;
  for (plainLine.lastIndex = at; plainLine.test(text); plainLine.lastIndex = at) {
    const end = plainLine.lastIndex;
    const equals = text.indexOf("=", at);
    const isSpacedBefore = isBlank(text.charCodeAt(equals - 1));
    const isSpacedAfter = isBlank(text.charCodeAt(equals + 1));
    take(
      text.slice(at, isSpacedBefore ? equals - 1 : equals),
      text.slice(isSpacedAfter ? equals + 2 : equals + 1, end),
    );
    at = text.indexOf("\n", end) + 1;
    while (text.charCodeAt(at) === 10) at++;
  }
  if (at === section.end) return;
  for (const property of propertiesOf(source, section)) {
    const value = bytesOfValue(text, property);
    if (!source.isUtf8 && settingOf(property.key) && !isUtf8Piece(value)) throw notUtf8At(source, property.start);
    take(property.key, decoded(value));
  }
}

/** A plain line: a key, and an ASCII value without blanks and comments. Use `test`, since `exec` allocates an array for each line. */
const plainLine = /[a-z0-9_]+ ?= ?[!-"$-:<-~]+(?=\r?\n)/y;

/** The value by AWS's rules: line breaks separate its continuation lines. A nested map is such a text too. */
export function textOfValue(text: string, property: Property): string {
  return decoded(bytesOfValue(text, property));
}

function bytesOfValue(text: string, property: Property): string {
  const { valueStart, valueEnd, isContinued, lineEnd, end: tail } = property;
  const first = text.slice(valueStart, valueEnd);
  if (!isContinued) return first;
  const pieces = [first];
  for (let at = lineAt(text, lineEnd).next; at < tail; ) {
    const { end, next } = lineAt(text, at);
    const content = skipBlanks(text, at, end);
    if (content < end && !isCommentMark(text.charCodeAt(content)))
      pieces.push(text.slice(content, trimBlanks(text, content, end)));
    at = next;
  }
  return pieces.join("\n");
}

/** Parses a nested map, with keys in lower case; undefined if the value is not one. */
export function nestedMap(value: string): Map<string, string> | undefined {
  if (!value.startsWith("\n")) return undefined;
  const map = new Map<string, string>();
  for (const line of value.slice(1).split("\n")) {
    const equals = line.indexOf("=");
    // Drop a comment, as in a plain setting.
    const [text = ""] = line.slice(equals + 1).split(/\s[#;]/, 1);
    map.set(line.slice(0, equals).trim().toLowerCase(), text.trim());
  }
  return map;
}

type Unfinished = Omit<Property, "isContinued" | "end"> & { isContinued: boolean; end: number };

/** Reads `key = value # comment` in `start`..`lineEnd`. */
function readAssignment(source: Source, start: number, lineEnd: number, next: number): Unfinished {
  const { text } = source;
  const keyStart = skipBlanks(text, start, lineEnd);
  const delimiter = delimiterIn(text, keyStart, lineEnd);
  if (delimiter < 0) throw brokenAt(source, start, "a setting has no =");
  const key = text.slice(keyStart, trimBlanks(text, keyStart, delimiter)).toLowerCase();
  if (key === "") throw brokenAt(source, start, "a setting has no name before its =");
  const comment = commentIn(
    text,
    delimiter + 1,
    lineEnd,
    key === settingKeys.credentialProcess || key === settingKeys.mfaProcess,
  );
  const valueStart = skipBlanks(text, delimiter + 1, comment);
  return {
    key,
    start,
    keyStart,
    indentation: keyStart === start ? 0 : countCharacters(text, start, keyStart),
    afterEquals: delimiter + 1,
    valueStart,
    valueEnd: trimBlanks(text, valueStart, comment),
    comment,
    lineEnd,
    isContinued: false,
    end: next,
  };
}

/** The first `=` or `:` outside a comment, or -1. The AWS CLI accepts both after a key. */
function delimiterIn(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 61 || code === 58) return at;
    if (isCommentMark(code) && at > from && isBlank(text.charCodeAt(at - 1))) return -1;
  }
  return -1;
}

/** The start of the comment in `from`..`to`, or `to`. A comment needs white space before it. */
function commentIn(text: string, from: number, to: number, isCommandLine: boolean): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (isCommentMark(code) && isBlank(text.charCodeAt(at - 1))) return at;
    // The AWS CLI keeps the quoted parts of a command line unchanged.
    if (isCommandLine && (code === 34 || code === 39)) at = endOfQuoted(text, at, to);
    else at += isCommandLine && code === 92 ? 2 : 1;
  }
  return to;
}

/** The position after the closing quote, or after the opening quote if it is never closed. */
function endOfQuoted(text: string, quote: number, to: number): number {
  const mark = text.charCodeAt(quote);
  for (let at = quote + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === mark) return at + 1;
    if (code === 92 && mark === 34) at++;
  }
  return quote + 1;
}
