import { profileOfEnvironment } from "../credentials/default-chain.ts";
import { regionOfEnvironment } from "../network/region.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { DescribedIdentity } from "../protocol/role-messages.ts";
import { type Plan, planDefault } from "./plan.ts";
import type { ResolutionContext } from "./resolution-context.ts";

/**
 * Describes the identity outside of any entered role, from the environment and the files only. It makes no calls.
 * A broken profile and missing credentials are valid results, not errors.
 */
export function describeIdentity({ shared }: Pick<ResolutionContext, "shared">, context: Context): DescribedIdentity {
  const { environment } = context;
  let plan: Plan;
  try {
    plan = planDefault(shared, environment);
  } catch (error) {
    if (!(error instanceof RoleError)) throw error;
    return { source: "none", problem: error.message };
  }
  const named = profileOfEnvironment(environment);
  const role = plan.hops.at(-1)?.roleArn;
  const region = plan.settings.region ?? regionOfEnvironment(environment)?.value;
  // Keys in the environment take precedence over the profile.
  const profileName = plan.source.operation === "Environment" && plan.hops.length === 0 ? undefined : named.name;
  return {
    source: plan.source.summary,
    ...(profileName !== undefined && shared.profile(profileName) && { profileName }),
    ...(role && { roleArn: role.text, account: role.accountId }),
    ...(role ? {} : plan.source.about?.(environment)),
    ...(region !== undefined && { region }),
  };
}
