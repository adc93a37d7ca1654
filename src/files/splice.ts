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

/** The content with all changes of its text made. They do not overlap. */
export function applySplices(content: Buffer, text: string, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return content;
  const pieces: Buffer[] = [];
  let at = 0;
  let length = 0;
  // What is made so far ends so. A text of all of it, of a megabyte, would take longer than all the rest.
  let end = "";
  for (const splice of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    pieces.push(content.subarray(at, splice.start));
    length += splice.start - at;
    end = (end + text.slice(Math.max(at, splice.start - looksBack), splice.start)).slice(-looksBack);
    const added = splice.lines ? wholeLines(text, end, length === startOf(text), splice) : (splice.text ?? "");
    pieces.push(Buffer.from(added, "latin1"));
    length += added.length;
    end = (end + added).slice(-looksBack);
    at = splice.end;
  }
  return Buffer.concat([...pieces, content.subarray(at)]);
}

/** Characters: enough to see whether a line is blank. */
const looksBack = 200;

/** The break of the line before a place, else of the first line of the text, else a line feed. */
export function lineBreakAt(text: string, at: number): string {
  const before = text.lastIndexOf("\n", at - 1);
  const feed = at > 0 && before >= 0 ? before : text.indexOf("\n");
  return feed > 0 && text[feed - 1] === "\r" ? "\r\n" : "\n";
}

function wholeLines(text: string, before: string, isFirst: boolean, { start, lines = [], apart }: Splice): string {
  const lineBreak = lineBreakAt(text, start);
  const lead = isFirst || before.endsWith("\n") ? "" : lineBreak;
  const gap = apart && !isFirst && !/(?:^|\n)[ \t]*\r?\n$/.test(before + lead) ? lineBreak : "";
  // A text without a break at its end is left without one.
  const tail = lead !== "" ? "" : lineBreak;
  return lead + gap + lines.join(lineBreak) + tail;
}
