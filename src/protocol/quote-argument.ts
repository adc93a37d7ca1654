/**
 * A name as an argument of a command in an advice, ready to be pasted: quoted as PowerShell and POSIX shells read it, and bare where that
 * means the same. PowerShell ends a quoted text at five characters, and doubling one keeps it.
 */
export function quoteArgument(text: string): string {
  if (/^[\w./:][\w./:@%+=-]*$/.test(text)) return text;
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}
