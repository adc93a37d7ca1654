/**
 * Builds the two policies that an administrator needs for a hop to succeed, from the values that the hop really sends.
 * Each action with conditions gets its own statement, because a condition key such as `sts:ExternalId` exists only for
 * its own action, and a statement with an absent key allows nothing.
 * Source: "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles", IAM User Guide.
 */

import type { RoleArn } from "../protocol/role-arn.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";

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

/** The values of an AssumeRole call that policies can check. */
export interface Assumption {
  readonly roleArn: string;
  readonly caller: CallingPrincipal;
  /** Only a configured name: a generated one differs for each call, so a policy cannot name it. */
  readonly roleSessionName?: string;
  readonly externalId?: string;
  /** Whether the call is authenticated with MFA. */
  readonly mfa: boolean;
  /** From the hop, or inherited along the chain: each hop sets it again. */
  readonly sourceIdentity?: string;
  /** The hop's own tags and the transitive tags inherited along the chain. */
  readonly tagKeys: readonly string[];
  readonly transitiveTagKeys: readonly string[];
}

/** The caller, as a trust policy names it. */
export interface CallingPrincipal {
  readonly kind: "user" | "role" | "root" | "federatedUser";
  readonly arn: string;
  /** False if neither STS nor the chain provides the path of a role. */
  readonly exact: boolean;
  /** For roles of IAM Identity Center, which recreates them under new names: a pattern that matches all of them. */
  readonly pattern?: string;
  readonly accountId: string;
}

/**
 * Returns the principal behind an identity. For a role session that is the role, because the session name changes, and
 * IAM stores the role's unique id for its ARN.
 * @param role the role that issued these credentials, if the chain knows it: STS leaves out the path
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

/** The statements that the role's trust policy needs. */
export function trustPolicy(assumption: Assumption): PolicyDocument {
  const { caller, externalId, mfa, roleSessionName, sourceIdentity, tagKeys, transitiveTagKeys } = assumption;
  const equals = {
    ...(externalId !== undefined && { "sts:ExternalId": externalId }),
    ...(roleSessionName !== undefined && { "sts:RoleSessionName": roleSessionName }),
  };
  const statement = (Action: string, conditions: NonNullable<PolicyStatement["Condition"]>): PolicyStatement => {
    // A principal cannot contain a wildcard, so allow the whole account with a condition on the pattern.
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

/** The statement that the caller's policy needs. Within one account, a trust policy that names the caller is enough. */
export function identityPolicy({ roleArn, sourceIdentity, tagKeys }: Assumption): PolicyDocument {
  const Action = actionsOf("sts:AssumeRole", tagKeys.length > 0, sourceIdentity);
  return documentOf([{ Effect: "Allow", Action, Resource: roleArn }]);
}

/** The action, and those that a call with tags or a source identity also needs. */
function actionsOf(action: string, tagged: boolean, sourceIdentity: string | undefined): string | string[] {
  const more = [
    ...(tagged ? ["sts:TagSession"] : []),
    ...(sourceIdentity !== undefined ? ["sts:SetSourceIdentity"] : []),
  ];
  return more.length > 0 ? [action, ...more] : action;
}

/** The claims of a web identity's token that a trust policy can check. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly tagged: boolean;
  readonly sourceIdentity?: string;
}

/**
 * Reads the claims of a token (a JWT). STS verifies the token, so this function does not.
 * @returns undefined if the text is not a JWT or lacks a required claim
 */
export function claimsOf(token: string): TokenClaims | undefined {
  let claims: Record<string, unknown>;
  try {
    claims = Object(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
  const { iss, sub, azp, aud } = claims;
  // STS uses the authorized party (azp) as the audience if the token has one.
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

/** The trust policy that a role needs for a web identity. There is no AWS caller that would need a policy. */
export function webIdentityTrustPolicy(role: RoleArn, claims: TokenClaims): PolicyDocument {
  const provider = claims.issuer.replace(/^https:\/\//, "");
  return documentOf([
    {
      Effect: "Allow",
      Principal: { Federated: `arn:${role.partition}:iam::${role.accountId}:oidc-provider/${provider}` },
      Action: actionsOf("sts:AssumeRoleWithWebIdentity", claims.tagged, claims.sourceIdentity),
      Condition: { StringEquals: { [`${provider}:aud`]: claims.audience, [`${provider}:sub`]: claims.subject } },
    },
  ]);
}

function documentOf(Statement: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement };
}
