import { isoSeconds } from "../clock.ts";
import { AwsError, validationError } from "../errors.ts";
import { uniqueId } from "../iam/directory.ts";
import { iamArn, type Principal, partitionOf } from "../iam/principal.ts";
import type { Session, SessionStore } from "../iam/sessions.ts";
import type { Account, Role, Statement } from "../iam/world-types.ts";
import type { MergedTags } from "./session-tags.ts";
import type { XmlTree } from "./xml.ts";

export interface RoleSessionRequest {
  readonly account: Account;
  readonly role: Role;
  readonly roleSessionName: string;
  readonly durationSeconds?: number;
  /** Whether temporary credentials ask: then an hour is the most, whatever the role allows. */
  readonly chained?: boolean;
  readonly tags?: MergedTags;
  readonly sourceIdentity?: string;
  readonly mfaAuthenticatedAt?: number;
  readonly sessionPolicy?: readonly Statement[];
}

const hour = 3600;

/**
 * Begins a session of a role, once all permissions were checked.
 * @throws AwsError `ValidationError` for a duration beyond the role's maximum, or beyond an hour in a chain
 */
export function beginRoleSession(sessions: SessionStore, request: RoleSessionRequest): Session {
  const { account, role, roleSessionName, durationSeconds = hour } = request;
  if (request.chained && durationSeconds > hour) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (durationSeconds > (role.maxSessionDuration ?? hour)) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const principal: Principal = {
    kind: "assumed-role",
    account,
    role,
    // The role's path is no part of it
    arn: `arn:${partitionOf(account)}:sts::${account.id}:assumed-role/${role.name}/${roleSessionName}`,
    userId: `${uniqueId("AROA", iamArn(account, "role", role))}:${roleSessionName}`,
    temporary: true,
    chained: request.chained ?? false,
    tags: { ...role.tags, ...request.tags?.tags },
    transitiveTagKeys: request.tags?.transitiveTagKeys ?? [],
    sessionPolicies: request.sessionPolicy ? [request.sessionPolicy] : [],
    ...(request.sourceIdentity !== undefined && { sourceIdentity: request.sourceIdentity }),
    ...(request.mfaAuthenticatedAt !== undefined && { mfaAuthenticatedAt: request.mfaAuthenticatedAt }),
  };
  return sessions.issue(principal, durationSeconds);
}

/** The part of an answer that all actions share which give credentials. */
export function credentialsTree(session: Session): XmlTree {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: isoSeconds(session.expiration),
  };
}

export function assumedRoleUserTree({ principal }: Session): XmlTree {
  return { AssumedRoleId: principal.userId, Arn: principal.arn };
}

/** @throws AwsError `RegionDisabledException` when an account has STS switched off in the region */
export function requireRegionEnabled(account: Account, region: string): void {
  if (!account.disabledRegions?.includes(region)) return;
  throw new AwsError(
    "RegionDisabledException",
    403,
    `STS is not activated in this region for account:${account.id}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
}
