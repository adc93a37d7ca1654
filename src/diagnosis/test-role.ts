/**
 * Tests one hop of a chain for `Test-Role`: gets its credentials, from the cache or by a call, and identifies their owner, or
 * explains the failure. The cmdlet requests the hops in order under one invocation id, so each hop reuses earlier results.
 */

import { identityOf } from "../assume-role/caller-identity.ts";
import { type ChainHop, chainOf, withInstanceRegion } from "../assume-role/chain.ts";
import type { Plan } from "../assume-role/plan.ts";
import { planRequest } from "../assume-role/plan-request.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import { requestedSession } from "../assume-role/session-parameters.ts";
import { stsEndpoint } from "../assume-role/sts/call.ts";
import type { Obtained } from "../credentials/provider.ts";
import { notableSkew } from "../network/clock-skew.ts";
import type { Endpoint } from "../network/endpoint.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import type { HopReport, TestRoleParams } from "../protocol/diagnosis-messages.ts";
import { RoleError } from "../protocol/errors.ts";
import { parseRoleArn, type RoleArn } from "../protocol/role-arn.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
import { brokenChain, failure, finding } from "./chain-failure.ts";
import { type DiagnosisState, diagnosedProvider } from "./diagnosis-state.ts";
import type { FailedHop } from "./failed-hop.ts";
import { errorWithHomeHint, withHomeHint } from "./home-hint.ts";
import { assumptionOf, policiesFor, roleOfWebIdentity } from "./hop-policies.ts";
import { keyAdvice } from "./key-advice.ts";
import { likelyCauses } from "./likely-cause.ts";

/**
 * Tests one hop. A failed hop is a result and not an error, and so is a missing MFA code.
 * @throws RoleError for an invalid request: an unknown profile, wrong or conflicting parameters, an unreadable file;
 * `Cancelled`
 */
export async function testHop(
  params: TestRoleParams,
  resolution: ResolutionContext,
  state: DiagnosisState,
  context: Context,
): Promise<HopReport> {
  try {
    return withHomeHint(await reportHop(params, resolution, state, context), context);
  } catch (error) {
    throw errorWithHomeHint(error, context);
  }
}

async function reportHop(
  params: TestRoleParams,
  resolution: ResolutionContext,
  state: DiagnosisState,
  context: Context,
): Promise<HopReport> {
  checkRequest(params);
  let plan: Plan;
  try {
    plan = planRequest(params, resolution, context);
  } catch (error) {
    return brokenChain(error, params, 1);
  }
  let codeTaken = false;
  const inRegion: ResolutionContext = {
    ...withInstanceRegion(plan, resolution),
    mfaCodes: {
      ...resolution.mfaCodes,
      take(...device) {
        const code = resolution.mfaCodes.take(...device);
        codeTaken = true;
        return code;
      },
    },
  };
  const before: ChainHop[] = [];
  try {
    for (const chainHop of chainOf(plan, inRegion, context, (provider) =>
      diagnosedProvider(provider, state, resolution),
    )) {
      before.push(chainHop);
      if (before.length === params.hop) break;
    }
  } catch (error) {
    return brokenChain(error, params, before.length + 1);
  }
  const chainHop = before.pop();
  if (!chainHop || before.length !== params.hop - 1)
    throw new RoleError("RequestInvalid", `The chain has no hop ${params.hop}.`, { target: String(params.hop) });
  const report = await testChainHop(chainHop, { plan, before, params, resolution: inRegion, state, context });
  return codeTaken ? { ...report, codeTaken } : report;
}

/** The context in which a hop is tested. */
interface Surroundings {
  readonly plan: Plan;
  /** The earlier hops, which all succeeded. */
  readonly before: readonly ChainHop[];
  readonly params: TestRoleParams;
  readonly resolution: ResolutionContext;
  readonly state: DiagnosisState;
  readonly context: Context;
}

