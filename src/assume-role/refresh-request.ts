/**
 * A role as one word on a command line: what `-AutoRefresh` gives the AWS SDK to run, again and again, for as long as a job lasts.
 * It holds what was asked for and never a secret, and it means the same whatever the environment has become by then.
 */
import { sessionTokenOf } from "../credentials/environment.ts";
import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams } from "../protocol/methods.ts";
import type { Plan } from "./plan.ts";
import { renewalOf } from "./renewal.ts";

interface RefreshRequest {
  readonly params: UseRoleParams;
  /** Relative paths start here. */
  readonly folder: string;
  /** The variables that say who one is, as they were; null for those that were not set. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** The access key that was in the environment: its secret is taken from there, if it is still the same. */
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
 * The arguments of our command that give the same role again.
 * @throws RoleError `RefreshNotPossible` when nobody could get it without the user
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
    ...(plan.source.kind === "environment" && accessKeyId !== undefined && { accessKeyId }),
  };
  return ["credential-process", "--request", Buffer.from(JSON.stringify(request)).toString("base64url")];
}

function obstacle(plan: Plan, environment: Environment): { because: string; action: string } | undefined {
  switch (renewalOf(plan, environment)) {
    case "given":
      return {
        because: "their source was given with -Credential or -AccessKey",
        action: "Name a profile as the source, or leave out -AutoRefresh.",
      };
    case "code":
      return {
        because: "each renewal wants an MFA code, and nobody is asked in the middle of a job",
        action:
          "Set-RoleCredentials -MfaSession makes one code last for many hours; or ask for a longer -DurationInSeconds, and leave out -AutoRefresh.",
      };
    default:
  }
  if (plan.source.kind === "environment" && sessionTokenOf(environment) !== undefined) {
    return {
      because: "the keys in the environment are temporary ones, which end",
      action: "Name a profile as the source, or leave out -AutoRefresh.",
    };
  }
  return undefined;
}

/**
 * What such a word asks for, and the context it is to be answered in.
 * @throws RoleError `RequestInvalid`; `CredentialsRejected` when the environment's keys are no longer those
 */
export function readRefreshRequest(word: string, context: Context): { params: UseRoleParams; context: Context } {
  const { params, folder, environment, accessKeyId } = decode(word);
  const restored: Record<string, string | undefined> = { ...context.environment };
  for (const [name, value] of Object.entries(environment)) restored[name] = value ?? undefined;
  if (accessKeyId === undefined) for (const name of secretVariables) restored[name] = undefined;
  else if (restored.AWS_ACCESS_KEY_ID !== accessKeyId || sessionTokenOf(restored) !== undefined) {
    throw new RoleError("CredentialsRejected", `The keys in the environment are no longer those of ${accessKeyId}.`, {
      target: "AWS_ACCESS_KEY_ID",
      action: "Use the credentials outside of Enter-Role and Use-Role -ScriptBlock, or name a profile as their source.",
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
    // The error below says it.
  }
  throw new RoleError("RequestInvalid", "What --request holds is no request.", {
    action: "Use-Role -AutoRefresh writes it; it is not made by hand.",
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
