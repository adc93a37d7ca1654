/** The command's options, and the matching parameters of the protocol and of the cmdlets. */
import { parseArgs } from "node:util";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams } from "../protocol/methods.ts";
import { keychainOption } from "../vault/keychain-line.ts";
import { exportFormats } from "./export-formats.ts";

const roleOptions = {
  profile: "profileName",
  "role-arn": "roleArn",
  "role-name": "roleName",
  "account-id": "accountId",
  "sso-session": "ssoSession",
  "source-profile": "sourceProfile",
  "role-session-name": "roleSessionName",
  "duration-seconds": "durationInSeconds",
  "external-id": "externalId",
  "mfa-serial": "mfaSerial",
  "token-code": "tokenCode",
  "source-identity": "sourceIdentity",
  region: "region",
  "endpoint-url": "endpointUrl",
  "no-cache": "noCache",
} as const satisfies Record<string, keyof UseRoleParams>;

export const usage = `Usage:
  role-credentials credential-process [--profile NAME] [OPTIONS]
      Print credentials in the format that AWS tools expect from a credential_process.
  role-credentials export --format FORMAT [--profile NAME] [OPTIONS]
      Print credentials for a shell to evaluate or a program to read.

Formats:
${Object.entries(exportFormats)
  .map(([name, format]) => `  ${name.padEnd(12)}${format.usage}`)
  .join("\n")}

Options, as for Use-Role:
  --profile NAME  --role-arn ARN  --role-name NAME  --account-id ID
  --sso-session NAME  --source-profile NAME  --role-session-name NAME
  --duration-seconds SECONDS  --external-id ID  --mfa-serial SERIAL  --token-code CODE
  --source-identity NAME  --region REGION  --endpoint-url URL  --no-cache

  --keychain ACCESS_KEY  Keys that Set-RoleCredentials -Vault put into the system's keychain;
                         no other option goes with it.

If a role needs an MFA code, the command prompts for it at the terminal, if there is one.
`;

export type Options = ReturnType<typeof readOptions>;

/** @throws RoleError `RequestInvalid` */
export function readOptions(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({
      args: [...args],
      options: {
        profile: text,
        "role-arn": text,
        "role-name": text,
        "account-id": text,
        "sso-session": text,
        "source-profile": text,
        "role-session-name": text,
        "duration-seconds": text,
        "external-id": text,
        "mfa-serial": text,
        "token-code": text,
        "source-identity": text,
        region: text,
        "endpoint-url": text,
        format: text,
        request: text,
        [keychainOption]: text,
        "no-cache": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw misused(error instanceof Error ? error.message : "The arguments cannot be read.");
  }
}

export function paramsOf(options: Options): UseRoleParams {
  const pairs = Object.entries(roleOptions).map(([option, param]) => {
    const value = options[option as keyof typeof roleOptions];
    return [param, option === "duration-seconds" && value !== undefined ? Number(value) : value] as const;
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

export function misused(what: string): RoleError {
  return new RoleError("RequestInvalid", what, { action: "Run role-credentials --help for usage." });
}

/** The option for each parameter of `Use-Role` that the command has too, such as `--token-code` for `-TokenCode`. */
const optionOfParameter = new Map(
  Object.entries(roleOptions).map(([option, param]) => [
    `-${param.charAt(0).toUpperCase()}${param.slice(1)}`,
    `--${option}`,
  ]),
);

const parameter = /(?<![\w'-])-[A-Z][A-Za-z]+/g;
/** A cmdlet of the module. Parameters in the same clause belong to that cmdlet. */
const cmdlet = /\b[A-Z][a-z]+-(?:Role|IdentityCenter)[A-Za-z]*\b/;

/**
 * Rewrites a text of the core, which names cmdlet parameters, into the terms of the command: `-TokenCode` becomes `--token-code`. A clause
 * about a cmdlet is marked as PowerShell's. A later clause about a parameter that the command lacks is dropped.
 */
export function forCommandLine(text: string): string {
  const clauses = text
    .split(/(?<=[.;:,]) /)
    .map((clause) =>
      cmdlet.test(clause)
        ? clause.replace(cmdlet, "PowerShell's $&")
        : clause.replace(parameter, (name) => optionOfParameter.get(name) ?? name),
    );
  const [first = "", ...rest] = clauses;
  const kept = [first, ...rest.filter((clause) => cmdlet.test(clause) || clause.match(parameter) === null)];
  return kept.join(" ").replace(/[;:,]$/, ".");
}
