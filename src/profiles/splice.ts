import { startOf } from "./text.ts";

/** One change of a text: the stretch from `start` to `end` gives way to `text`, or to whole lines. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text?: string;
  /** Lines without their breaks; `start` is where a line starts, or the end of the text. */
  readonly lines?: readonly string[];
  /** Whether a blank line is to stand before them. */
  readonly apart?: boolean;
}

/** The bytes of the text with all changes made. They do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): Buffer {
  const pieces: string[] = [];
  // How all that is made so far ends.
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
  // Piece by piece: to make one text of a megabyte of them first would take longer than all the rest.
  const content = Buffer.allocUnsafe(pieces.reduce((length, piece) => length + piece.length, 0));
  let written = 0;
  for (const piece of pieces) written += content.write(piece, written, "latin1");
  return content;
}

/** Characters: enough to see whether a line is blank, and whether anything stands before. */
const looksBack = 200;

/** The break of the line before a place, else of the first line of the text, else a line feed. */
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
  // A text without a break at its end is left without one.
  const tail = lead !== "" ? "" : lineBreak;
  return lead + gap + lines.join(lineBreak) + tail;
}
