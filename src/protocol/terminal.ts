// Controls (Cc), format and bidirectional characters (Cf), line separators, and everything else that Unicode defines as invisible.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Shows every control, bidirectional and invisible character as `\uXXXX`, so that the text is safe on any terminal. */
export function escapeForTerminal(text: string): string {
  return text.replace(unsafe, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
