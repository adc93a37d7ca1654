import { isUtf8 } from "node:buffer";
import { RoleError } from "../protocol/errors.ts";

/**
 * A file's bytes as text, one character per byte (ISO 8859-1). An offset in the text is an offset in the file, and bytes that are not
 * UTF-8 survive an edit.
 */
export interface Source {
  /** The path, for errors. */
  readonly file: string;
  /** The bytes, with a line feed for every lone carriage return. */
  readonly text: string;
  /** The bytes of the file. */
  readonly original: string;
  /**
   * The first carriage return without a line feed, or -1. Python and .NET read it as a line break, JavaScript does not.
   */
  readonly loneReturn: number;
  readonly isUtf8: boolean;
  /** The starts of all headers' lines, in order, if some headers are indented. If absent, every header starts a line. */
  readonly headers?: readonly number[];
}

export function sourceOf(file: string, content: Buffer): Source {
  const original = content.toString("latin1");
  const loneReturn = content.includes(13) ? original.search(/\r(?!\n)/) : -1;
  const text = loneReturn < 0 ? original : original.replace(/\r(?!\n)/g, "\n");
  return { file, text, original, loneReturn, isUtf8: isUtf8(content) };
}

/** The start of the text, after a byte order mark. */
export function startOf(text: string): number {
  return text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
}

/** Decodes a piece of a {@link Source} as UTF-8. */
export function decoded(piece: string): string {
  return isAscii.test(piece) ? piece : Buffer.from(piece, "latin1").toString("utf8");
}

/** Whether a piece of a {@link Source} is UTF-8. */
export function isUtf8Piece(piece: string): boolean {
  return isUtf8(Buffer.from(piece, "latin1"));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own meaning
const isAscii = /^[\u0000-\u007f]*$/;

/** Encodes a text in the form of a {@link Source}. */
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

/** The end of the line at `at`, before its line break, and the start of the next line. */
export function lineAt(text: string, at: number): { readonly end: number; readonly next: number } {
  const feed = text.indexOf("\n", at);
  const stop = feed < 0 ? text.length : feed;
  const end = stop > at && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
  return { end, next: feed < 0 ? text.length : feed + 1 };
}

/** The first position in `from`..`to` that is not white space, or `to`. */
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

/** The end of `from`..`to` without trailing white space. */
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

/** The number of characters in `from`..`to`, as Python counts an indentation. */
export function countCharacters(text: string, from: number, to: number): number {
  let count = 0;
  // Skip the continuation bytes of UTF-8.
  for (let at = from; at < to; at++) if ((text.charCodeAt(at) & 0xc0) !== 0x80) count++;
  return count;
}

// The white space of Python's str.strip other than space and tab, in UTF-8. JavaScript and .NET trim it too, except a few control
// characters.
const unusualBlank = String.raw`(?:[\v\f\r\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)`;
const unusualBlanks = new RegExp(unusualBlank, "y");
const unusualBlankAtEnd = new RegExp(`${unusualBlank}$`);

/** Counted from 1. */
export function lineNumberAt(text: string, at: number): number {
  let line = 1;
  for (let feed = text.indexOf("\n"); feed >= 0 && feed < at; feed = text.indexOf("\n", feed + 1)) line++;
  return line;
}

/** The error for a broken line. It never quotes the line, which may hold a secret. */
export function brokenAt(source: Source, at: number, what: string): RoleError {
  const { file, text } = source;
  if (/^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(text)) {
    return new RoleError("FileBroken", `${file} is written in UTF-16.`, {
      target: file,
      action: `Convert it to UTF-8: ${conversionOf(file)}.`,
    });
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

/** The error for text that is not UTF-8. Editors on Windows often save in the code page of the system. */
export function notUtf8At(source: Source, at: number): RoleError {
  const { file, text } = source;
  return new RoleError("FileBroken", `${file} is not UTF-8: line ${lineNumberAt(text, at)} is in another encoding.`, {
    target: file,
    action: `Convert it, for example from windows-1252: ${conversionOf(file, " -Encoding 1252")}.`,
  });
}

/** The command that converts a file to UTF-8. PowerShell detects UTF-16 by itself. */
function conversionOf(file: string, encoding = ""): string {
  const path = `'${file.replaceAll("'", "''")}'`;
  return `Set-Content -NoNewline -LiteralPath ${path} (Get-Content -Raw${encoding} -LiteralPath ${path})`;
}

/** Names the first character that looks like a space or is invisible; undefined if there is no such character. */
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
