/** Handles a `Use-Role` request, from its parameters to credentials. */

import { configuredRegion } from "../network/region.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UsedRole } from "../protocol/history-messages.ts";
import type { UseRoleParams, UseRoleResult } from "../protocol/role-messages.ts";
import { lastProvider } from "./chain.ts";
import type { Plan } from "./plan.ts";
import { planRequest } from "./plan-request.ts";
import { isChained, renewalOf } from "./renewal.ts";
import type { ResolutionContext } from "./resolution-context.ts";

/** Gets the credentials for a request, with their metadata. */
export async function useRole(
  params: UseRoleParams,
  resolution: ResolutionContext,
  context: Context,
): Promise<UseRoleResult> {
  const plan = planRequest(params, resolution, context);
  if (params.endpointUrl !== undefined && !asksSts(plan)) {
    throw new RoleError("ParameterConflict", "-EndpointUrl has no effect: these credentials need no call to STS.", {
      target: "-EndpointUrl",
      action: "Omit -EndpointUrl, or pass -RoleArn.",
    });
  }
  const { credentials, lifetime: _, ...rest } = await lastProvider(plan, resolution, context).obtain(context);
  const { expiration, ...keys } = credentials;
  const { environment } = context;
  const region = configuredRegion({ explicit: resolution.region, settings: plan.settings, environment });
  const last = plan.hops.at(-1);
  const roleArn = last?.roleArn.text ?? plan.source.identity?.roleArn;
  // For a role given by ARN, the plan names the source.
  const profileName = last ? last.profileName : plan.profileName;
  const { sourceProfile } = profilesOf(params);
  return {
    ...keys,
    ...(expiration && { expiration: expiration.toISOString() }),
    ...rest,
    ...(roleArn !== undefined && { roleArn }),
    ...(region !== undefined && { region }),
    ...(profileName !== undefined && { profileName }),
    ...(isChained(plan, environment) && { chained: true }),
    renewal: renewalOf(plan, environment),
    ...(sourceProfile !== undefined && { sourceProfile }),
  };
}

/** The profiles that a request names: the one that defines its role, and the source. Beside a role, -ProfileName is the source. */
export function profilesOf({
  profileName,
  sourceProfile,
  roleArn,
  roleName,
}: UseRoleParams): Pick<UsedRole, "profileName" | "sourceProfile"> {
  const namesRole = roleArn !== undefined || roleName !== undefined;
  const source = namesRole ? (profileName ?? sourceProfile) : sourceProfile;
  return {
    ...(!namesRole && profileName !== undefined && { profileName }),
    ...(source !== undefined && { sourceProfile: source }),
  };
}

function asksSts({ hops, session, source }: Plan): boolean {
  return hops.length > 0 || session !== undefined || source.identity !== undefined;
}
