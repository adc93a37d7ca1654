import type { ConditionContext } from "../iam/conditions.ts";
import { iamArn, type Principal } from "../iam/principal.ts";
import type { SessionTags } from "./session-tags.ts";

/** The facts about a request that policy conditions can test. */
export interface RequestFacts {
  /** Absent for a web identity and for SAML, whose callers have no AWS principal. */
  readonly principal?: Principal;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly roleSessionName?: string;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  /** When the caller authenticated with MFA: in this request, or when its session started. */
  readonly mfaAuthenticatedAt?: number;
  readonly sessionTags?: SessionTags;
  /** The identity provider's condition keys, such as `SAML:aud`. */
  readonly providerKeys?: Readonly<Record<string, string>>;
}

/** A request's condition keys, with the names that IAM documents. */
export function conditionContext(facts: RequestFacts): ConditionContext {
  const { principal, sessionTags, now } = facts;
  const context = new Map<string, readonly string[]>();
  const set = (key: string, value: string | readonly string[] | undefined) => {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === "string" ? [value] : value);
  };
  set("aws:RequestedRegion", facts.region);
  set("aws:SecureTransport", "true");
  set("aws:SourceIp", "127.0.0.1");
  set("sts:RoleSessionName", facts.roleSessionName);
  set("sts:ExternalId", facts.externalId);
  set("sts:SourceIdentity", facts.sourceIdentity ?? principal?.sourceIdentity);
  for (const [key, value] of Object.entries(facts.providerKeys ?? {})) set(key, value);

  if (sessionTags && sessionTags.tags.length > 0) {
    set(
      "aws:TagKeys",
      sessionTags.tags.map(({ key }) => key),
    );
    for (const { key, value } of sessionTags.tags) set(`aws:RequestTag/${key}`, value);
  }
  if (sessionTags && sessionTags.transitiveTagKeys.length > 0) {
    set("sts:TransitiveTagKeys", sessionTags.transitiveTagKeys);
  }
  if (principal) {
    // For a role session this is the role, not the session
    set("aws:PrincipalArn", principal.role ? iamArn(principal.account, "role", principal.role) : principal.arn);
    set("aws:PrincipalAccount", principal.account.id);
    set("aws:userid", principal.userId);
    set("aws:username", principal.user?.name);
    set("aws:SourceIdentity", principal.sourceIdentity);
    for (const [key, value] of Object.entries(principal.tags)) set(`aws:PrincipalTag/${key}`, value);
    // The key is absent for long-term keys without a code, which is why a policy needs BoolIfExists to deny on it
    const mfaAt = facts.mfaAuthenticatedAt ?? principal.mfaAuthenticatedAt;
    if (mfaAt !== undefined || principal.temporary) set("aws:MultiFactorAuthPresent", String(mfaAt !== undefined));
    if (mfaAt !== undefined) set("aws:MultiFactorAuthAge", String(Math.floor((now - mfaAt) / 1000)));
  }
  return context;
}
