/** The role behind a credentials endpoint: its current credentials, which it renews when a program asks for them near their end. */
import { useRole } from "../assume-role/use-role.ts";
import { refreshWindowOf } from "../cache/refresh-window.ts";
import type { Setting } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { parseExpiration } from "../protocol/expiration.ts";
import type { UseRoleParams, UseRoleResult, WireCredentials } from "../protocol/role-messages.ts";
import type { Core } from "./core.ts";

/** Milliseconds. Credentials with less time left are not worth serving. */
const leastUse = 30_000;

/**
 * Returns what the endpoint serves. Concurrent callers share one renewal.
 * @param current credentials that the request has just returned
 * @throws RoleError `ServeNotPossible` if the credentials do not expire
 */
export function servedRole(
  request: UseRoleParams,
  current: UseRoleResult,
  core: Core,
  context: Context,
): () => Promise<WireCredentials> {
  // A code works once. A later renewal that needs one fails, and says so.
  const { tokenCode: _, tokenCodes: __, ...params } = request;
  const { now } = context;
  let served = { credentials: current as WireCredentials, end: endOf(current), obtainedAt: now() };
  let renewal: Promise<WireCredentials> | undefined;
  const isGiven = params.credentials !== undefined && params.roleArn === undefined && params.profileName === undefined;
  let renewals = 0;

  const renew = async () => {
    const invocationId = `${params.invocationId ?? "endpoint"}-${++renewals}`;
    try {
      const resolution = core.resolution({ ...params, invocationId }, context);
      const credentials = await useRole({ ...params, invocationId }, resolution, context);
      if (!isGiven) refuseOther(current, credentials);
      refuseExpired(credentials, now());
      served = { credentials, end: endOf(credentials), obtainedAt: now() };
      return credentials;
    } catch (error) {
      if (served.end - now() > leastUse) return served.credentials;
      throw explained(error);
    } finally {
      core.forget(invocationId);
      renewal = undefined;
    }
  };
  return async () => {
    // With a cache, the cache decides.
    const window = refreshWindowOf(served.end - served.obtainedAt);
    if (params.noCache && served.end - now() > window) return served.credentials;
    renewal ??= renew();
    return renewal;
  };
}

function endOf({ sessionToken, expiration }: WireCredentials): number {
  const end = expiration === undefined ? undefined : parseExpiration(expiration)?.getTime();
  if (sessionToken !== undefined && end !== undefined) return end;
  throw new RoleError(
    "ServeNotPossible",
    "A credentials endpoint serves temporary credentials, and these do not expire.",
    {
      target: "-Serve",
      action: "Name a role, or omit -Serve.",
    },
  );
}

/** The profile may have changed since. The programs were started for one role. */
function refuseOther(first: UseRoleResult, { roleArn, accountId }: UseRoleResult): void {
  if (roleArn === first.roleArn && accountId === first.accountId) return;
  throw new RoleError(
    "ServeNotPossible",
    `The request now returns ${roleArn ?? "other credentials"}, but this endpoint serves ${first.roleArn ?? "those of the start"}.`,
    { target: "-Serve", action: "End the programs, and start them again with the new role." },
  );
}

/** Given credentials stay the same. */
function refuseExpired(credentials: WireCredentials, now: number): void {
  if (endOf(credentials) > now) return;
  throw new RoleError("CredentialsExpired", "The credentials of this endpoint have expired, and cannot be renewed.", {
    target: "-Serve",
    action: "Get new ones, and start the program again with them.",
  });
}

function explained(error: unknown): unknown {
  if (!(error instanceof RoleError) || error.code !== "MfaRequired") return error;
  return new RoleError(error.code, error.message, {
    ...error.details,
    action:
      "Run Use-Role with the same parameters in another PowerShell session, and enter the code there. Then try again: this endpoint finds the new session in the cache.",
  });
}

/** The settings of the default profile that programs lose with the files, and the variables that replace them. */
const variables: readonly (readonly [setting: Setting, variable: string])[] = [
  ["region", "AWS_REGION"],
  ["region", "AWS_DEFAULT_REGION"],
  ["output", "AWS_DEFAULT_OUTPUT"],
  ["caBundle", "AWS_CA_BUNDLE"],
  ["endpointUrl", "AWS_ENDPOINT_URL"],
  ["useFipsEndpoint", "AWS_USE_FIPS_ENDPOINT"],
  ["useDualstackEndpoint", "AWS_USE_DUALSTACK_ENDPOINT"],
];

/**
 * The variables with the settings of the default profile. Programs of a served role do not read the AWS files, because SDKs prefer the
 * default profile's credentials to an endpoint.
 */
export function settingVariables(core: Core, context: Context): Record<string, string> {
  const settings = core.shared(undefined, context).profile("default")?.settings ?? {};
  return Object.fromEntries(
    variables.flatMap(([setting, name]) => {
      const value = settings[setting];
      return value === undefined || context.environment[name] ? [] : [[name, value]];
    }),
  );
}
