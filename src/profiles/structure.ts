import { readBody } from "./property.ts";
import { readHeader, sectionAt } from "./section.ts";
import { brokenAt, isBlank, isCommentMark, lineAt, type Source, skipBlanks, startOf } from "./text.ts";

export interface Structure {
  /** Where the lines of headers start that are not written plainly, {@link isPlainHeader}. */
  readonly oddHeaders: readonly number[];
  /** Those of them that are indented. */
  readonly indentedHeaders: readonly number[];
}

/**
 * Checks the structure of a whole file, cheaply: a pattern skips what is plainly right, at a gigabyte a second and more, and
 * only sections with something odd in them are read as {@link readBody} reads them.
 * @throws RoleError `FileBroken` with the first line that breaks the rules.
 */
export function checkStructure(source: Source): Structure {
  const { text } = source;
  const structure: { oddHeaders: number[]; indentedHeaders: number[] } = { oddHeaders: [], indentedHeaders: [] };
  let at = checkPrelude(source);
  while (at < text.length) {
    plainSections.lastIndex = at;
    plainSections.test(text);
    const reached = plainSections.lastIndex;
    if (reached > at && (reached === text.length || text.charCodeAt(reached) === 91)) {
      at = reached;
      continue;
    }
    // What an indented line continues depends on what stands before it; any other line can be read from here on.
    if (reached > at && !isBlank(text.charCodeAt(reached))) {
      const end = passPlainLines(text, reached);
      if (end > reached && (end === text.length || text.charCodeAt(end) === 91)) {
        at = end;
        continue;
      }
    }
    // Something odd stands within a section, or is its header.
    at = checkSections(source, reached > at ? Math.max(at, text.lastIndexOf("\n[", reached) + 1) : at, structure);
  }
  return structure;
}

/** Reads the section at a place, and those after it whose headers are indented. Returns where the next header stands that is not. */
function checkSections(
  source: Source,
  from: number,
  structure: { oddHeaders: number[]; indentedHeaders: number[] },
): number {
  const { text } = source;
  const { end } = sectionAt(source, from);
  for (let start = from; start < end; ) {
    readHeader(source, start, "config");
    if (text.charCodeAt(start) !== 91) structure.indentedHeaders.push(start);
    if (!isPlainHeader(text, start)) structure.oddHeaders.push(start);
    start = readBody(source, { body: lineAt(text, start).next, end }).end;
  }
  return end;
}

/** Whether the header at a place is written as everybody writes it: `[NAME]` or `[KIND NAME]`, with one space and no quotes. */
function isPlainHeader(text: string, start: number): boolean {
  plainHeader.lastIndex = start;
  return plainHeader.test(text);
}

/** The end of the plain lines of a long section. */
function passPlainLines(text: string, from: number): number {
  let at = from;
  for (;;) {
    plainLines.lastIndex = at;
    if (!plainLines.test(text)) return at;
    at = plainLines.lastIndex;
    if (at < text.length && isBlank(text.charCodeAt(at))) return at;
  }
}

/** Before the first section only comments and blank lines may stand. Returns where the first section starts. */
function checkPrelude(source: Source): number {
  const { text } = source;
  let at = startOf(text);
  while (at < text.length) {
    const line = lineAt(text, at);
    const content = skipBlanks(text, at, line.end);
    if (content < line.end) {
      const code = text.charCodeAt(content);
      if (code === 91) return at;
      if (!isCommentMark(code)) throw brokenAt(source, at, "something stands before the first [section]");
    }
    at = line.next;
  }
  return text.length;
}

// The counts are bounded because a pattern without bounds exhausts its stack on a large file.
const blank = String.raw`(?:[#;][^\n]*\n|[ \t]*\r?\n)`;
// Beyond ASCII a character may be white space, which is then a matter for readBody.
const nested = String.raw`[ \t]+[^=\s#;\x00-\x1f\x80-\xff][^=\n#;]*=[^\n]*\n`;
const key = String.raw`[^=:\n[#;\s\x00-\x1f\x80-\xff][^=:\n#;]*=[ \t]*`;
const property = String.raw`${key}(?:[^\s#;\x00-\x1f\x80-\xff][^\n]*\n(?:[ \t][^\n]*\n){0,64}|\r?\n(?:${nested}|${blank}){0,64})`;
const brackets = String.raw`\[(?:(?:profile|sso-session|services) )?[^\]#;"'\s\\]+\]`;
const header = String.raw`${brackets}[ \t]*\r?\n`;
const plainHeader = new RegExp(String.raw`${brackets}[ \t]*(?=[#;]|\r?\n|\r?$)`, "y");
const plainLines = new RegExp(`(?:${blank}|${property}){1,4096}`, "y");
const plainSections = new RegExp(`(?:${header}(?:${blank}|${property}){0,256}){0,64}`, "y");
