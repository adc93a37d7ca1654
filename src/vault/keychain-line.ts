/** The `credential_process` line of a profile whose keys are in the keychain. Other AWS tools run it; this module reads the keychain itself. */

const subcommand = "credential-process";

/** The command's option that names the access key. */
export const keychainOption = "keychain";

/**
 * Returns the line. It names the access key, whose id is no secret, and so gives the same key whatever else changes in the files.
 * @param program the words that start this module's command
 */
export function keychainLine(program: readonly string[], accessKeyId: string, platform: NodeJS.Platform): string {
  return [...program.map((word) => quoted(word, platform)), subcommand, `--${keychainOption}`, accessKeyId].join(" ");
}

/** The access key that this module's own line names; undefined for the line of any other program. */
export function accessKeyOfLine(line: string | undefined): string | undefined {
  return line === undefined ? undefined : ownLine.exec(line)?.[1];
}

const ownLine = new RegExp(
  String.raw`(?:^|[\\/ '"])role-credentials(?:\.c?js|\.cmd|\.exe)?['"]? ${subcommand} --${keychainOption} ([\w.+=@-]+)$`,
);

/** Whether an access key can be in a line. All of AWS's can; those of other services may not. */
export function isPlainKey(accessKeyId: string): boolean {
  return /^[\w.+=@-]+$/.test(accessKeyId);
}

/** Quotes a word for botocore, which splits the line, and for the SDKs that pass it to a shell. */
function quoted(word: string, platform: NodeJS.Platform): string {
  if (platform === "win32") return /[^\w.,:\\/=@+-]/.test(word) ? `"${word}"` : word;
  return /[^\w.,:/=@+-]/.test(word) ? `'${word.replaceAll("'", `'"'"'`)}'` : word;
}
