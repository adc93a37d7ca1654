import type { Section } from "./section.ts";
import { brokenAt, decoded, isBlank, isCommentMark, lineAt, type Source, skipBlanks, trimBlanks } from "./text.ts";

/** A key with its value, as places in the text of a file. */
export interface Property {
  /** In lower case: keys are the same in any case. */
  readonly key: string;
  readonly start: number;
  /** After the first `=`. */
  readonly afterEquals: number;
  /** What stands on the first line, trimmed, without a comment. Empty for the head of a nested map. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The mark of the comment that ends the first line; where that line ends if it has none. */
  readonly comment: number;
  /** Where the first line ends, without its line break. */
  readonly lineEnd: number;
  /** The indented lines that continue the value, trimmed, with the places where each line starts and the next one does. */
  readonly continuations: readonly Continuation[];
  /** After all lines that hang on this one, indented comments among them. */
  readonly end: number;
}

export interface Continuation {
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly next: number;
}

/** Where the lines of a section stand. */
type Lines = Pick<Section, "body" | "end">;

/**
 * The properties of a section, in order, double ones too.
 * @throws RoleError `FileBroken` where a line is neither a property, nor continues one, nor is a comment or blank.
 */
export function propertiesOf(source: Source, section: Lines): Property[] {
  const { text } = source;
  const properties: Property[] = [];
  let last: Unfinished | undefined;
  let at = section.body;
  while (at < section.end) {
    const { end, next } = lineAt(text, at);
    const content = skipBlanks(text, at, end);
    if (content === end || isCommentMark(text.charCodeAt(content))) {
      // An indented comment after a value is a comment to botocore and the SDK for JavaScript, and belongs to the value for others:
      // what is written stays clear of it.
      if (last && content > at && content < end) last.end = next;
    } else if (content > at) {
      if (!last) throw brokenAt(source, at, "an indented line has no setting above it that it could continue");
      if (last.valueStart === last.valueEnd) readAssignment(source, content, end, next, "nested setting");
      // One list for all that have none keeps most properties small.
      if (last.continuations === none) last.continuations = [];
      const contentEnd = trimBlanks(text, content, end);
      last.continuations.push({ start: at, contentStart: content, contentEnd, next });
      last.end = next;
    } else {
      last = readAssignment(source, at, end, next, "setting");
      properties.push(last);
    }
    at = next;
  }
  return properties;
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
  for (const property of propertiesOf(source, section)) take(property.key, textOfValue(text, property));
}

/** A line as most are: a key, and a value of ASCII without blanks and comments. It is tested, for to match makes an array for each line. */
const plainLine = /[a-z0-9_]+ ?= ?[!-"$-:<-~]+(?=\r?\n)/y;

/** The value as AWS's rules read it: continuation lines follow after line breaks, and a nested map is such a text too. */
export function textOfValue(text: string, property: Property): string {
  const first = text.slice(property.valueStart, property.valueEnd);
  if (property.continuations === none) return decoded(first);
  const more = property.continuations.map(({ contentStart, contentEnd }) => text.slice(contentStart, contentEnd));
  return decoded([first, ...more].join("\n"));
}

/** The nested map that a value is the text of: keys in lower case; undefined when the value is a plain one. */
export function nestedMap(value: string): Map<string, string> | undefined {
  if (!value.startsWith("\n")) return undefined;
  const map = new Map<string, string>();
  for (const text of value.slice(1).split("\n")) {
    const { key, valueStart, valueEnd } = readAssignment({ file: "", text }, 0, text.length, text.length, "");
    map.set(key, text.slice(valueStart, valueEnd));
  }
  return map;
}

type Unfinished = Omit<Property, "continuations" | "end"> & { continuations: Continuation[]; end: number };

const none: Continuation[] = [];

/** Reads `key = value # comment` in `start`..`lineEnd`. The comment needs white space before it. */
function readAssignment(source: Source, start: number, lineEnd: number, next: number, what: string): Unfinished {
  const { text } = source;
  let equals = -1;
  let comment = start;
  for (; comment < lineEnd; comment++) {
    const code = text.charCodeAt(comment);
    if (code === 61 && equals < 0) equals = comment;
    else if (isCommentMark(code) && comment > start && isBlank(text.charCodeAt(comment - 1))) break;
  }
  if (equals < 0) throw brokenAt(source, start, `a ${what} has no =`);
  const key = text.slice(start, trimBlanks(text, start, equals)).toLowerCase();
  if (key === "") throw brokenAt(source, start, `a ${what} has no name before its =`);
  const valueStart = skipBlanks(text, equals + 1, comment);
  const valueEnd = trimBlanks(text, valueStart, comment);
  return {
    key,
    start,
    afterEquals: equals + 1,
    valueStart,
    valueEnd,
    comment,
    lineEnd,
    continuations: none,
    end: next,
  };
}
