/**
 * Encodes a role request as one command-line argument. `-AutoRefresh` gives it to the AWS SDK, which runs it whenever credentials
 * expire. The argument contains the request but no secret, and does not depend on the environment at that time.
 */
import { sessionTokenOf } from "../credentials/environment.ts";
import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams } from "../protocol/role-messages.ts";
import type { Plan } from "./plan.ts";
import { renewalOf } from "./renewal.ts";

interface RefreshRequest {
  readonly params: UseRoleParams;
  /** The base directory of relative paths. */
  readonly folder: string;
  /** The variables that select an identity, as they were; null if unset. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** The access key in the environment. Its secret is read from the environment if the key is unchanged. */
  readonly accessKeyId?: string;
}

const identityVariables = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "ROLE_CREDENTIALS_CONFIG_FILE",
  "ROLE_CREDENTIALS_SHARED_CREDENTIALS_FILE",
] as const;

const secretVariables = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_ACCOUNT_ID",
] as const;

/**
 * Returns the arguments of our command that get the same role again.
 * @throws RoleError `RefreshNotPossible` if the refresh would need the user
 */
export function refreshArguments(params: UseRoleParams, plan: Plan, context: Context): string[] {
  const { environment } = context;
  const why = obstacle(plan, environment);
  if (why) {
    throw new RoleError("RefreshNotPossible", `These credentials cannot renew themselves: ${why.because}.`, {
      target: params.profileName ?? plan.hops.at(-1)?.roleArn.text ?? "-AutoRefresh",
      action: why.action,
    });
  }
  const { credentials: _c, tokenCode: _t, tokenCodes: _s, invocationId: _n, ...asked } = params;
  const { AWS_ACCESS_KEY_ID: accessKeyId } = environment;
  const request: RefreshRequest = {
    params: asked,
    folder: context.workingDirectory,
    environment: Object.fromEntries(identityVariables.map((name) => [name, environment[name] ?? null])),
    ...(plan.source.operation === "Environment" && accessKeyId !== undefined && { accessKeyId }),
  };
  return ["credential-process", "--request", Buffer.from(JSON.stringify(request)).toString("base64url")];
}

function obstacle(plan: Plan, environment: Environment): { because: string; action: string } | undefined {
  switch (renewalOf(plan, environment)) {
    case "given":
      return {
        because: "their source was given with the command, and cannot be used again",
        action: "Name a profile as the source, or omit -AutoRefresh.",
      };
    case "code":
      return {
        because: "each renewal needs an MFA code, and a job cannot prompt for one",
        action:
          "Set-RoleCredentials -MfaSession makes one code last for hours. Or pass a longer -DurationInSeconds without -AutoRefresh.",
      };
    default:
  }
  if (plan.source.operation === "Environment" && sessionTokenOf(environment) !== undefined) {
    return {
      because: "the keys in the environment are temporary and will expire",
      action: "Name a profile as the source, or omit -AutoRefresh.",
    };
  }
  return undefined;
}

/**
 * Decodes a refresh request, and restores the context in which it was made.
 * @throws RoleError `RequestInvalid`; `CredentialsRejected` if the environment's keys have changed
 */
export function readRefreshRequest(word: string, context: Context): { params: UseRoleParams; context: Context } {
  const { params, folder, environment, accessKeyId } = decode(word);
  const restored: Record<string, string | undefined> = { ...context.environment };
  for (const [name, value] of Object.entries(environment)) restored[name] = value ?? undefined;
  if (accessKeyId === undefined) for (const name of secretVariables) restored[name] = undefined;
  else if (restored.AWS_ACCESS_KEY_ID !== accessKeyId || sessionTokenOf(restored) !== undefined) {
    throw new RoleError("CredentialsRejected", `The keys in the environment are no longer those of ${accessKeyId}.`, {
      target: "AWS_ACCESS_KEY_ID",
      action: "Use the credentials outside Enter-Role and Use-Role -ScriptBlock, or choose a profile as their source.",
    });
  }
  return { params, context: { ...context, environment: restored, workingDirectory: folder } };
}

function decode(word: string): RefreshRequest {
  try {
    const request = JSON.parse(Buffer.from(word, "base64url").toString("utf8")) as Partial<RefreshRequest>;
    const { params, folder, environment } = request;
    if (isRecord(params) && typeof folder === "string" && isRecord(environment)) return request as RefreshRequest;
  } catch {
    // The error below covers this.
  }
  throw new RoleError("RequestInvalid", "The value of --request is not a valid request.", {
    action: "Use the value that Use-Role -AutoRefresh writes.",
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
