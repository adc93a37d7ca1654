/** Turns a request into a plan: the profiles and parameters that it names, or none of them. Planning makes no calls. */

import { profileOfEnvironment } from "../credentials/default-chain.ts";
import { givenSource } from "../credentials/given.ts";
import { hasCredentials } from "../credentials/profile-source.ts";
import { refuseUnprintable } from "../credentials/provider.ts";
import { namesSession } from "../identity-center/choose-session.ts";
import { partitionOfRegion } from "../network/partitions.ts";
import { regionOfEnvironment } from "../network/region.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context, Environment } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import { parseExpiration } from "../protocol/expiration.ts";
import { composeRoleArn, parseRoleArn, type RoleArn } from "../protocol/role-arn.ts";
import type { SessionParameters, UseRoleParams, WireCredentials } from "../protocol/role-messages.ts";
import { type Plan, planDefault, planProfile, planSourceProfile, withMfaPrograms } from "./plan.ts";
import { planFederated } from "./plan-federated.ts";
import { planSsoRole } from "./plan-sso.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { requestedSession } from "./session-parameters.ts";

/**
 * Plans a request.
 * A role given together with a profile is assumed with the profile's credentials, as in `Use-STSRole -ProfileName`.
 * @throws RoleError if the parameters or the profiles are invalid; no call has been made by then
 */
export function planRequest(
  params: UseRoleParams,
  { shared }: Pick<ResolutionContext, "shared">,
  context: Context,
): Plan {
  const plan = withMfaPrograms(planOf(params, shared, context));
  const wantsCode = plan.session !== undefined || plan.hops.some(({ mfaSerial }) => mfaSerial !== undefined);
  if (params.tokenCode !== undefined && !wantsCode) {
    throw new RoleError("ParameterConflict", "-TokenCode has no effect without an MFA device.", {
      target: "-TokenCode",
      action: "Pass -MfaSerial with the device, or omit -TokenCode.",
    });
  }
  return plan;
}

function planOf(params: UseRoleParams, shared: SharedConfig, context: Context): Plan {
  if (namesSession(params) && !params.federation) return planSsoRole(params, shared);
  const { environment } = context;
  const { profileName, sourceProfile, credentials } = params;
  const requested = requestedSession(params);
  const home = shared.profile(profileName ?? sourceProfile ?? profileOfEnvironment(environment).name);
  const roleArn = requestedRole(
    params,
    params.region ?? home?.settings.region ?? regionOfEnvironment(environment)?.value,
  );
  if (params.federation)
    return planFederated(params.federation, { params, requested, roleArn, settings: home?.settings ?? {} }, context);
  if (sourceProfile !== undefined && credentials)
    throw conflict("-SourceProfile and -Credential", "Use one source of credentials.");

  if (roleArn) {
    if (profileName !== undefined && (sourceProfile !== undefined || credentials))
      throw conflict(
        "-RoleArn, -ProfileName and another source",
        "With -RoleArn the profile is the source: use only one source.",
      );
    const source = credentials ? givenPlan(credentials) : sourceOfRole(params, shared, environment);
    return { ...source, hops: [...source.hops, { roleArn, settings: source.settings, ...requested }] };
  }

  return withSessionParameters(planNamed(params, shared, environment), requested, profileName);
}

/** Plans a request that names no role. */
function planNamed(
  { profileName, sourceProfile, credentials }: UseRoleParams,
  shared: SharedConfig,
  environment: Environment,
): Plan {
  if (profileName === undefined) {
    if (sourceProfile !== undefined)
      throw new RoleError("ParameterConflict", "-SourceProfile assumes a role, and no role is named.", {
        target: "-SourceProfile",
        action: "Pass -RoleArn, or -ProfileName for the profile's own role.",
      });
    // Credentials without a role are used as they are.
    return credentials ? givenPlan(credentials) : planDefault(shared, environment);
  }
  const plan = planProfile(profileName, shared, environment);
  if (!credentials && sourceProfile === undefined) return plan;
  const last = plan.hops.at(-1);
  if (!last) throw noRole(profileName);
  const source = credentials
    ? givenPlan(credentials)
    : planSourceProfile(sourceProfile ?? "", shared, environment, "the command");
  return { ...source, hops: [...source.hops, last], settings: plan.settings };
}

/** Plans the source of a role given by ARN. A profile's own keys take precedence over its role, as for a `source_profile`. */
function sourceOfRole(
  { profileName, sourceProfile }: UseRoleParams,
  shared: SharedConfig,
  environment: Environment,
): Plan {
  if (sourceProfile !== undefined) return planSourceProfile(sourceProfile, shared, environment, "the command");
  if (profileName === undefined) return planDefault(shared, environment);
  const profile = shared.profile(profileName);
  return !profile || hasCredentials(profile.settings)
    ? planSourceProfile(profileName, shared, environment, "the command")
    : planProfile(profileName, shared, environment);
}

function requestedRole({ roleArn, roleName, accountId }: UseRoleParams, near: string | undefined): RoleArn | undefined {
  if (roleArn !== undefined) {
    if (roleName !== undefined || accountId !== undefined) throw conflict("-RoleArn and -RoleName", "Use one of them.");
    return parseRoleArn(roleArn);
  }
  if (roleName === undefined && accountId === undefined) return undefined;
  if (roleName === undefined || accountId === undefined)
    throw new RoleError(
      "ParameterConflict",
      "-RoleName and -AccountId name a role together, and one of them is missing.",
      {
        target: roleName === undefined ? "-RoleName" : "-AccountId",
        action: "Pass both, or -RoleArn.",
      },
    );
  return composeRoleArn(near === undefined ? "aws" : partitionOfRegion(near).name, accountId, roleName);
}

function withSessionParameters(plan: Plan, requested: SessionParameters, profileName: string | undefined): Plan {
  if (Object.keys(requested).length === 0) return plan;
  const last = plan.hops.at(-1);
  if (!last) throw noRole(profileName);
  return { ...plan, hops: [...plan.hops.slice(0, -1), { ...last, ...requested }] };
}

function givenPlan(wire: WireCredentials): Plan {
  const { expiration: text, ...keys } = wire;
  const expiration = text === undefined ? undefined : parseExpiration(text);
  if (text !== undefined && !expiration) {
    throw new RoleError("CredentialsInvalid", "The expiration of the given credentials is not a time.", {
      target: "-Credential",
      action: "Get new credentials, or pass them without their expiration.",
    });
  }
  const credentials: Credentials = { ...keys, ...(expiration !== undefined && { expiration }) };
  refuseUnprintable(credentials, "-Credential");
  return { source: givenSource(credentials), hops: [], settings: {} };
}

function conflict(what: string, action: string): RoleError {
  return new RoleError("ParameterConflict", `These parameters cannot be combined: ${what}.`, { target: what, action });
}

function noRole(profileName: string | undefined): RoleError {
  const whose = profileName === undefined ? "" : ` and profile '${profileName}' has none`;
  return new RoleError(
    "ParameterConflict",
    `Some parameters describe the session of a role, but no role is named${whose}.`,
    {
      target: profileName,
      action: "Pass -RoleArn, or omit the parameters that describe a role's session.",
    },
  );
}
