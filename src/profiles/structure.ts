import { readBody } from "./property.ts";
import { readHeader, sectionAt } from "./section.ts";
import { brokenAt, isCommentMark, lineAt, type Source, skipBlanks, startOf } from "./text.ts";

export interface Structure {
  /** The lines of headers that {@link isPlainHeader} does not accept. */
  readonly oddHeaders: readonly number[];
  /** The indented ones among them. */
  readonly indentedHeaders: readonly number[];
}

/**
 * Checks the structure of a whole file. A pattern skips plain sections at a gigabyte a second or more; {@link readBody} reads only the
 * sections with something unusual in them.
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
    // The section or its header is unusual, or the section is long.
    at = checkSections(source, reached > at ? Math.max(at, text.lastIndexOf("\n[", reached) + 1) : at, structure);
  }
  return structure;
}

/** Reads the section at `from` and the sections with indented headers after it. Returns the start of the next header. */
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

/** Whether the header at `start` is plain: `[NAME]` or `[KIND NAME]`, with one space and no quotes. */
function isPlainHeader(text: string, start: number): boolean {
  plainHeader.lastIndex = start;
  return plainHeader.test(text);
}

/** Only comments and blank lines may precede the first section. Returns the start of that section. */
function checkPrelude(source: Source): number {
  const { text } = source;
  let at = startOf(text);
  while (at < text.length) {
    const line = lineAt(text, at);
    const content = skipBlanks(text, at, line.end);
    if (content < line.end) {
      const code = text.charCodeAt(content);
      if (code === 91) return at;
      if (!isCommentMark(code)) throw brokenAt(source, at, "it precedes the first [section]");
    }
    at = line.next;
  }
  return text.length;
}

// The counts are bounded because an unbounded pattern exhausts its stack on a large file.
const blank = String.raw`(?:[#;][^\n]*\n|[ \t]*\r?\n)`;
// A character beyond ASCII may be white space: leave the line to readBody.
const nested = String.raw`[ \t]+[^=\s#;\x00-\x1f\x80-\xff][^=\n#;]*=[^\n]*\n`;
const key = String.raw`[^=:\n[#;\s\x00-\x1f\x80-\xff][^=:\n#;]*=[ \t]*`;
const property = String.raw`${key}(?:[^\s#;\x00-\x1f\x80-\xff][^\n]*\n(?:[ \t][^\n]*\n){0,64}|\r?\n(?:${nested}|${blank}){0,64})`;
const brackets = String.raw`\[(?:(?:profile|sso-session|services) )?[^\]#;"'\s\\]+\]`;
const header = String.raw`${brackets}[ \t]*\r?\n`;
const plainHeader = new RegExp(String.raw`${brackets}[ \t]*(?=[#;]|\r?\n|\r?$)`, "y");
const plainSections = new RegExp(`(?:${header}(?:${blank}|${property}){0,256}){0,64}`, "y");
