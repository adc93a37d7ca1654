/** The command's options, and the matching parameters of the protocol and of the cmdlets. */
import { parseArgs } from "node:util";
import { type CommandOption, parameterName, sessionOptions } from "../assume-role/session-parameters.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams } from "../protocol/role-messages.ts";
import { keychainOption } from "../vault/keychain-line.ts";
import { exportFormats } from "./export-formats.ts";

/** An option without a placeholder is a switch. */
interface RoleOption extends Pick<CommandOption, "name" | "isNumber"> {
  readonly placeholder?: string;
  readonly param: keyof UseRoleParams;
}

const roleOptions: readonly RoleOption[] = [
  { name: "profile", placeholder: "NAME", param: "profileName" },
  { name: "role-arn", placeholder: "ARN", param: "roleArn" },
  { name: "role-name", placeholder: "NAME", param: "roleName" },
  { name: "account-id", placeholder: "ID", param: "accountId" },
  { name: "sso-session", placeholder: "NAME", param: "ssoSession" },
  { name: "source-profile", placeholder: "NAME", param: "sourceProfile" },
  ...sessionOptions,
  { name: "token-code", placeholder: "CODE", param: "tokenCode" },
  { name: "region", placeholder: "REGION", param: "region" },
  { name: "endpoint-url", placeholder: "URL", param: "endpointUrl" },
  { name: "no-cache", param: "noCache" },
];

/** The text of `--help`. */
export function usage(): string {
  return `Usage:
  role-credentials credential-process [--profile NAME] [OPTIONS]
      Print credentials in the format that AWS tools expect from a credential_process.
  role-credentials export --format FORMAT [--profile NAME] [OPTIONS]
      Print credentials for a shell to evaluate or a program to read.

Formats:
${Object.entries(exportFormats)
  .map(([name, format]) => `  ${name.padEnd(12)}${format.usage}`)
  .join("\n")}

Options, as for Use-Role:
${optionLines().join("\n")}

  --keychain ACCESS_KEY  Keys that Set-RoleCredentials -Vault put into the keychain;
                         no other option goes with it.

If a role needs an MFA code, the command prompts for it at the terminal, if there is one.
`;
}

function optionLines(): string[] {
  const lines: string[] = [];
  for (const { name, placeholder } of roleOptions) {
    const option = `  --${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + option.length <= 90) lines[lines.length - 1] = last + option;
    else lines.push(option);
  }
  return lines;
}

export type Options = ReturnType<typeof readOptions>;

/** @throws RoleError `RequestInvalid` */
export function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  const ofRole = roleOptions.map(
    ({ name, placeholder }) => [name, { type: placeholder === undefined ? "boolean" : "string" }] as const,
  );
  try {
    const { format, request, keychain, help, ...values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(ofRole),
        format: text,
        request: text,
        [keychainOption]: text,
        help: { type: "boolean", short: "h" },
      },
    }).values;
    return { format, request, keychain, help, values: values as Readonly<Record<string, unknown>> };
  } catch (error) {
    throw misused(error instanceof Error ? error.message : "The arguments cannot be read.");
  }
}

export function paramsOf({ values }: Pick<Options, "values">): UseRoleParams {
  return Object.fromEntries(
    roleOptions.flatMap(({ name, param, isNumber }) => {
      const value = values[name];
      return value === undefined ? [] : [[param, isNumber ? Number(value) : value]];
    }),
  );
}

export function misused(what: string): RoleError {
  return new RoleError("RequestInvalid", what, { action: "Run role-credentials --help for usage." });
}

/** The option for each parameter of `Use-Role` that the command has too, such as `--token-code` for `-TokenCode`. */
const optionOfParameter = new Map(roleOptions.map(({ name, param }) => [parameterName(param), `--${name}`]));

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
