/** Quotes text as a literal string for each shell. Every text that a shell may evaluate goes through one of these. */

/** A PowerShell literal. PowerShell also ends a single-quoted string at the four typographic single quotes, so all five are doubled. */
export function quotePowerShell(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}

/** An argument of a PowerShell command that a message suggests, quoted only if PowerShell needs it. */
export function powerShellArgument(text: string): string {
  return /^[A-Za-z_/.][A-Za-z0-9_./:+=@%-]*$/.test(text) ? text : quotePowerShell(text);
}

/** A literal for sh, bash, zsh and every other POSIX shell, where a backslash has no meaning within single quotes. */
export function quotePosix(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A literal for fish, where a backslash within single quotes escapes a quote or itself. */
export function quoteFish(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
