import type { Account, Role, Statement, User } from "./world-types.ts";

/** Who made a request, as its credentials tell. */
export interface Principal {
  readonly kind: "root" | "user" | "assumed-role" | "federated-user";
  readonly account: Account;
  readonly arn: string;
  /** `AIDA…`, `AROA…:session`, `ACCOUNT:name`, or the account id for root. */
  readonly userId: string;
  readonly user?: User;
  readonly role?: Role;
  /** Credentials of GetSessionToken, AssumeRole* or GetFederationToken. */
  readonly temporary: boolean;
  /** A role's session that was begun with temporary credentials. */
  readonly chained?: boolean;
  /** Milliseconds since the epoch, when a code of an MFA device went into these credentials. */
  readonly mfaAuthenticatedAt?: number;
  readonly sourceIdentity?: string;
  /** Tags of the user or role, overridden by those of the session. Keys as they were given. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** Each limits what the session may do; all must allow. */
  readonly sessionPolicies: readonly (readonly Statement[])[];
}

export function partitionOf(account: Account): string {
  return account.partition ?? "aws";
}

/** The ARN of an IAM entity: `arn:aws:iam::111111111111:role/ops/Admin`. */
export function iamArn(account: Account, type: "user" | "role", entity: User | Role): string {
  return `arn:${partitionOf(account)}:iam::${account.id}:${type}${entity.path ?? "/"}${entity.name}`;
}

/** The statements that say what the principal's user or role may do; root may do everything. */
export function identityPolicy(principal: Principal): readonly Statement[] {
  if (principal.kind === "root") return [{ Effect: "Allow", Action: "*", Resource: "*" }];
  return principal.user?.policy ?? principal.role?.policy ?? [];
}
