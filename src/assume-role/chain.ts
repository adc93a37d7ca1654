/** A plan as a chain of steps: the source, perhaps an MFA session, and one role after another. */

import { regionFromInstanceMetadata } from "../credentials/instance-metadata.ts";
import type { HopProvider } from "../credentials/provider.ts";
import type { Source } from "../credentials/source.ts";
import { configuredRegion } from "../network/region.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import type { Plan, RoleHop } from "./plan.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { mfaSessionProvider, roleProvider } from "./role-provider.ts";
import { sourceProvider } from "./source-provider.ts";

/** One provider, with what the plan says of it. */
export interface ChainHop {
  readonly provider: HopProvider;
  /** For the first chainHop alone. */
  readonly source?: Source;
  /** For the roles. */
  readonly hop?: RoleHop;
  /** The device whose code opens this provider's session, or goes into its AssumeRole. */
  readonly mfaSerial?: string;
  /** Of the profile that makes this provider's call, with how the profile that was asked for travels. */
  readonly settings: Settings;
  readonly profileName?: string;
  readonly last: boolean;
}

/**
 * The provider at the end of a plan; who obtains it obtains them all.
 * @throws RoleError `RegionInvalid`, `PartitionMismatch`, and those of {@link chainOf}: also where nothing has to be called
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
 * The chainHops of a plan, each made when it is asked for.
 * @param around wraps each provider before the next one builds on it
 * @throws RoleError when a chainHop cannot be made, as for an endpoint that is none: those before it were yielded
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
    sourceProvider(plan.source, plan.settings, inRegion, context, { stsDecides: first !== undefined }),
  );
  // GetSessionToken takes long-term keys only, so it stands before the first role or nowhere.
  const session =
    plan.session ??
    (first?.mfaSession && first.mfaSerial !== undefined && provider.longTerm
      ? { mfaSerial: first.mfaSerial }
      : undefined);
  const settings = inherit(first?.settings ?? plan.settings, plan.settings);
  yield { provider, settings, ...aboutSource(plan), last: !session && !first };

  if (session) {
    const profileName = plan.source.kind === "keys" ? plan.source.profile?.name : plan.profileName;
    const named = profileName !== undefined && { profileName };
    provider = around(mfaSessionProvider({ ...session, settings, ...named }, provider, inRegion, context));
    yield { provider, settings, ...named, mfaSerial: session.mfaSerial, last: !first };
  }
  for (const [index, planned] of plan.hops.entries()) {
    const { mfaSession, ...plain } = { ...planned, settings: inherit(planned.settings, plan.settings) };
    // Elsewhere the code goes into AssumeRole itself.
    const hop: RoleHop = index === 0 && session && mfaSession ? { ...plain, mfaSession } : plain;
    provider = around(roleProvider(hop, provider, inRegion, context));
    yield {
      provider,
      hop,
      settings: hop.settings,
      ...(hop.mfaSerial !== undefined && !hop.mfaSession && { mfaSerial: hop.mfaSerial }),
      ...(hop.profileName !== undefined && { profileName: hop.profileName }),
      last: index === plan.hops.length - 1,
    };
  }
}

/** A resolution that can ask the EC2 instance for its region, where it begins on one. */
export function withInstanceRegion(plan: Plan, resolution: ResolutionContext): ResolutionContext {
  if (plan.source.kind !== "instanceMetadata") return resolution;
  return { ...resolution, instanceRegion: (during) => regionFromInstanceMetadata(during, { settings: plan.settings }) };
}

function aboutSource({ source, hops, profileName }: Plan): Pick<ChainHop, "source" | "profileName"> {
  // What `credential_source` names stands in the first role's profile.
  let name = hops[0]?.profileName ?? profileName;
  if (source.profile) name = source.profile.name;
  if (source.identity) name = source.identity.profileName;
  return { source, ...(name !== undefined && { profileName: name }) };
}

/** How a hop's calls travel is said by its own profile, else by the one that was asked for. */
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
