/** Output of `export`: credentials as JSON, or as lines for a shell to evaluate or for a program's environment. */
import { RoleError } from "../protocol/errors.ts";
import { quoteFish, quotePosix, quotePowerShell } from "../protocol/quoting.ts";
import type { UseRoleResult } from "../protocol/role-messages.ts";

interface ExportFormat {
  /** For `--help`: how to use the format. */
  readonly usage: string;
  /** @throws RoleError `ValueRefused` for a value that the format cannot express */
  readonly write: (result: UseRoleResult) => string;
}

export const exportFormats = {
  env: {
    usage: 'sh, bash, zsh:  eval "$(role-credentials export --format env)"',
    write: (result) =>
      lines(result, (name, value) =>
        value === undefined ? `unset ${name}` : `export ${name}=${quotePosix(printable(name, value))}`,
      ),
  },
  fish: {
    usage: "role-credentials export --format fish | source",
    // The semicolon separates the commands, because `eval` joins the lines.
    write: (result) =>
      lines(result, (name, value) =>
        value === undefined ? `set -e ${name};` : `set -gx ${name} ${quoteFish(printable(name, value))};`,
      ),
  },
  powershell: {
    usage: "role-credentials export --format powershell | Out-String | Invoke-Expression",
    write: (result) =>
      lines(result, (name, value) =>
        value === undefined ? `$env:${name} = $null` : `$env:${name} = ${quotePowerShell(printable(name, value))}`,
      ),
  },
  cmd: {
    usage: `for /f "delims=" %i in ('role-credentials export --format cmd') do @%i`,
    write: (result) =>
      lines(result, (name, value) => `set "${name}=${value === undefined ? "" : cmdText(name, value)}"`),
  },
  dotenv: {
    usage: "a file for docker --env-file, node --env-file, direnv, systemd",
    // Such a file can set variables but not remove them.
    write: (result) =>
      lines(result, (name, value) => (value === undefined ? undefined : `${name}=${dotenvText(name, value)}`)),
  },
  json: {
    usage: "for programs, with the field names of STS",
    write: (result) => `${JSON.stringify(namedAsInSts(result), null, 2)}\n`,
  },
} satisfies Record<string, ExportFormat>;

/** @returns undefined for a format that does not exist */
export function exportFormat(name: string | undefined): ExportFormat | undefined {
  return name !== undefined && Object.hasOwn(exportFormats, name)
    ? exportFormats[name as keyof typeof exportFormats]
    : undefined;
}

function namedAsInSts({ accessKeyId, secretAccessKey, sessionToken, expiration, accountId, region }: UseRoleResult) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
    AccountId: accountId,
    Region: region,
  };
}

/** Removes variables that the credentials don't provide, such as an old session token. Keeps the caller's region. */
function lines(result: UseRoleResult, line: (name: string, value: string | undefined) => string | undefined): string {
  const variables: [string, string | undefined][] = [
    ["AWS_ACCESS_KEY_ID", result.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", result.secretAccessKey],
    ["AWS_SESSION_TOKEN", result.sessionToken],
    ["AWS_CREDENTIAL_EXPIRATION", result.expiration],
  ];
  if (result.region !== undefined) variables.push(["AWS_REGION", result.region], ["AWS_DEFAULT_REGION", result.region]);
  return variables
    .map(([name, value]) => line(name, value))
    .flatMap((text) => (text === undefined ? [] : [`${text}\n`]))
    .join("");
}

/**
 * Accepts only printable ASCII. A shell reads line by line and decodes input in its own code page, where another character's bytes may
 * contain a quote.
 */
function printable(name: string, value: string): string {
  return /^[ -~]*$/.test(value)
    ? value
    : refuse(name, "characters outside printable ASCII, which shells may read differently");
}

/** No cmd escape works both at the prompt and in a batch file. */
function cmdText(name: string, value: string): string {
  return /["%!]/.test(value) ? refuse(name, 'a ", % or !, which cmd cannot quote') : printable(name, value);
}

/** All readers of such files agree on bare text, and nearly all on single quotes without escapes. */
function dotenvText(name: string, value: string): string {
  if (/^[A-Za-z0-9/+=:._@-]*$/.test(value)) return value;
  if (/['\\]/.test(value))
    return refuse(name, "a quote or a backslash, which readers of such files interpret differently");
  return `'${printable(name, value)}'`;
}

function refuse(name: string, what: string): never {
  throw new RoleError("ValueRefused", `The value of ${name} contains ${what}.`, {
    target: name,
    action: "Use --format json.",
  });
}
