/** The values of a hop's call that policies can check, and the policies that allow the call. */

import type { ChainHop } from "../assume-role/chain.ts";
import { configuredSessionName } from "../assume-role/session-name.ts";
import { readTokenFile } from "../credentials/token-file.ts";
import type { Context } from "../protocol/context.ts";
import type { HopReport } from "../protocol/diagnosis-messages.ts";
import { type RoleArn, readRoleArn } from "../protocol/role-arn.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";
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

/** The values of an AssumeRole call that policies can check, including those inherited along the chain. */
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
    // A role session does not pass on the second factor. A GetSessionToken session does.
    mfa: chainHop.mfaSerial !== undefined || (caller.mfaSerial !== undefined && !caller.hop),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    tagKeys: [...new Set([...inherited, ...(hop.tags ?? []).map(({ key }) => key)])],
    transitiveTagKeys: [...new Set([...inherited, ...(hop.transitiveTagKeys ?? [])])],
  };
  const credentials = state.get(caller.provider.identity)?.obtained.credentials;
  return { caller, identity, temporary: credentials?.sessionToken !== undefined, assumption };
}

/** The policies for an administrator, as JSON text. */
export function policiesFor(
  chainHop: ChainHop,
  call: FailedAssumption | undefined,
  context: Context,
): Pick<HopReport, "trustPolicy" | "identityPolicy"> {
  // Root and federated users cannot assume a role under any policy.
  if (call && (call.assumption.caller.kind === "user" || call.assumption.caller.kind === "role")) {
    return {
      trustPolicy: text(trustPolicy(call.assumption)),
      identityPolicy: text(identityPolicy(call.assumption)),
    };
  }
  const role = roleOfWebIdentity(chainHop);
  const tokenFile = chainHop.source?.identity?.tokenFile;
  if (tokenFile === undefined || !role) return {};
  try {
    const claims = claimsOf(readTokenFile(context, tokenFile, 20_000));
    return claims ? { trustPolicy: text(webIdentityTrustPolicy(role, claims)) } : {};
  } catch {
    // The hop itself reports the problem with the file.
    return {};
  }
}

function text(policy: PolicyDocument): string {
  return JSON.stringify(policy, (_, value) => (typeof value === "string" ? escapeForTerminal(value) : value), 2);
}

export function roleOfWebIdentity({ source }: ChainHop): RoleArn | undefined {
  return source?.identity && readRoleArn(source.identity.roleArn, "the web identity");
}
