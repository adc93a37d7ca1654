/** A hop's call as policies see it, and the policies that allow it. */
import { type RoleArn, readRoleArn } from "../arn.ts";
import type { Context } from "../context.ts";
import { inert } from "../protocol/errors.ts";
import type { CallerIdentity, HopReport } from "../protocol/methods.ts";
import { readTokenFile } from "../sources/token-file.ts";
import type { Link } from "./chain.ts";
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
import { configuredSessionName } from "./session-name.ts";
import type { Walk } from "./walk.ts";

/** An AssumeRole as policies see it, with what came down the chain. */
export function assumptionOf(
  link: Link,
  before: readonly Link[],
  identity: CallerIdentity | undefined,
  walk: Walk,
  context: Context,
): FailedAssumption | undefined {
  const { hop } = link;
  const caller = before.at(-1);
  if (!hop || !caller || !identity) return undefined;
  const inherited = before.flatMap((one) => one.hop?.transitiveTagKeys ?? []);
  const sourceIdentity = [...before, link]
    .map((one) => walk.get(one.step.fingerprint)?.obtained.sourceIdentity ?? one.hop?.sourceIdentity)
    .find((one) => one !== undefined);
  const roleSessionName = hop.roleSessionName ?? configuredSessionName(context);
  const assumption: Assumption = {
    roleArn: hop.roleArn.text,
    caller: principalOf(identity, caller.hop?.roleArn ?? roleOfWebIdentity(caller)),
    ...(roleSessionName !== undefined && { roleSessionName }),
    ...(hop.externalId !== undefined && { externalId: hop.externalId }),
    // A role's session does not carry the second factor on; a session of GetSessionToken is made for that.
    mfa: link.mfaSerial !== undefined || (caller.mfaSerial !== undefined && !caller.hop),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    tagKeys: [...new Set([...inherited, ...(hop.tags ?? []).map(({ key }) => key)])],
    transitiveTagKeys: [...new Set([...inherited, ...(hop.transitiveTagKeys ?? [])])],
  };
  const credentials = walk.get(caller.step.fingerprint)?.obtained.credentials;
  return { caller, identity, temporary: credentials?.sessionToken !== undefined, assumption };
}

/** For an administrator, as JSON text. */
export function policiesFor(
  link: Link,
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
  const role = roleOfWebIdentity(link);
  if (link.source?.kind !== "webIdentity" || !role) return {};
  try {
    const claims = claimsOf(readTokenFile(context, link.source.identity.tokenFile, 20_000));
    return claims ? { trustPolicy: text(webIdentityTrustPolicy(role, claims)) } : {};
  } catch {
    // The hop itself tells what is wrong with the file.
    return {};
  }
}

function text(policy: PolicyDocument): string {
  return JSON.stringify(policy, (_, value) => (typeof value === "string" ? inert(value) : value), 2);
}

export function roleOfWebIdentity({ source }: Link): RoleArn | undefined {
  return source?.kind === "webIdentity" ? readRoleArn(source.identity.roleArn, "the web identity") : undefined;
}
