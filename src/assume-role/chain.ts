/** A plan as a chain of hops: the source, an optional MFA session, and the roles in order. */

import { regionFromInstanceMetadata } from "../credentials/instance-metadata.ts";
import type { HopProvider } from "../credentials/provider.ts";
import type { Source } from "../credentials/source.ts";
import { configuredRegion } from "../network/region.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { federatedRoleCall } from "./federated-role.ts";
import type { Plan, RoleHop } from "./plan.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { mfaSessionProvider, roleProvider } from "./role-provider.ts";

/** One provider, with the plan's data for it. */
export interface ChainHop {
  readonly provider: HopProvider;
  /** Only for the first hop. */
  readonly source?: Source;
  /** Only for roles. */
  readonly hop?: RoleHop;
  /** The MFA device whose code opens this provider's session or goes into its AssumeRole. */
  readonly mfaSerial?: string | undefined;
  /** Settings of the profile that makes this provider's call, with the requested profile's network settings. */
  readonly settings: Settings;
  readonly profileName?: string | undefined;
  readonly last: boolean;
}

/**
 * The last provider of a plan; getting its credentials runs the whole chain.
 * @throws RoleError `RegionInvalid`, `PartitionMismatch`, and the errors of {@link chainOf}, even if no call is needed
 */
export function lastProvider(plan: Plan, resolution: ResolutionContext, context: Context): HopProvider {
  const { environment } = context;
  let last: HopProvider | undefined;
  for (const { provider, settings, hop } of chainOf(plan, resolution, context)) {
    configuredRegion({ explicit: resolution.region, settings, environment, role: hop?.roleArn });
    last = provider;
  }
  return last as HopProvider;
}

/**
 * Yields the hops of a plan, and creates each one on demand.
 * @param around wraps each provider before the next one builds on it
 * @throws RoleError if a hop cannot be created, for example because of an invalid endpoint; earlier hops were already yielded
 */
export function* chainOf(
  plan: Plan,
  resolution: ResolutionContext,
  context: Context,
  around: (provider: HopProvider) => HopProvider = (provider) => provider,
): Generator<ChainHop, void, undefined> {
  const inRegion = withInstanceRegion(plan, resolution);
  const [first] = plan.hops;
  let provider = around(
    plan.source.provider({
      resolution: inRegion,
      context,
      settings: plan.settings,
      rule: { stsDecides: first !== undefined },
      assumeFederatedRole: federatedRoleCall(plan.settings, inRegion),
    }),
  );
  // GetSessionToken accepts only long-term keys, so it can only precede the first role.
  const session =
    plan.session ??
    (first?.mfaSession && first.mfaSerial !== undefined && provider.longTerm
      ? { mfaSerial: first.mfaSerial, program: first.mfaProgram }
      : undefined);
  const settings = inherit(first?.settings ?? plan.settings, plan.settings);
  yield { provider, settings, source: plan.source, profileName: sourceProfileOf(plan), last: !session && !first };

  if (session) {
    const profileName = plan.source.holdsKeys ? plan.source.profile?.name : plan.profileName;
    provider = around(mfaSessionProvider({ ...session, settings, profileName }, provider, inRegion, context));
    yield { provider, settings, profileName, mfaSerial: session.mfaSerial, last: !first };
  }
  for (const [index, planned] of plan.hops.entries()) {
    // Without a session, the code goes into AssumeRole itself.
    const mfaSession = index === 0 && session !== undefined && planned.mfaSession === true;
    const hop: RoleHop = { ...planned, settings: inherit(planned.settings, plan.settings), mfaSession };
    provider = around(roleProvider(hop, provider, inRegion, context));
    yield {
      provider,
      hop,
      settings: hop.settings,
      mfaSerial: mfaSession ? undefined : hop.mfaSerial,
      profileName: hop.profileName,
      last: index === plan.hops.length - 1,
    };
  }
}

/** Adds the EC2 instance's region to a resolution, if the chain starts with the instance. */
export function withInstanceRegion(plan: Plan, resolution: ResolutionContext): ResolutionContext {
  if (plan.source.operation !== "Ec2InstanceMetadata") return resolution;
  return { ...resolution, instanceRegion: (during) => regionFromInstanceMetadata(during, { settings: plan.settings }) };
}

function sourceProfileOf({ source, hops, profileName }: Plan): string | undefined {
  if (source.identity) return source.identity.profileName;
  // The first role's profile contains `credential_source`.
  return source.profile?.name ?? hops[0]?.profileName ?? profileName;
}

/** A hop's network settings come from its own profile, else from the requested profile. */
function inherit(own: Settings, asked: Settings): Settings {
  return own === asked ? own : { ...pick(asked), ...own };
}

const travelSettings = [
  "region",
  "endpointUrl",
  "services",
  "ignoreConfiguredEndpointUrls",
  "stsRegionalEndpoints",
  "useFipsEndpoint",
  "useDualstackEndpoint",
  "caBundle",
  "maxAttempts",
  "retryMode",
] as const satisfies readonly (keyof Settings)[];

function pick(settings: Settings): Settings {
  return Object.fromEntries(
    travelSettings.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])),
  );
}
