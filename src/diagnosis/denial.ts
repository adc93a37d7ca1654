/**
 * What STS's AccessDenied says of the policy that refused. Within an account, and often within an organization, it names
 * the policy's type, and lately its ARN; across accounts it says nothing.
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
  /** The type of policy that refused; absent where STS does not say. */
  readonly policy?: PolicyType;
  /** A Deny, which no Allow outweighs; else an Allow is missing. */
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

/** Reads the message of an AccessDenied; undefined when it is about something else than permissions. */
export function parseDenial(message: string): Denial | undefined {
  const action = /not authorized to perform:? (sts:\w+)/i.exec(message)?.[1];
  if (action === undefined) return undefined;
  const [, deny, lack] = / with an explicit deny in (?:an? |the )?(.+)| because no (.+?) allows/i.exec(message) ?? [];
  // One that denies by way of another is named first; the other is where to look.
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
