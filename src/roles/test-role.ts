/**
 * What `Test-Role` asks for: one hop of a chain, tried for real or taken from the cache, whose it is, and where it fails why.
 * The hops are asked for one after another in one conversation; what was found for one is there for the next.
 */
import { parseRoleArn, type RoleArn } from "../arn.ts";
import type { Context } from "../context.ts";
import type { Credentials } from "../credentials.ts";
import { notableSkew } from "../endpoints/clock-skew.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { isRoleError } from "../protocol/envelope.ts";
import { inert, RoleError } from "../protocol/errors.ts";
import type { CallerIdentity, HopReport, TestRoleParams } from "../protocol/methods.ts";
import { identityOf } from "./caller-identity.ts";
import { chainOf, type Link, travellingFrom } from "./chain.ts";
import { asItIs, type FailedHop } from "./failed-hop.ts";
import { assumptionOf, policiesFor, roleOfWebIdentity } from "./hop-policies.ts";
import { operationOf, sourceText } from "./hop-words.ts";
import { likelyCauses } from "./likely-cause.ts";
import type { Plan } from "./plan.ts";
import type { Journey, Obtained } from "./steps.ts";
import { stsEndpoint } from "./sts-call.ts";
import { planRequest, wishedHop } from "./use-role.ts";
import { type Walk, walkedStep } from "./walk.ts";

/**
 * Tests one hop. That it fails is a finding and no error, a code that is wanted too.
 * @throws RoleError for a request that asks for what cannot be: an unknown profile, parameters that are wrong or do not go
 * together, a file that cannot be read; `Cancelled`
 */
export async function testHop(
  params: TestRoleParams,
  journey: Journey,
  walk: Walk,
  context: Context,
): Promise<HopReport> {
  checkRequest(params);
  let plan: Plan;
  try {
    plan = planRequest(params, journey, context);
  } catch (error) {
    return brokenChain(error, params, 1);
  }
  let codeTaken = false;
  const travelling: Journey = {
    ...travellingFrom(plan, journey),
    codes: {
      any: journey.codes.any,
      take(...device) {
        const code = journey.codes.take(...device);
        codeTaken = true;
        return code;
      },
    },
  };
  const before: Link[] = [];
  try {
    for (const link of chainOf(plan, travelling, context, (step) => walkedStep(step, walk, journey))) {
      before.push(link);
      if (before.length === params.hop) break;
    }
  } catch (error) {
    return brokenChain(error, params, before.length + 1);
  }
  const link = before.pop();
  if (!link || before.length !== params.hop - 1)
    throw new RoleError("RequestInvalid", `The chain has no hop ${params.hop}.`, { target: String(params.hop) });
  const report = await testLink(link, { plan, before, params, journey: travelling, walk, context });
  return codeTaken ? { ...report, codeTaken } : report;
}

/** What is known when a hop is tested. */
interface Surroundings {
  readonly plan: Plan;
  /** The links before this one, which succeeded. */
  readonly before: readonly Link[];
  readonly params: TestRoleParams;
  readonly journey: Journey;
  readonly walk: Walk;
  readonly context: Context;
}

async function testLink(link: Link, around: Surroundings): Promise<HopReport> {
  const { before, walk, journey, context, params } = around;
  const caller = before.at(-1);
  const callerIdentity = caller && (await knownIdentity(caller, around));
  const call = assumptionOf(link, before, callerIdentity, walk, context);
  const endpoint = await endpointOf(link, around);
  const roleArn = (link.hop?.roleArn ?? roleOfWebIdentity(link))?.text;
  const about = {
    number: params.hop,
    operation: operationOf(link),
    hop: inert(link.step.label),
    ...(link.profileName !== undefined && { profileName: inert(link.profileName) }),
    ...(roleArn !== undefined && { roleArn }),
    source: inert(caller ? caller.step.label : sourceText(link, journey, context)),
    ...(endpoint && { endpoint: endpoint.url.origin, region: endpoint.signingRegion }),
    ...policiesFor(link, call, context),
  };
  let obtained: Obtained | undefined;
  try {
    obtained = await link.step.obtain(context);
    const { identity, clockSkewSeconds } = await askIdentity(link, obtained.credentials, around);
    const walked = walk.get(link.step.fingerprint);
    if (walked) walked.identity = identity;
    const { expiration } = obtained.credentials;
    return {
      ...about,
      last: link.last,
      identity,
      ...(expiration && { expiration: expiration.toISOString() }),
      cached: walked?.cached ?? false,
      succeeded: true,
      ...(clockSkewSeconds !== undefined && { clockSkewSeconds }),
      causes: [],
    };
  } catch (thrown) {
    const error = finding(thrown);
    const refused = obtained?.credentials ?? (caller && walk.get(caller.step.fingerprint)?.obtained.credentials);
    const failed: FailedHop = {
      error,
      link,
      shared: journey.shared,
      ...(endpoint && { region: endpoint.signingRegion }),
      ...(refused && { refused }),
      ...(call && { call }),
    };
    const cached = obtained !== undefined && (walk.get(link.step.fingerprint)?.cached ?? false);
    return { ...about, last: true, cached, succeeded: false, ...failure(error), causes: likelyCauses(failed) };
  }
}

