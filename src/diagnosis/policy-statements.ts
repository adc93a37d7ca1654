/**
 * What an administrator has to allow so that a hop succeeds: one policy on each side, made of what the hop really sends.
 * Each action stands in a statement of its own where it has conditions, because a condition key such as `sts:ExternalId`
 * is there for its own action only, and a statement whose key is absent allows nothing.
 * Source: "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles", IAM User Guide.
 */

import type { CallerIdentity } from "../protocol/methods.ts";
import type { RoleArn } from "../protocol/role-arn.ts";

export interface PolicyStatement {
  readonly Effect: "Allow";
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** An AssumeRole as policies see it. */
export interface Assumption {
  readonly roleArn: string;
  readonly caller: CallingPrincipal;
  /** Only where one is configured: one that is made anew each time cannot stand in a policy. */
  readonly roleSessionName?: string;
  readonly externalId?: string;
  /** Whether the call proves a second factor. */
  readonly mfa: boolean;
  /** That of the hop, or one that came down the chain: it is set again at each hop. */
  readonly sourceIdentity?: string;
  /** Those of the hop, and the transitive ones that came down the chain. */
  readonly tagKeys: readonly string[];
  readonly transitiveTagKeys: readonly string[];
}

/** Who calls, in the words of a trust policy. */
export interface CallingPrincipal {
  readonly kind: "user" | "role" | "root" | "federatedUser";
  readonly arn: string;
  /** False where STS does not tell the path of a role and the chain does not know it either. */
  readonly exact: boolean;
  /** For the roles of IAM Identity Center, which are made anew under another name: the pattern that outlives them. */
  readonly pattern?: string;
  readonly accountId: string;
}

/**
 * The principal behind an identity. For a role's session that is the role: a session's name changes, and IAM keeps the
 * role's own id behind its ARN.
 * @param role the role that gave these credentials, where the chain knows it: STS leaves out its path
 */
export function principalOf({ arn, account: accountId }: CallerIdentity, role?: RoleArn): CallingPrincipal {
  const [, partition = "aws", service = "", type = "", name = ""] =
    /^arn:([^:]*):([^:]*):[^:]*:[^:]*:([^/]*)\/?([^/]*)/.exec(arn) ?? [];
  if (service === "sts" && type === "assumed-role") {
    const inAccount = `arn:${partition}:iam::${accountId}:role/`;
    const permissionSet = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(name)?.[1];
    if (permissionSet !== undefined) {
      const path = `${inAccount}aws-reserved/sso.amazonaws.com/`;
      const pattern = `${path}*AWSReservedSSO_${permissionSet}_*`;
      return { kind: "role", arn: `${path}${name}`, exact: false, pattern, accountId };
    }
    const known = role?.name === name && role.accountId === accountId;
    return { kind: "role", arn: known ? role.text : `${inAccount}${name}`, exact: known, accountId };
  }
  const kind = type === "root" ? "root" : service === "sts" ? "federatedUser" : "user";
  return { kind, arn, exact: true, accountId };
}

/** What the role's trust policy must hold. */
export function trustPolicy(assumption: Assumption): PolicyDocument {
  const { caller, externalId, mfa, roleSessionName, sourceIdentity, tagKeys, transitiveTagKeys } = assumption;
  const equals = {
    ...(externalId !== undefined && { "sts:ExternalId": externalId }),
    ...(roleSessionName !== undefined && { "sts:RoleSessionName": roleSessionName }),
  };
  const statement = (Action: string, conditions: NonNullable<PolicyStatement["Condition"]>): PolicyStatement => {
    // No wildcard may stand in a principal, so a pattern stands in a condition on everyone of the account.
    const partition = caller.arn.split(":")[1];
    const principal = caller.pattern === undefined ? caller.arn : `arn:${partition}:iam::${caller.accountId}:root`;
    const Condition = {
      ...conditions,
      ...(caller.pattern !== undefined && { ArnLike: { "aws:PrincipalArn": caller.pattern } }),
    };
    return {
      Effect: "Allow",
      Principal: { AWS: principal },
      Action,
      ...(Object.keys(Condition).length > 0 && { Condition }),
    };
  };
  return documentOf([
    statement("sts:AssumeRole", {
      ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
      ...(mfa && { Bool: { "aws:MultiFactorAuthPresent": "true" } }),
    }),
    ...(tagKeys.length > 0
      ? [
          statement("sts:TagSession", {
            "ForAllValues:StringEquals": {
              "aws:TagKeys": tagKeys,
              ...(transitiveTagKeys.length > 0 && { "sts:TransitiveTagKeys": transitiveTagKeys }),
            },
          }),
        ]
      : []),
    ...(sourceIdentity !== undefined
      ? [statement("sts:SetSourceIdentity", { StringEquals: { "sts:SourceIdentity": sourceIdentity } })]
      : []),
  ]);
}

/** What a policy of the caller must hold. Within one account a trust policy that names the caller itself is enough. */
export function identityPolicy({ roleArn, sourceIdentity, tagKeys }: Assumption): PolicyDocument {
  const more = [
    ...(tagKeys.length > 0 ? ["sts:TagSession"] : []),
    ...(sourceIdentity !== undefined ? ["sts:SetSourceIdentity"] : []),
  ];
  const Action = more.length > 0 ? ["sts:AssumeRole", ...more] : "sts:AssumeRole";
  return documentOf([{ Effect: "Allow", Action, Resource: roleArn }]);
}

/** What a web identity's token says of itself, as far as trust policies ask. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly tagged: boolean;
  readonly sourceIdentity?: string;
}

/**
 * The claims of a token (a JWT). Nothing is verified: that is STS's part.
 * @returns undefined when it is none, or lacks one of them
 */
export function claimsOf(token: string): TokenClaims | undefined {
  let claims: Record<string, unknown>;
  try {
    claims = Object(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
  const { iss, sub, azp, aud } = claims;
  // Where the token names whom it was made for, STS takes that as its audience.
  const audience = typeof azp === "string" ? azp : [aud].flat()[0];
  if (typeof iss !== "string" || typeof sub !== "string" || typeof audience !== "string") return undefined;
  const sourceIdentity = claims["https://aws.amazon.com/source_identity"];
  return {
    issuer: iss,
    subject: sub,
    audience,
    tagged: claims["https://aws.amazon.com/tags"] !== undefined,
    ...(typeof sourceIdentity === "string" && { sourceIdentity }),
  };
}

/** What the trust policy of a role must hold for a web identity; there is no caller who would need a policy. */
export function webIdentityTrustPolicy(role: RoleArn, claims: TokenClaims): PolicyDocument {
  const provider = claims.issuer.replace(/^https:\/\//, "");
  const more = [
    ...(claims.tagged ? ["sts:TagSession"] : []),
    ...(claims.sourceIdentity !== undefined ? ["sts:SetSourceIdentity"] : []),
  ];
  return documentOf([
    {
      Effect: "Allow",
      Principal: { Federated: `arn:${role.partition}:iam::${role.accountId}:oidc-provider/${provider}` },
      Action: more.length > 0 ? ["sts:AssumeRoleWithWebIdentity", ...more] : "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${provider}:aud`]: claims.audience, [`${provider}:sub`]: claims.subject } },
    },
  ]);
}

function documentOf(Statement: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement };
}
