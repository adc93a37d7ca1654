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

/** The text with all changes made. They do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  if (splices.length === 0) return text;
  let made = "";
  let at = 0;
  for (const splice of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    made += text.slice(at, splice.start);
    made += splice.lines ? wholeLines(text, made, splice) : (splice.text ?? "");
    at = splice.end;
  }
  return made + text.slice(at);
}

/** The break of the line before a place, else of the first line of the text, else a line feed. */
export function lineBreakAt(text: string, at: number): string {
  const before = text.lastIndexOf("\n", at - 1);
  const feed = at > 0 && before >= 0 ? before : text.indexOf("\n");
  return feed > 0 && text[feed - 1] === "\r" ? "\r\n" : "\n";
}

function wholeLines(text: string, made: string, { start, lines = [], apart }: Splice): string {
  const lineBreak = lineBreakAt(text, start);
  const isFirst = made.length === startOf(made);
  const lead = isFirst || made.endsWith("\n") ? "" : lineBreak;
  const gap = apart && !isFirst && !/(?:^|\n)[ \t]*\r?\n$/.test(made.slice(-200) + lead) ? lineBreak : "";
  // A text without a break at its end is left without one.
  const tail = lead !== "" ? "" : lineBreak;
  return lead + gap + lines.join(lineBreak) + tail;
}
