import { propertiesOf } from "./property.ts";
import { nextHeader, readHeader, sectionAt } from "./section.ts";
import { brokenAt, isBlank, isCommentMark, lineAt, type Source, skipBlanks, startOf } from "./text.ts";

/**
 * Checks the structure of a whole file, cheaply: a pattern skips what is plainly right, at a gigabyte a second and more, and
 * only sections with something odd in them are read as {@link propertiesOf} reads them.
 * @returns where headers stand that are not written plainly, {@link isPlainHeader}
 * @throws RoleError `FileBroken` with the first line that breaks AWS's rules.
 */
export function checkStructure(source: Source): number[] {
  const { text } = source;
  const oddHeaders: number[] = [];
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
    const start = reached > at ? Math.max(at, text.lastIndexOf("\n[", reached) + 1) : at;
    readHeader(source, start, "config");
    if (!isPlainHeader(text, start)) oddHeaders.push(start);
    const section = sectionAt(text, start);
    propertiesOf(source, section);
    at = section.end;
  }
  return oddHeaders;
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
  const first = nextHeader(text, startOf(text));
  const end = first < 0 ? text.length : first;
  let at = startOf(text);
  while (at < end) {
    const line = lineAt(text, at);
    const content = skipBlanks(text, at, line.end);
    if (content < line.end && !isCommentMark(text.charCodeAt(content))) {
      throw brokenAt(source, at, "something stands before the first [section]");
    }
    at = line.next;
  }
  return end;
}

// The counts are bounded because a pattern without bounds exhausts its stack on a large file.
const blank = String.raw`(?:[#;][^\n]*\n|[ \t]*\r?\n)`;
const nested = String.raw`[ \t]+[^=\s#;][^=\n#;]*=[^\n]*\n`;
const key = String.raw`[^=\n[#;\s][^=\n#;]*=[ \t]*`;
const property = String.raw`${key}(?:[^\s#;][^\n]*\n(?:[ \t][^\n]*\n){0,64}|\r?\n(?:${nested}|${blank}){0,64})`;
const brackets = String.raw`\[[^\]#;"'\s]+(?: [^\]#;"'\s]+)?\]`;
const header = String.raw`${brackets}[ \t]*\r?\n`;
const plainHeader = new RegExp(String.raw`${brackets}[ \t]*(?=[#;]|\r?\n|\r?$)`, "y");
const plainLines = new RegExp(`(?:${blank}|${property}){1,4096}`, "y");
const plainSections = new RegExp(`(?:${header}(?:${blank}|${property}){0,256}){0,64}`, "y");
