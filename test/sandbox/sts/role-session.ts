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
  /** Whether the caller has temporary credentials, which limits the session to one hour whatever the role allows. */
  readonly chained?: boolean;
  readonly tags?: MergedTags;
  readonly sourceIdentity?: string;
  readonly mfaAuthenticatedAt?: number;
  readonly sessionPolicy?: readonly Statement[];
}

const hour = 3600;

/**
 * Starts a role session after all permission checks.
 * @throws AwsError `ValidationError` for a duration over the role's maximum, or over an hour in a chain
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
    // Without the role's path
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

/** The part of the response that all credential-issuing actions share. */
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

/** @throws AwsError `RegionDisabledException` when an account has STS deactivated in the region */
export function requireRegionEnabled(account: Account, region: string): void {
  if (!account.disabledRegions?.includes(region)) return;
  throw new AwsError(
    "RegionDisabledException",
    403,
    `STS is not activated in this region for account:${account.id}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
}
