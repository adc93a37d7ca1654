import { startOf } from "./text.ts";

/** One change: `text`, or whole lines, replace the range from `start` to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text?: string;
  /** Lines without line breaks. `start` must be the start of a line or the end of the text. */
  readonly lines?: readonly string[];
  /** Whether to put a blank line before them. */
  readonly apart?: boolean;
}

/** Applies changes that do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): Buffer {
  const pieces: string[] = [];
  // The end of the result so far.
  let end = "";
  const add = (piece: string) => {
    pieces.push(piece);
    end = (end + piece.slice(-looksBack)).slice(-looksBack);
  };
  let at = 0;
  for (const splice of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    add(text.slice(at, splice.start));
    add(splice.lines ? wholeLines(text, end, splice) : (splice.text ?? ""));
    at = splice.end;
  }
  add(text.slice(at));
  // Write the pieces directly: joining a megabyte of them first would take longer than everything else.
  const content = Buffer.allocUnsafe(pieces.reduce((length, piece) => length + piece.length, 0));
  let written = 0;
  for (const piece of pieces) written += content.write(piece, written, "latin1");
  return content;
}

/** Enough characters to see whether the last line is blank, and whether there is a line before it. */
const looksBack = 200;

/** The line break before a position, or that of the first line, or a line feed. */
export function lineBreakAt(text: string, at: number): string {
  const before = text.lastIndexOf("\n", at - 1);
  const feed = at > 0 && before >= 0 ? before : text.indexOf("\n");
  return feed > 0 && text[feed - 1] === "\r" ? "\r\n" : "\n";
}

function wholeLines(text: string, before: string, { start, lines = [], apart }: Splice): string {
  const lineBreak = lineBreakAt(text, start);
  const isFirst = before.length === startOf(before);
  const lead = isFirst || before.endsWith("\n") ? "" : lineBreak;
  const gap = apart && !isFirst && !/(?:^|\n)[ \t]*\r?\n$/.test(before + lead) ? lineBreak : "";
  // Keep a text without a final line break that way.
  const tail = lead !== "" ? "" : lineBreak;
  return lead + gap + lines.join(lineBreak) + tail;
}
