/** The command line: what other AWS tools run as their `credential_process`, and scripts to export credentials. */
import { parseArgs } from "node:util";
import { useRole } from "../assume-role/use-role.ts";
import type { Context } from "../protocol/context.ts";
import { isRoleError } from "../protocol/envelope.ts";
import { escapeForTerminal, RoleError } from "../protocol/errors.ts";
import type { UseRoleParams, UseRoleResult } from "../protocol/methods.ts";
import type { Core } from "../server/core.ts";
import { processOutput } from "./process-output.ts";

export interface Outcome {
  readonly output: string;
  readonly complaint: string;
  readonly exitCode: number;
}

const usage = `Usage:
  role-credentials credential-process [--profile NAME] [OPTIONS]
      prints credentials as an AWS tool expects them of a credential_process
  role-credentials export --format env|powershell|json [--profile NAME] [OPTIONS]
      prints credentials for a shell to evaluate, or as JSON

Options, with the meaning they have for Use-Role:
  --profile NAME  --role-arn ARN  --source-profile NAME  --role-session-name NAME
  --duration-seconds SECONDS  --external-id ID  --mfa-serial SERIAL  --token-code CODE
  --source-identity NAME  --region REGION  --endpoint-url URL  --no-cache
`;

/** Names the profiles that a process on the way down is already resolving, so that none asks for itself again. */
const resolvingVariable = "ROLE_CREDENTIALS_RESOLVING";

/** Runs one command. Nothing is read but what the arguments and the context name; nothing is printed here. */
export async function runCommand(args: readonly string[], core: Core, context: Context): Promise<Outcome> {
  try {
    const [command, ...rest] = args;
    if (command === "--help" || command === "-h" || command === "help") return ok(usage);
    if (command === "--version") return ok(`${VERSION}\n`);
    const options = optionsOf(rest);
    const format = command === "credential-process" ? processFormat : formats[options.format ?? ""];
    if ((command !== "credential-process" && command !== "export") || !format)
      throw misused("Unknown command or format.");
    const asked =
      options.request === undefined
        ? { params: paramsOf(options), context }
        : await requested(options.request, context);
    const { params } = asked;
    const within = guarded(params, asked.context);
    return ok(format(await useRole(params, core.resolution(params, within), within)));
  } catch (error) {
    if (!isRoleError(error)) throw error;
    const { message, code, details } = error;
    const lines = [`${message}`, ...(details.action ? [escapeForTerminal(details.action)] : [])];
    return {
      output: "",
      complaint: `role-credentials: ${code}: ${lines.join(" ")}\n`,
      exitCode: code === "RequestInvalid" ? 2 : 1,
    };
  }
}

function ok(output: string): Outcome {
  return { output, complaint: "", exitCode: 0 };
}

function optionsOf(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({
      args: [...args],
      options: {
        profile: text,
        "role-arn": text,
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
        "no-cache": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw misused(error instanceof Error ? error.message : "The arguments cannot be read.");
  }
}

/** What `Use-Role -AutoRefresh` has the AWS SDK ask for. */
async function requested(word: string, context: Context): Promise<{ params: UseRoleParams; context: Context }> {
  const { readRefreshRequest } = await import("../assume-role/refresh-request.ts");
  return readRefreshRequest(word, context);
}

function paramsOf(options: ReturnType<typeof optionsOf>): UseRoleParams {
  const pairs: [keyof UseRoleParams, unknown][] = [
    ["profileName", options.profile],
    ["roleArn", options["role-arn"]],
    ["sourceProfile", options["source-profile"]],
    ["roleSessionName", options["role-session-name"]],
    ["durationInSeconds", options["duration-seconds"] === undefined ? undefined : Number(options["duration-seconds"])],
    ["externalId", options["external-id"]],
    ["mfaSerial", options["mfa-serial"]],
    ["tokenCode", options["token-code"]],
    ["sourceIdentity", options["source-identity"]],
    ["region", options.region],
    ["endpointUrl", options["endpoint-url"]],
    ["noCache", options["no-cache"]],
  ];
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

/** A profile whose `credential_process` is this very command for this very profile would start processes without end. */
function guarded(params: UseRoleParams, context: Context): Context {
  const { environment } = context;
  const name = params.profileName ?? environment.AWS_PROFILE ?? "default";
  const resolving = environment[resolvingVariable]?.split("\n") ?? [];
  if (resolving.includes(name)) {
    throw new RoleError(
      "ProfileCycle",
      `The credential_process of profile '${name}' asks for profile '${name}' again.`,
      {
        target: name,
        action: "Let it name another profile, or give this one a role or keys.",
      },
    );
  }
  return { ...context, environment: { ...environment, [resolvingVariable]: [...resolving, name].join("\n") } };
}

const processFormat = (result: UseRoleResult) => processOutput(result);

const formats: Record<string, ((result: UseRoleResult) => string) | undefined> = Object.assign(Object.create(null), {
  json: (result: UseRoleResult) => `${JSON.stringify({ ...namedAsInSts(result), Region: result.region }, null, 2)}\n`,
  env: (result: UseRoleResult) =>
    lines(result, (name, value) =>
      value === undefined ? `unset ${name}` : `export ${name}='${value.replaceAll("'", "'\\''")}'`,
    ),
  powershell: (result: UseRoleResult) =>
    lines(result, (name, value) =>
      value === undefined ? `$env:${name} = $null` : `$env:${name} = '${value.replaceAll("'", "''")}'`,
    ),
});

function namedAsInSts({ accessKeyId, secretAccessKey, sessionToken, expiration, accountId }: UseRoleResult) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
    AccountId: accountId,
  };
}

/** What belongs to the keys is taken away where these have none; a region of the caller's own stays. */
function lines(result: UseRoleResult, line: (name: string, value: string | undefined) => string): string {
  const variables: [string, string | undefined][] = [
    ["AWS_ACCESS_KEY_ID", result.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", result.secretAccessKey],
    ["AWS_SESSION_TOKEN", result.sessionToken],
    ["AWS_CREDENTIAL_EXPIRATION", result.expiration],
  ];
  if (result.region !== undefined) variables.push(["AWS_REGION", result.region], ["AWS_DEFAULT_REGION", result.region]);
  return variables.map(([name, value]) => `${line(name, value)}\n`).join("");
}

function misused(what: string): RoleError {
  return new RoleError("RequestInvalid", what, { action: "role-credentials --help tells how it is used." });
}
