import { RoleError } from "./errors.ts";

/** The parts of a role's ARN. Only {@link parseRoleArn} checks that the account has twelve digits. `path` begins and ends with a slash. */
export interface RoleArn {
  readonly text: string;
  readonly partition: string;
  readonly accountId: string;
  readonly path: string;
  readonly name: string;
}

// IAM's own rules: 12 digits; a path of printable ASCII; a name of 1-64 of [\w+=,.@-].
const roleArnPattern = /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role(\/(?:[!-.0-~]+\/)*)([A-Za-z0-9_+=,.@-]{1,64})$/;

/**
 * Parses a role ARN that the user typed, so that a typo is an error before any call.
 * @throws RoleError `ArnInvalid` if it is not the ARN of an IAM role.
 */
export function parseRoleArn(text: string): RoleArn {
  const arn = matched(roleArnPattern, text);
  if (arn) return arn;
  throw new RoleError("ArnInvalid", `'${text}' is not the ARN of a role.`, {
    target: text,
    action: "A role's ARN looks like arn:aws:iam::123456789012:role/NAME.",
  });
}

// The role ARNs of STS and compatible services. Ceph's have no account or the name of a tenant; MinIO's have their own partition.
const anyRoleArnPattern = /^arn:([^:\s]+):iam::([^:\s]*):role(\/(?:[!-.0-~]+\/)*)([!-.0-~]+)$/;

/**
 * Parses a role ARN from a profile or the environment. No AWS tool checks its account or its characters, so this accepts
 * anything in the form of a role ARN and lets STS decide.
 * @param owner the name of the profile or the variable
 * @throws RoleError `ArnInvalid` if it is not the ARN of a role.
 */
export function readRoleArn(text: string, owner: string): RoleArn {
  const arn = matched(anyRoleArnPattern, text);
  if (arn) return arn;
  throw new RoleError("ArnInvalid", `'${text.slice(0, 100)}' in ${owner} is not the ARN of a role.`, {
    target: owner,
    action: "Correct it; a role's ARN looks like arn:aws:iam::123456789012:role/NAME.",
  });
}

function matched(pattern: RegExp, text: string): RoleArn | undefined {
  const [, partition = "", accountId = "", path = "", name] = pattern.exec(text) ?? [];
  return name === undefined || text.length > 2048 ? undefined : { text, partition, accountId, path, name };
}

/**
 * Builds the ARN of a role from its name (`Admin`, or with its path `ops/Admin`) and account.
 * @throws RoleError `AccountIdInvalid`, `RoleNameInvalid`
 */
export function composeRoleArn(partition: string, accountId: string, roleName: string): RoleArn {
  const text = `arn:${partition}:iam::${validAccountId(accountId)}:role/${roleName.replace(/^\//, "")}`;
  if (!roleArnPattern.test(text)) throw roleNameInvalid(roleName);
  return parseRoleArn(text);
}

export function roleNameInvalid(roleName: string): RoleError {
  return new RoleError("RoleNameInvalid", `'${roleName}' is not a valid role name.`, {
    target: roleName,
    action: "A role name has 1 to 64 of the characters A-Z a-z 0-9 _ + = , . @ - and may follow a path.",
  });
}

/** @throws RoleError `AccountIdInvalid` */
export function validAccountId(accountId: string): string {
  if (/^\d{12}$/.test(accountId)) return accountId;
  throw new RoleError("AccountIdInvalid", `'${accountId}' is not an account id.`, {
    target: accountId,
    action: "An account id has twelve digits.",
  });
}

/** The account in an ARN; empty if it has none. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}
