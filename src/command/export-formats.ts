/** What `export` prints: credentials as JSON, or as lines that a shell evaluates or a program reads as its environment. */
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleResult } from "../protocol/methods.ts";
import { quoteFish, quotePosix, quotePowerShell } from "../protocol/quoting.ts";

interface ExportFormat {
  /** For `--help`: what reads it, and how. */
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
    // The semicolon keeps the commands apart where `eval` joins the lines.
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
    // Such a file sets variables and cannot remove any.
    write: (result) =>
      lines(result, (name, value) => (value === undefined ? undefined : `${name}=${dotenvText(name, value)}`)),
  },
  json: {
    usage: "the names that STS gives them",
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

/** What belongs to the keys is removed where these have none; a region of the caller's own stays. */
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
 * Only printable ASCII: a shell reads a line at a time, and decodes what it reads in a code page of its own, in which the bytes of
 * another character may be a quote.
 */
function printable(name: string, value: string): string {
  return /^[ -~]*$/.test(value)
    ? value
    : refuse(name, "characters that are not printable ASCII, which shells may read differently");
}

/** cmd has no escape that holds at the prompt and in a batch file alike. */
function cmdText(name: string, value: string): string {
  return /["%!]/.test(value)
    ? refuse(name, 'a ", % or !, which cmd cannot be given literally')
    : printable(name, value);
}

/** Readers of such files agree on bare text, and nearly all on single quotes, within which nothing is escaped. */
function dotenvText(name: string, value: string): string {
  if (/^[A-Za-z0-9/+=:._@-]*$/.test(value)) return value;
  if (/['\\]/.test(value)) return refuse(name, "a quote or a backslash, which readers of such files take differently");
  return `'${printable(name, value)}'`;
}

function refuse(name: string, what: string): never {
  throw new RoleError("ValueRefused", `The value for ${name} holds ${what}.`, {
    target: name,
    action: "Use --format json.",
  });
}
