import { RoleError } from "../protocol/errors.ts";

/**
 * A file's bytes as text, one character a byte (ISO 8859-1), so that a place in the text is a place in the file and bytes
 * that are no UTF-8 survive an edit.
 */
export interface Source {
  /** The path, for errors. */
  readonly file: string;
  readonly text: string;
}

export function sourceOf(file: string, content: Buffer): Source {
  return { file, text: content.toString("latin1") };
}

/** Where the text begins: after a byte order mark, if there is one. */
export function startOf(text: string): number {
  return text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
}

/** What the bytes mean: a piece of a {@link Source} as UTF-8. */
export function decoded(piece: string): string {
  return isAscii.test(piece) ? piece : Buffer.from(piece, "latin1").toString("utf8");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own meaning
const isAscii = /^[\u0000-\u007f]*$/;

/** The bytes of a text, in the form of a {@link Source}. */
export function encoded(text: string): string {
  return isAscii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Space and tab: AWS's rules know no other white space. */
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

/** The first place in `from`..`to` that is neither space nor tab, or `to`. */
export function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** The end of `from`..`to` without the spaces and tabs it ends in. */
export function trimBlanks(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
  return end;
}

/** The error for a file whose structure is broken at a place. It never shows the line: that may hold a secret. */
export function brokenAt(source: Source, at: number, what: string): RoleError {
  let line = 1;
  for (let feed = source.text.indexOf("\n"); feed >= 0 && feed < at; feed = source.text.indexOf("\n", feed + 1)) line++;
  const utf16 = /^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(source.text);
  return new RoleError(
    "FileBroken",
    utf16 ? `${source.file} is written in UTF-16.` : `${source.file} is broken at line ${line}: ${what}.`,
    {
      target: source.file,
      action: utf16 ? "Save it as UTF-8." : `Correct line ${line} of ${source.file}. Nothing was changed.`,
    },
  );
}
