/** A plan as a chain of steps: the source, perhaps an MFA session, and one role after another. */
import type { Context } from "../context.ts";
import type { Settings } from "../files/settings.ts";
import { regionFromInstanceMetadata } from "../sources/instance-metadata.ts";
import { roleStep, sessionStep } from "./hop-steps.ts";
import type { Plan, RoleHop, Source } from "./plan.ts";
import { sourceStep } from "./source-step.ts";
import type { Journey, Step } from "./steps.ts";

/** One step, with what the plan says of it. */
export interface Link {
  readonly step: Step;
  /** For the first link alone. */
  readonly source?: Source;
  /** For the roles. */
  readonly hop?: RoleHop;
  /** The device whose code opens this step's session, or goes into its AssumeRole. */
  readonly mfaSerial?: string;
  /** Of the profile that makes this step's call, with how the profile that was asked for travels. */
  readonly settings: Settings;
  readonly profileName?: string;
  readonly last: boolean;
}

/** The step at the end of a plan; who obtains it obtains them all. */
export function lastStep(plan: Plan, journey: Journey, context: Context): Step {
  let last: Step | undefined;
  for (const { step } of chainOf(plan, journey, context)) last = step;
  return last as Step;
}

/**
 * The links of a plan, each made when it is asked for.
 * @param around wraps each step before the next one builds on it
 * @throws RoleError when a link cannot be made, as for an endpoint that is none: those before it were yielded
 */
export function* chainOf(
  plan: Plan,
  journey: Journey,
  context: Context,
  around: (step: Step) => Step = (step) => step,
): Generator<Link, void, undefined> {
  const travelling = travellingFrom(plan, journey);
  const [first] = plan.hops;
  let step = around(sourceStep(plan.source, plan.settings, travelling, context, { stsDecides: first !== undefined }));
  // GetSessionToken takes long-term keys only, so it stands before the first role or nowhere.
  const session =
    plan.session ??
    (first?.mfaSession && first.mfaSerial !== undefined && step.longTerm ? { mfaSerial: first.mfaSerial } : undefined);
  const settings = inherit(first?.settings ?? plan.settings, plan.settings);
  yield { step, settings, ...aboutSource(plan), last: !session && !first };

  if (session) {
    const profileName = plan.source.kind === "keys" ? plan.source.profile.name : plan.profileName;
    const named = profileName !== undefined && { profileName };
    step = around(sessionStep({ ...session, settings, ...named }, step, travelling, context));
    yield { step, settings, ...named, mfaSerial: session.mfaSerial, last: !first };
  }
  for (const [index, planned] of plan.hops.entries()) {
    const { mfaSession, ...plain } = { ...planned, settings: inherit(planned.settings, plan.settings) };
    // Elsewhere the code goes into AssumeRole itself.
    const hop: RoleHop = index === 0 && session && mfaSession ? { ...plain, mfaSession } : plain;
    step = around(roleStep(hop, step, travelling, context));
    yield {
      step,
      hop,
      settings: hop.settings,
      ...(hop.mfaSerial !== undefined && !hop.mfaSession && { mfaSerial: hop.mfaSerial }),
      ...(hop.profileName !== undefined && { profileName: hop.profileName }),
      last: index === plan.hops.length - 1,
    };
  }
}

/** A journey that can ask the EC2 instance for its region, where it begins on one. */
export function travellingFrom(plan: Plan, journey: Journey): Journey {
  if (plan.source.kind !== "instanceMetadata") return journey;
  return { ...journey, instanceRegion: (during) => regionFromInstanceMetadata(during, { settings: plan.settings }) };
}

function aboutSource({ source, hops, profileName }: Plan): Pick<Link, "source" | "profileName"> {
  // What `credential_source` names stands in the first role's profile.
  let name = hops[0]?.profileName ?? profileName;
  if ("profile" in source) name = source.profile.name;
  if (source.kind === "webIdentity") name = source.identity.profileName;
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
