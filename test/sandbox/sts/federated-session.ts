import { accessDenied } from "../errors.ts";
import { trustsProvider } from "../iam/authorization.ts";
import type { Session } from "../iam/sessions.ts";
import type { Account, Role } from "../iam/world-types.ts";
import { conditionContext } from "./request-context.ts";
import { beginRoleSession, requireRegionEnabled } from "./role-session.ts";
import type { UnsignedRequest } from "./service.ts";
import { packedPolicySize, type SessionPolicyParameters, sessionPolicyStatements } from "./session-policy.ts";
import type { SessionTags } from "./session-tags.ts";

export interface FederatedSessionRequest {
  /** `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`. */
  readonly action: string;
  readonly account: Account;
  readonly role: Role;
  readonly providerArn: string;
  /** The contents of the provider's token, as condition keys. */
  readonly providerKeys: Readonly<Record<string, string>>;
  readonly roleSessionName: string;
  readonly durationSeconds: number | undefined;
  readonly sourceIdentity: string | undefined;
  readonly sessionTags: SessionTags;
  readonly policy: SessionPolicyParameters;
}

/**
 * Starts a role session for a user that an identity provider authenticated, if the trust policy allows it.
 * @throws AwsError `AccessDenied`, or an error about the session's limits
 */
export function beginFederatedSession(
  { sts, region }: UnsignedRequest,
  request: FederatedSessionRequest,
): { readonly session: Session; readonly packedSize: number | undefined } {
  const { account, role, roleSessionName, durationSeconds, sourceIdentity, sessionTags, policy } = request;
  requireRegionEnabled(account, region);
  const identity = sourceIdentity === undefined ? {} : { sourceIdentity };
  const context = conditionContext({
    region,
    now: sts.clock.now(),
    roleSessionName,
    sessionTags,
    providerKeys: request.providerKeys,
    ...identity,
  });
  const needed = [request.action];
  if (sessionTags.tags.length > 0) needed.push("sts:TagSession");
  if (sourceIdentity !== undefined) needed.push("sts:SetSourceIdentity");
  for (const action of needed) {
    const allowed = trustsProvider(role, "Federated", request.providerArn, action, context);
    if (!allowed) throw accessDenied(`Not authorized to perform ${action}`);
  }
  const sessionPolicy = sessionPolicyStatements(policy);
  const packedSize = packedPolicySize(policy, sessionTags.tags);
  const session = beginRoleSession(sts.sessions, {
    account,
    role,
    roleSessionName,
    tags: {
      tags: Object.fromEntries(sessionTags.tags.map(({ key, value }) => [key, value])),
      transitiveTagKeys: sessionTags.transitiveTagKeys,
    },
    ...identity,
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(sessionPolicy && { sessionPolicy }),
  });
  return { session, packedSize };
}
