/** The `credential_process` line of a profile whose keys are in a vault of PowerShell's SecretManagement module, which only PowerShell can read. */

export interface SecretVaultKey {
  readonly vaultName: string;
  readonly accessKeyId: string;
}

/** The name of an access key's secret: the output of the line, as JSON. */
export function secretNameOf(accessKeyId: string): string {
  return `RoleCredentials-${accessKeyId}`;
}

/** The words of the line. The last one is a script for PowerShell, in which the names need no quotes: {@link isPlainVaultName}. */
export function secretVaultWords(powerShell: string, { vaultName, accessKeyId }: SecretVaultKey): string[] {
  const script = `Get-Secret -Name ${secretNameOf(accessKeyId)} -Vault ${vaultName} -AsPlainText`;
  return [powerShell, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script];
}

/** Whether neither PowerShell nor a shell would read anything else in the name. */
export function isPlainVaultName(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name);
}

/** The key that a line of this module gets from a vault; undefined for any other line. */
export function secretVaultKeyOf(line: string | undefined): SecretVaultKey | undefined {
  const [, accessKeyId, vaultName] = ownLine.exec(line ?? "") ?? [];
  return accessKeyId === undefined || vaultName === undefined ? undefined : { vaultName, accessKeyId };
}

const ownLine =
  /-NonInteractive -Command ["']Get-Secret -Name RoleCredentials-([\w.+=@-]+) -Vault ([A-Za-z_][\w.-]*) -AsPlainText["']$/;
