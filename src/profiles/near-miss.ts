import { bracketsAt, readHeader } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { hiddenCharacter, lineNumberAt } from "./text.ts";

/**
 * The sentence about a header that looks as if it named a profile, and does not to any AWS tool: another case, a hidden character, a
 * `profile` too few or too many, a name without quotes.
 * @throws RoleError `FileBroken` when a header is not UTF-8, for that may be the one.
 */
export function nearMiss(file: SharedFile, name: string): string | undefined {
  const { source, kind } = file;
  const { text } = source;
  file.checkNames();
  for (const start of file.headers()) {
    const header = bracketsAt(source, start);
    if (plainlyNamed(header) !== plainlyNamed(`[${name}]`) || readHeader(source, start, kind)?.name === name) continue;
    const hidden = hiddenCharacter(header);
    const where = `Line ${lineNumberAt(text, start)} of ${source.file}`;
    return hidden === undefined
      ? `${where} is ${header}, which AWS tools read as something else.`
      : `${where} holds ${hidden}, and so AWS tools read something else.`;
  }
  return undefined;
}

/** What a person sees in a header: the name in lower case, whatever its blanks, quotes and hidden characters. */
function plainlyNamed(header: string): string {
  return header
    .slice(1, -1)
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/["'\\]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase()
    .replace(/^profiles? /, "");
}
