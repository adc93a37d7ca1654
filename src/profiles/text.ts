import { isUtf8 } from "node:buffer";
import { RoleError } from "../protocol/errors.ts";

/**
 * A file's bytes as text, one character a byte (ISO 8859-1), so that a place in the text is a place in the file and bytes
 * that are no UTF-8 survive an edit.
 */
export interface Source {
  /** The path, for errors. */
  readonly file: string;
  /** The bytes, but for {@link loneReturn}: so the parser knows only two line breaks. */
  readonly text: string;
  /** The bytes as they stand in the file. */
  readonly original: string;
  /**
   * The first carriage return without a line feed, -1 where there is none. Python and .NET end a line there, JavaScript does not.
   * In {@link text} a line feed stands in its place.
   */
  readonly loneReturn: number;
  readonly isUtf8: boolean;
  /** Where the lines of all headers start, in order, once it is known that some are indented. Without it, all begin a line. */
  readonly headers?: readonly number[];
}

export function sourceOf(file: string, content: Buffer): Source {
  const original = content.toString("latin1");
  const loneReturn = original.search(/\r(?!\n)/);
  const text = loneReturn < 0 ? original : original.replace(/\r(?!\n)/g, "\n");
  return { file, text, original, loneReturn, isUtf8: isUtf8(content) };
}

/** Where the text begins: after a byte order mark, if there is one. */
export function startOf(text: string): number {
  return text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
}

/** What the bytes mean: a piece of a {@link Source} as UTF-8. */
export function decoded(piece: string): string {
  return isAscii.test(piece) ? piece : Buffer.from(piece, "latin1").toString("utf8");
}

/** Whether a piece of a {@link Source} is UTF-8. */
export function isUtf8Piece(piece: string): boolean {
  return isUtf8(Buffer.from(piece, "latin1"));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own meaning
const isAscii = /^[\u0000-\u007f]*$/;

/** The bytes of a text, in the form of a {@link Source}. */
export function encoded(text: string): string {
  return isAscii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Space and tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** `#` and `;`. */
export function isCommentMark(code: number): boolean {
  return code === 35 || code === 59;
}

/** Where the line that holds `at` ends, without its line break, and where the next one starts. */
export function lineAt(text: string, at: number): { readonly end: number; readonly next: number } {
  const feed = text.indexOf("\n", at);
  const stop = feed < 0 ? text.length : feed;
  const end = stop > at && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
  return { end, next: feed < 0 ? text.length : feed + 1 };
}

/** The first place in `from`..`to` that is not white space, or `to`. */
export function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code > 32 && code < 128) break;
    else {
      unusualBlanks.lastIndex = at;
      if (!unusualBlanks.test(text) || unusualBlanks.lastIndex > to) break;
      at = unusualBlanks.lastIndex;
    }
  }
  return at;
}

/** The end of `from`..`to` without the white space it ends in. */
export function trimBlanks(text: string, from: number, to: number): number {
  let end = to;
  while (end > from) {
    const code = text.charCodeAt(end - 1);
    if (isBlank(code)) end--;
    else if (code > 32 && code < 128) break;
    else {
      const found = unusualBlankAtEnd.exec(text.slice(Math.max(from, end - 3), end));
      if (!found) break;
      end -= found[0].length;
    }
  }
  return end;
}

/** How many characters of white space are in `from`..`to`, as Python counts an indentation. */
export function countCharacters(text: string, from: number, to: number): number {
  let count = 0;
  // The bytes of a character in UTF-8, but for its first.
  for (let at = from; at < to; at++) if ((text.charCodeAt(at) & 0xc0) !== 0x80) count++;
  return count;
}

// What Python's str.strip takes away besides space and tab, in UTF-8. The AWS CLI is Python; JavaScript and .NET trim all but a few
// control characters of it too.
const unusualBlank = String.raw`(?:[\v\f\r\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)`;
const unusualBlanks = new RegExp(unusualBlank, "y");
const unusualBlankAtEnd = new RegExp(`${unusualBlank}$`);

/** Counted from 1. */
export function lineNumberAt(text: string, at: number): number {
  let line = 1;
  for (let feed = text.indexOf("\n"); feed >= 0 && feed < at; feed = text.indexOf("\n", feed + 1)) line++;
  return line;
}

/** The error for a file whose structure is broken at a place. It never shows the line, which may hold a secret. */
export function brokenAt(source: Source, at: number, what: string): RoleError {
  const { file, text } = source;
  if (/^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(text)) {
    return new RoleError("FileBroken", `${file} is written in UTF-16.`, { target: file, action: "Save it as UTF-8." });
  }
  const line = lineNumberAt(text, at);
  const { end } = lineAt(text, at);
  const hidden = hiddenCharacter(decoded(text.slice(at, end)));
  return new RoleError(
    "FileBroken",
    `${file} is broken at line ${line}: ${what}${hidden ? `; the line holds ${hidden}` : ""}.`,
    {
      target: file,
      action: `Correct line ${line} of ${file}. Nothing was changed.`,
    },
  );
}

/** The error for text that is not UTF-8, most likely written by an editor in the code page of a Western Windows. */
export function notUtf8At(source: Source, at: number): RoleError {
  const { file, text } = source;
  const path = `'${file.replaceAll("'", "''")}'`;
  return new RoleError("FileBroken", `${file} is not UTF-8: line ${lineNumberAt(text, at)} is in another encoding.`, {
    target: file,
    action: `Convert it, for example from windows-1252: Set-Content -NoNewline -LiteralPath ${path} (Get-Content -Raw -Encoding 1252 -LiteralPath ${path}).`,
  });
}

/** The first character of a text that looks like a blank or like nothing, with its name; undefined when there is none. */
export function hiddenCharacter(text: string): string | undefined {
  const [character] = /(?! )[\p{Zs}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.exec(text) ?? [];
  if (character === undefined) return undefined;
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const name = namesOfHidden[code];
  return name === undefined ? `the hidden character ${code}` : `the hidden character ${code} (${name})`;
}

const namesOfHidden: Readonly<Record<string, string>> = {
  "U+00A0": "no-break space",
  "U+00AD": "soft hyphen",
  "U+200B": "zero width space",
  "U+200E": "left-to-right mark",
  "U+202F": "narrow no-break space",
  "U+2060": "word joiner",
  "U+3000": "ideographic space",
  "U+FEFF": "byte order mark",
};
