import { RoleError } from "./errors.ts";

/** A role's ARN, taken apart. An account has twelve digits only where the user typed it. `path` begins and ends with a slash. */
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
 * Takes apart the ARN of a role that the user gives: a slip is told before anything is called.
 * @throws RoleError `ArnInvalid` when it is not the ARN of an IAM role.
 */
export function parseRoleArn(text: string): RoleArn {
  const match = roleArnPattern.exec(text);
  if (!match || text.length > 2048) {
    throw new RoleError("ArnInvalid", `'${text}' is not the ARN of a role.`, {
      target: text,
      action: "A role's ARN looks like arn:aws:iam::123456789012:role/NAME.",
    });
  }
  const [, partition = "", accountId = "", path = "", name = ""] = match;
  return { text, partition, accountId, path, name };
}

// What STS and its stand-ins name roles by: Ceph's have no account, or a tenant's name; MinIO's a partition of its own.
const anyRoleArnPattern = /^arn:([^:\s]+):iam::([^:\s]*):role(\/(?:[!-.0-~]+\/)*)([!-.0-~]+)$/;

/**
 * Takes apart the ARN of a role as it stands in a profile or in the environment. No AWS tool checks its account or its
 * characters, so whatever has the form of a role's ARN is STS's to judge.
 * @param owner where it stands: the profile's name, or the variable's
 * @throws RoleError `ArnInvalid` when it is not the ARN of a role.
 */
export function readRoleArn(text: string, owner: string): RoleArn {
  const match = anyRoleArnPattern.exec(text);
  if (!match || text.length > 2048) {
    throw new RoleError("ArnInvalid", `'${text.slice(0, 100)}' in ${owner} is not the ARN of a role.`, {
      target: owner,
      action: "Correct it; a role's ARN looks like arn:aws:iam::123456789012:role/NAME.",
    });
  }
  const [, partition = "", accountId = "", path = "", name = ""] = match;
  return { text, partition, accountId, path, name };
}

/**
 * The ARN of a role known by name (`Admin`, or with its path `ops/Admin`) and account.
 * @throws RoleError `AccountIdInvalid`, `RoleNameInvalid`
 */
export function composeRoleArn(partition: string, accountId: string, roleName: string): RoleArn {
  if (!/^\d{12}$/.test(accountId)) {
    throw new RoleError("AccountIdInvalid", `'${accountId}' is not an account id.`, {
      target: accountId,
      action: "An account id has twelve digits.",
    });
  }
  const text = `arn:${partition}:iam::${accountId}:role/${roleName.replace(/^\//, "")}`;
  if (!roleArnPattern.test(text)) {
    throw new RoleError("RoleNameInvalid", `'${roleName}' is not the name of a role.`, {
      target: roleName,
      action: "A role's name has 1 to 64 of the characters A-Z a-z 0-9 _ + = , . @ - and may have a path before it.",
    });
  }
  return parseRoleArn(text);
}

/** The account in an ARN; empty where it has none. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}
