/**
 * Parses an AccessDenied from STS. Within an account, and often within an organization, it names the type of the policy
 * that refused, and since recently its ARN. Across accounts it names neither.
 * Source: "Troubleshoot access denied error messages", IAM User Guide.
 */

export type PolicyType =
  | "trust"
  | "identity"
  | "serviceControl"
  | "resourceControl"
  | "boundary"
  | "session"
  | "vpcEndpoint";

export interface Denial {
  /** `sts:AssumeRole`, `sts:TagSession`, … */
  readonly action: string;
  /** The type of policy that refused; absent if STS does not name it. */
  readonly policy?: PolicyType;
  /** Whether a Deny refused, which no Allow overrides. Otherwise an Allow is missing. */
  readonly explicit: boolean;
  readonly policyArn?: string;
}

const types: readonly (readonly [words: RegExp, type: PolicyType])[] = [
  [/^(role trust|resource-based) polic/i, "trust"],
  [/^identity-based polic/i, "identity"],
  [/^service control polic/i, "serviceControl"],
  [/^resource control polic/i, "resourceControl"],
  [/^permissions? boundar/i, "boundary"],
  [/^sessions? polic/i, "session"],
  [/^VPC endpoint polic/i, "vpcEndpoint"],
];

/** Parses the message of an AccessDenied; undefined if it is not about a missing permission. */
export function parseDenial(message: string): Denial | undefined {
  const action = /not authorized to perform:? (sts:\w+)/i.exec(message)?.[1];
  if (action === undefined) return undefined;
  const [, deny, lack] = / with an explicit deny in (?:an? |the )?(.+)| because no (.+?) allows/i.exec(message) ?? [];
  // If one policy denies through another, the message names the outer one first. The inner one is the one to fix.
  const words = / transitively through an? (.+)/i.exec(deny ?? "")?.[1] ?? deny ?? lack ?? "";
  const policy = types.find(([pattern]) => pattern.test(words))?.[1];
  const policyArn = /: (arn:[^\s]+?)\.?$/.exec(deny ?? "")?.[1];
  return {
    action,
    explicit: deny !== undefined,
    ...(policy && { policy }),
    ...(policyArn !== undefined && { policyArn }),
  };
}
