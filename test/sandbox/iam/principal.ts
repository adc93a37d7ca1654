import type { Account, Role, Statement, User } from "./world-types.ts";

/** The caller of a request, identified by its credentials. */
export interface Principal {
  readonly kind: "root" | "user" | "assumed-role";
  readonly account: Account;
  readonly arn: string;
  /** `AIDA…`, `AROA…:session`, or the account id for root. */
  readonly userId: string;
  readonly user?: User;
  readonly role?: Role;
  /** Whether the credentials come from GetSessionToken or AssumeRole*. */
  readonly temporary: boolean;
  /** Whether this is a role session that was started with temporary credentials. */
  readonly chained?: boolean;
  /** When these credentials were issued with an MFA code, in milliseconds since the epoch. */
  readonly mfaAuthenticatedAt?: number;
  readonly sourceIdentity?: string;
  /** The user's or role's tags, overridden by the session's tags. Keys keep their case. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** Policies that limit the session. All of them must allow an action. */
  readonly sessionPolicies: readonly (readonly Statement[])[];
}

export function partitionOf(account: Account): string {
  return account.partition ?? "aws";
}

/** The ARN of an IAM entity, such as `arn:aws:iam::111111111111:role/ops/Admin`. */
export function iamArn(account: Account, type: "user" | "role", entity: User | Role): string {
  return `arn:${partitionOf(account)}:iam::${account.id}:${type}${entity.path ?? "/"}${entity.name}`;
}

/** The policy statements of the principal's user or role. Root may do everything. */
export function identityPolicy(principal: Principal): readonly Statement[] {
  if (principal.kind === "root") return [{ Effect: "Allow", Action: "*", Resource: "*" }];
  return principal.user?.policy ?? principal.role?.policy ?? [];
}
