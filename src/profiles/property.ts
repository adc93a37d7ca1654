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

/** A key with its value, as places in the text of a file. */
export interface Property {
  /** In lower case: keys are the same in any case. */
  readonly key: string;
  /** Where its line starts. */
  readonly start: number;
  /** Where its key starts, after the indentation. */
  readonly keyStart: number;
  /** Characters of white space before the key. A line that is indented deeper continues the value. */
  readonly indentation: number;
  /** After the first `=`, or after the `:` that the AWS CLI takes for one. */
  readonly afterEquals: number;
  /** What stands on the first line, trimmed, without a comment. Empty for the head of a nested map. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The mark of the comment that ends the first line; where that line ends if it has none. */
  readonly comment: number;
  /** Where the first line ends, without its line break. */
  readonly lineEnd: number;
  /** Whether lines that are indented deeper continue the value. */
  readonly isContinued: boolean;
  /** After all lines that hang on this one, indented comments among them. */
  readonly end: number;
}

/** Where the lines of a section stand. */
type Lines = Pick<Section, "body" | "end">;

/**
 * The properties of a section, in order, double ones too.
 * @throws RoleError `FileBroken` where a line is neither a property, nor continues one, nor is a comment or blank.
 */
export function propertiesOf(source: Source, section: Lines): Property[] {
  return readBody(source, section).properties;
}

/**
 * The properties up to the next indented header. The rule is Python's (configparser.py), and so the AWS CLI's: a line continues the
 * value above it only where it is indented deeper than that key; any other indented line is a key or a header of its own.
 * @returns the properties, and where that header's line starts
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
      // An indented comment after a value is a comment to botocore and the SDK for JavaScript, and belongs to the value for others:
      // what is written stays clear of it.
      if (last && content > at && content < end) last.end = next;
    } else if (last && content > at && countCharacters(text, at, content) > last.indentation) {
      if (last.valueStart === last.valueEnd && !text.slice(content, end).includes("="))
        throw brokenAt(source, at, "a nested setting has no =");
      last.isContinued = true;
      last.end = next;
    } else if (text.charCodeAt(content) === 91) {
      return { properties, end: at };
    } else {
      last = readAssignment(source, at, end, next, "setting");
      properties.push(last);
    }
    at = next;
  }
  return { properties, end: limit };
}

/**
 * Key and value of each property of a section, in order, read without making {@link propertiesOf} it where all lines are plain. Where one
 * is not, those before it are told again: of what is told twice, the last counts.
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

/** A line as most are: a key, and a value of ASCII without blanks and comments. It is tested, for to match makes an array for each line. */
const plainLine = /[a-z0-9_]+ ?= ?[!-"$-:<-~]+(?=\r?\n)/y;

/** The value as AWS's rules read it: continuation lines follow after line breaks, and a nested map is such a text too. */
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

/** The nested map that a value is the text of: keys in lower case; undefined when the value is a plain one. */
export function nestedMap(value: string): Map<string, string> | undefined {
  if (!value.startsWith("\n")) return undefined;
  const map = new Map<string, string>();
  for (const line of value.slice(1).split("\n")) {
    const equals = line.indexOf("=");
    // A comment is cut as it is in a plain setting.
    const [text = ""] = line.slice(equals + 1).split(/\s[#;]/, 1);
    map.set(line.slice(0, equals).trim().toLowerCase(), text.trim());
  }
  return map;
}

type Unfinished = Omit<Property, "isContinued" | "end"> & { isContinued: boolean; end: number };

/** Reads `key = value # comment` in `start`..`lineEnd`. */
function readAssignment(source: Source, start: number, lineEnd: number, next: number, what: string): Unfinished {
  const { text } = source;
  const keyStart = skipBlanks(text, start, lineEnd);
  const delimiter = delimiterIn(text, keyStart, lineEnd);
  if (delimiter < 0) throw brokenAt(source, start, `a ${what} has no =`);
  const key = text.slice(keyStart, trimBlanks(text, keyStart, delimiter)).toLowerCase();
  if (key === "") throw brokenAt(source, start, `a ${what} has no name before its =`);
  const comment = commentIn(text, delimiter + 1, lineEnd, key === settingKeys.credentialProcess);
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

/** The first `=` or `:` outside a comment, -1 when there is none. The AWS CLI takes both for the end of a key. */
function delimiterIn(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 61 || code === 58) return at;
    if (isCommentMark(code) && at > from && isBlank(text.charCodeAt(at - 1))) return -1;
  }
  return -1;
}

/** The mark of the comment in `from`..`to`, else `to`. It needs white space before it. */
function commentIn(text: string, from: number, to: number, isCommandLine: boolean): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (isCommentMark(code) && isBlank(text.charCodeAt(at - 1))) return at;
    // The AWS CLI keeps what a command line holds between quotes, whatever it is.
    if (isCommandLine && (code === 34 || code === 39)) at = endOfQuoted(text, at, to);
    else at += isCommandLine && code === 92 ? 2 : 1;
  }
  return to;
}

/** After the other half of the quote at a place; after the quote itself where there is no other half. */
function endOfQuoted(text: string, quote: number, to: number): number {
  const mark = text.charCodeAt(quote);
  for (let at = quote + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === mark) return at + 1;
    if (code === 92 && mark === 34) at++;
  }
  return quote + 1;
}
