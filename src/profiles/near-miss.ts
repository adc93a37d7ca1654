import { bracketsAt, readHeader } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { hiddenCharacter, lineNumberAt } from "./text.ts";

/**
 * Describes a header that looks like the profile but names something else: another case, a hidden character, a missing or an extra
 * `profile`, or a name without quotes.
 * @throws RoleError `FileBroken` if a header is not UTF-8, because it may name the profile.
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
      ? `${where} is ${header}, which is another name to AWS tools.`
      : `${where} holds ${hidden}, and so AWS tools read something else.`;
  }
  return undefined;
}

/** The name in a header as a person reads it: in lower case, without quotes and hidden characters, with single spaces. */
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
