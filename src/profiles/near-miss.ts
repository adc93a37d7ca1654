import { bracketsAt, readHeader } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { decoded, hiddenCharacter, lineAt, lineNumberAt } from "./text.ts";

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
    const read = readHeader(source, start, kind);
    if (plainlyNamed(header) !== plainlyNamed(`[${name}]`) || read?.name === name) continue;
    const where = `Line ${lineNumberAt(text, start)} of ${source.file}`;
    const hidden = hiddenCharacter(header);
    if (hidden !== undefined) return `${where} holds ${hidden}, and so AWS tools read something else.`;
    const hiddenInName = hiddenCharacter(name);
    return hiddenInName === undefined
      ? `${where} is ${header}, which AWS tools read as ${read?.kind === "profile" ? `profile '${read.name}'` : "something else"}.`
      : `The name holds ${hiddenInName}, unlike line ${lineNumberAt(text, start)} of ${source.file}.`;
  }
  return undefined;
}

/**
 * Names the first line of a profile with a hidden character in its key, such as a no-break space before `role_arn`. AWS tools read another
 * key there, or a continuation of the value above.
 */
export function hiddenInKey(file: SharedFile, name: string): string | undefined {
  const { source } = file;
  for (const { body, end } of file.profileSections(name)) {
    for (let start = body; start < end; start = lineAt(source.text, start).next) {
      const line = decoded(source.text.slice(start, lineAt(source.text, start).end));
      const [key = ""] = /^\s*[^\s#;=:][^=:]*(?=[=:])/.exec(line) ?? [];
      const hidden = hiddenCharacter(key.trimEnd());
      if (hidden !== undefined)
        return `Line ${lineNumberAt(source.text, start)} of ${source.file} holds ${hidden}, and so AWS tools read something else.`;
    }
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