function failure(error: RoleError): Pick<HopReport, "error" | "clockSkewSeconds"> {
  const { awsCode, mfaSerial, clockSkewSeconds } = error.details;
  return {
    error: {
      id: error.code,
      message: error.message,
      ...(awsCode !== undefined && { awsCode: inert(awsCode) }),
      ...(mfaSerial !== undefined && { mfaSerial: inert(mfaSerial) }),
    },
    ...(clockSkewSeconds !== undefined && { clockSkewSeconds }),
  };
}

/** What is wrong with the parameters alone is no finding about a chain. */
function checkRequest(params: TestRoleParams): void {
  wishedHop(params);
  if (params.roleArn !== undefined) parseRoleArn(params.roleArn);
}

/** The chain itself is broken: the files say what cannot be. */
function brokenChain(thrown: unknown, params: TestRoleParams, number: number): HopReport {
  const error = finding(thrown);
  const { target } = error.details;
  const given = params.roleArn ?? params.roleName;
  const namedByCommand = target !== undefined && target === (params.sourceProfile ?? (given && params.profileName));
  if (impossible.has(error.code) || (error.code === "SourceProfileNotFound" && namedByCommand)) throw error;
  const profileName = target ?? params.profileName;
  return {
    number,
    last: true,
    operation: "Profile",
    hop: inert(profileName === undefined ? "the default source" : `profile ${profileName}`),
    ...(profileName !== undefined && { profileName: inert(profileName) }),
    cached: false,
    succeeded: false,
    ...failure(error),
    causes: [asItIs(error)],
  };
}

const impossible: ReadonlySet<string> = new Set([
  "AccountIdInvalid",
  "ParameterConflict",
  "ProfileNotFound",
  "RequestInvalid",
  "RoleNameInvalid",
]);

/** An error that tells something about the chain; what tells of the request or of the core goes on. */
function finding(thrown: unknown): RoleError {
  if (!isRoleError(thrown)) throw thrown;
  const { code, details } = thrown;
  if (code === "Cancelled" || code === "InternalError") throw thrown;
  if (details.target === "-Region" || details.target === "-EndpointUrl") throw thrown;
  return thrown;
}

async function knownIdentity(link: Link, around: Surroundings): Promise<CallerIdentity | undefined> {
  const { walk, context } = around;
  try {
    // Asked again only where the conversation was forgotten in between.
    const { credentials } = await link.step.obtain(context);
    const walked = walk.get(link.step.fingerprint);
    return walked?.identity ?? (await askIdentity(link, credentials, around)).identity;
  } catch (thrown) {
    finding(thrown);
    return undefined;
  }
}

async function askIdentity(
  { step, settings }: Link,
  credentials: Credentials,
  { plan, journey, context, ...rest }: Surroundings,
): Promise<{ identity: CallerIdentity; clockSkewSeconds?: number }> {
  const about = { target: rest.params.profileName ?? step.label, hop: step.label, caller: step.label };
  const ask = (roleArn?: RoleArn) => identityOf({ settings, credentials, roleArn }, about, journey, context);
  let answered: Awaited<ReturnType<typeof ask>>;
  try {
    // Where no region is configured, the first role's partition tells which STS knows the keys.
    answered = await ask(plan.hops[0]?.roleArn);
  } catch (error) {
    if (!isRoleError(error) || error.code !== "PartitionMismatch") throw error;
    answered = await ask();
  }
  const { clockOffset } = answered.call;
  return {
    identity: answered.identity,
    ...(Math.abs(clockOffset) >= notableSkew && { clockSkewSeconds: Math.round(-clockOffset / 1000) }),
  };
}

async function endpointOf(link: Link, { plan, journey, context }: Surroundings): Promise<Endpoint | undefined> {
  try {
    return await stsEndpoint(
      { settings: link.settings, roleArn: (link.hop ?? plan.hops[0])?.roleArn },
      journey,
      context,
    );
  } catch (thrown) {
    // The call itself tells it.
    finding(thrown);
    return undefined;
  }
}
