/** A hop's call as policies see it, and the policies that allow it. */

import type { ChainHop } from "../assume-role/chain.ts";
import { configuredSessionName } from "../assume-role/session-name.ts";
import { readTokenFile } from "../credentials/token-file.ts";
import type { Context } from "../protocol/context.ts";
import { escapeForTerminal } from "../protocol/errors.ts";
import type { CallerIdentity, HopReport } from "../protocol/methods.ts";
import { type RoleArn, readRoleArn } from "../protocol/role-arn.ts";
import type { DiagnosisState } from "./diagnosis-state.ts";
import type { FailedAssumption } from "./failed-hop.ts";
import {
  type Assumption,
  claimsOf,
  identityPolicy,
  type PolicyDocument,
  principalOf,
  trustPolicy,
  webIdentityTrustPolicy,
} from "./policy-statements.ts";

/** An AssumeRole as policies see it, with what came down the chain. */
export function assumptionOf(
  chainHop: ChainHop,
  before: readonly ChainHop[],
  identity: CallerIdentity | undefined,
  state: DiagnosisState,
  context: Context,
): FailedAssumption | undefined {
  const { hop } = chainHop;
  const caller = before.at(-1);
  if (!hop || !caller || !identity) return undefined;
  const inherited = before.flatMap((one) => one.hop?.transitiveTagKeys ?? []);
  const sourceIdentity = [...before, chainHop]
    .map((one) => state.get(one.provider.identity)?.obtained.sourceIdentity ?? one.hop?.sourceIdentity)
    .find((one) => one !== undefined);
  const roleSessionName = hop.roleSessionName ?? configuredSessionName(context);
  const assumption: Assumption = {
    roleArn: hop.roleArn.text,
    caller: principalOf(identity, caller.hop?.roleArn ?? roleOfWebIdentity(caller)),
    ...(roleSessionName !== undefined && { roleSessionName }),
    ...(hop.externalId !== undefined && { externalId: hop.externalId }),
    // A role's session does not carry the second factor on; a session of GetSessionToken is made for that.
    mfa: chainHop.mfaSerial !== undefined || (caller.mfaSerial !== undefined && !caller.hop),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    tagKeys: [...new Set([...inherited, ...(hop.tags ?? []).map(({ key }) => key)])],
    transitiveTagKeys: [...new Set([...inherited, ...(hop.transitiveTagKeys ?? [])])],
  };
  const credentials = state.get(caller.provider.identity)?.obtained.credentials;
  return { caller, identity, temporary: credentials?.sessionToken !== undefined, assumption };
}

/** For an administrator, as JSON text. */
export function policiesFor(
  chainHop: ChainHop,
  call: FailedAssumption | undefined,
  context: Context,
): Pick<HopReport, "trustPolicy" | "identityPolicy"> {
  // Neither root nor a federated user can assume a role, whatever is allowed.
  if (call && (call.assumption.caller.kind === "user" || call.assumption.caller.kind === "role")) {
    return {
      trustPolicy: text(trustPolicy(call.assumption)),
      identityPolicy: text(identityPolicy(call.assumption)),
    };
  }
  const role = roleOfWebIdentity(chainHop);
  if (chainHop.source?.kind !== "webIdentity" || !role) return {};
  try {
    const claims = claimsOf(readTokenFile(context, chainHop.source.identity.tokenFile, 20_000));
    return claims ? { trustPolicy: text(webIdentityTrustPolicy(role, claims)) } : {};
  } catch {
    // The hop itself tells what is wrong with the file.
    return {};
  }
}

function text(policy: PolicyDocument): string {
  return JSON.stringify(policy, (_, value) => (typeof value === "string" ? escapeForTerminal(value) : value), 2);
}

export function roleOfWebIdentity({ source }: ChainHop): RoleArn | undefined {
  return source?.kind === "webIdentity" ? readRoleArn(source.identity.roleArn, "the web identity") : undefined;
}