async function testChainHop(chainHop: ChainHop, around: Surroundings): Promise<HopReport> {
  const { before, state, resolution, context, params } = around;
  const caller = before.at(-1);
  const callerIdentity = caller && (await knownIdentity(caller, around));
  const call = assumptionOf(chainHop, before, callerIdentity, state, context);
  const endpoint = await endpointOf(chainHop, around);
  const roleArn = (chainHop.hop?.roleArn ?? roleOfWebIdentity(chainHop))?.text;
  const about = {
    number: params.hop,
    operation: chainHop.source?.operation ?? (chainHop.hop ? "AssumeRole" : "GetSessionToken"),
    hop: escapeForTerminal(chainHop.provider.label),
    ...(chainHop.profileName !== undefined && { profileName: escapeForTerminal(chainHop.profileName) }),
    ...(roleArn !== undefined && { roleArn }),
    source: escapeForTerminal(
      caller ? caller.provider.label : (chainHop.source?.place(resolution, context.environment) ?? ""),
    ),
    ...(endpoint && { endpoint: endpoint.url.origin, region: endpoint.signingRegion }),
    ...policiesFor(chainHop, call, context),
  };
  let obtained: Obtained | undefined;
  try {
    obtained = await chainHop.provider.obtain(context);
    const { identity, clockSkewSeconds } = await askIdentity(chainHop, obtained.credentials, around);
    const diagnosed = state.get(chainHop.provider.identity);
    if (diagnosed) diagnosed.identity = identity;
    const { credentials } = obtained;
    const { expiration } = credentials;
    const advice = await keyAdvice(chainHop, credentials, identity, resolution, context);
    return {
      ...about,
      last: chainHop.last,
      identity,
      ...(expiration && { expiration: expiration.toISOString() }),
      cached: diagnosed?.cached ?? false,
      succeeded: true,
      ...(clockSkewSeconds !== undefined && { clockSkewSeconds }),
      causes: [],
      ...(advice.length > 0 && { advice }),
    };
  } catch (thrown) {
    const error = finding(thrown);
    const refused = obtained?.credentials ?? (caller && state.get(caller.provider.identity)?.obtained.credentials);
    const failed: FailedHop = {
      error,
      chainHop,
      shared: resolution.shared,
      ...(endpoint && { region: endpoint.signingRegion }),
      ...(refused && { refused }),
      ...(call && { call }),
    };
    const cached = obtained !== undefined && (state.get(chainHop.provider.identity)?.cached ?? false);
    return { ...about, last: true, cached, succeeded: false, ...failure(error), causes: likelyCauses(failed) };
  }
}

/** Throws for invalid parameters: they are an error of the request, not a result for the chain. */
function checkRequest(params: TestRoleParams): void {
  requestedSession(params);
  if (params.roleArn !== undefined) parseRoleArn(params.roleArn);
}

async function knownIdentity(chainHop: ChainHop, around: Surroundings): Promise<CallerIdentity | undefined> {
  const { state, context } = around;
  try {
    // This calls STS only if the state of the invocation was lost in between.
    const { credentials } = await chainHop.provider.obtain(context);
    const diagnosed = state.get(chainHop.provider.identity);
    return diagnosed?.identity ?? (await askIdentity(chainHop, credentials, around)).identity;
  } catch (thrown) {
    finding(thrown);
    return undefined;
  }
}

async function askIdentity(
  { provider, settings }: ChainHop,
  credentials: Credentials,
  { plan, params, resolution, context }: Surroundings,
): Promise<{ identity: CallerIdentity; clockSkewSeconds?: number }> {
  const about = { target: params.profileName ?? provider.label, hop: provider.label, caller: provider.label };
  const ask = (roleArn?: RoleArn) => identityOf({ settings, credentials, roleArn }, about, resolution, context);
  let answered: Awaited<ReturnType<typeof ask>>;
  try {
    // If no region is configured, the partition of the first role determines which STS accepts the keys.
    answered = await ask(plan.hops[0]?.roleArn);
  } catch (error) {
    if (!(error instanceof RoleError) || error.code !== "PartitionMismatch") throw error;
    answered = await ask();
  }
  const { clockOffset } = answered.call;
  return {
    identity: answered.identity,
    ...(Math.abs(clockOffset) >= notableSkew && { clockSkewSeconds: Math.round(-clockOffset / 1000) }),
  };
}

async function endpointOf(
  chainHop: ChainHop,
  { plan, resolution, context }: Surroundings,
): Promise<Endpoint | undefined> {
  try {
    return await stsEndpoint(
      { settings: chainHop.settings, roleArn: (chainHop.hop ?? plan.hops[0])?.roleArn },
      resolution,
      context,
    );
  } catch (thrown) {
    // The call itself reports this error.
    finding(thrown);
    return undefined;
  }
}
