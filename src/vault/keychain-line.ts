/** The `credential_process` line of a profile whose keys are in the keychain. Other AWS tools run it; this module reads the keychain itself. */

const subcommand = "credential-process";

/** The command's option that names the access key. */
export const keychainOption = "keychain";

/**
 * The arguments of this module's command in the line. They name the access key by its id, which is not secret. So the
 * line gets the same key whatever else changes in the files.
 */
export function keychainArguments(accessKeyId: string): string[] {
  return [subcommand, `--${keychainOption}`, accessKeyId];
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
