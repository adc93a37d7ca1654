/**
 * Explains an AccessDenied from STS. A reason that STS names is certain. Across accounts it names none; then the
 * causes are ranked by what the request lacked and what the other profiles contain.
 */

import type { LikelyCause } from "../protocol/diagnosis-messages.ts";
import type { RoleError } from "../protocol/errors.ts";
import { accountOf } from "../protocol/role-arn.ts";
import { conditionCauses } from "./condition-causes.ts";
import { type Denial, type PolicyType, parseDenial } from "./denial.ts";
import { cause, causeFromError, type FailedAssumption, type FailedHop } from "./failed-hop.ts";

export function denialCauses(failed: FailedHop): LikelyCause[] {
  const { error, chainHop, call } = failed;
  const denial = parseDenial(error.message);
  if (chainHop.source?.identity) return webIdentityCauses(error);
  if (!call || !denial) return otherRefusals(error);
  if (denial.action !== "sts:AssumeRole") return [missingAction(denial, call)];

  const conditions = conditionCauses(failed, denial, call);
  const causes = denial.policy
    ? [named(denial, denial.policy, call), ...conditions]
    : [...unnamed(call), ...conditions, ...improbable(call)];
  return causes.sort((a, b) => rank(a) - rank(b));
}

const ranks = { Certain: 0, Likely: 2, Possible: 3 } as const;

/** A cause that other profiles suggest ranks above one that is merely common. */
function rank({ id, likelihood }: LikelyCause): number {
  return likelihood === "Likely" && (id === "MfaMissing" || id === "ExternalIdMissing") ? 1 : ranks[likelihood];
}

function otherRefusals(error: RoleError): LikelyCause[] {
  if (/federation credentials/i.test(error.message)) {
    return [
      cause(
        "FederatedUser",
        "Certain",
        "The caller is a federated user (GetFederationToken). Federated users cannot assume roles.",
        "Use the user's own keys, or a role.",
      ),
    ];
  }
  if (/source identity is already set/i.test(error.message)) {
    return [
      cause(
        "SourceIdentityAlreadySet",
        "Certain",
        "An earlier hop set a different source identity, and a chain keeps the first one.",
        "Set the same source_identity on every role of the chain, or only on the first.",
      ),
    ];
  }
  return [causeFromError(error)];
}

function missingAction(denial: Denial, { assumption }: FailedAssumption): LikelyCause {
  const { caller, roleArn, tagKeys, sourceIdentity } = assumption;
  const what =
    denial.action === "sts:TagSession"
      ? `session tags (${tagKeys.join(", ")})`
      : denial.action === "sts:SetSourceIdentity"
        ? `the source identity${sourceIdentity === undefined ? "" : ` ${sourceIdentity}`}`
        : "this call";
  const where =
    denial.policy === "trust"
      ? "the role's trust policy"
      : denial.policy === "identity"
        ? "the caller's policies"
        : "the role's trust policy or the caller's policies (across accounts, both)";
  return cause(
    `${denial.action.slice(4)}NotAllowed`,
    "Certain",
    `${denial.action} on ${roleArn} is ${denial.explicit ? "denied to" : "not allowed for"} ${caller.arn}. For ${what}, ${where} must allow it in addition to sts:AssumeRole.`,
    `Have the statements in TrustPolicy and IdentityPolicy added, or make the request without ${what}.`,
  );
}

/** The cause if STS names the type of policy. */
function named(denial: Denial, policy: PolicyType, { assumption, identity }: FailedAssumption): LikelyCause {
  const { caller, roleArn } = assumption;
  const { explicit, policyArn } = denial;
  const which = policyArn === undefined ? "" : ` (${policyArn})`;
  const lifting = "An Allow does not override a Deny. Have the statement that denies it changed.";
  const make = (name: string, owner: string, lack: string, action: string) =>
    cause(
      `${name}${explicit ? "Denies" : "LacksAllow"}`,
      "Certain",
      explicit ? `${owner} denies sts:AssumeRole on ${roleArn} to ${caller.arn}${which}.` : lack,
      explicit ? lifting : action,
    );
  switch (policy) {
    case "trust":
      return make(
        "TrustPolicy",
        "The role's trust policy",
        `The trust policy of ${roleArn} does not allow ${caller.arn}, or one of its conditions is not met.`,
        `Have the statements in TrustPolicy added to the role in account ${accountOf(roleArn)}.`,
      );
    case "identity":
      return make(
        "IdentityPolicy",
        "A policy of the caller",
        `No policy of ${caller.arn} allows sts:AssumeRole on ${roleArn}.`,
        `Have IdentityPolicy attached to ${attachedTo(identity.arn)} in account ${identity.account}.`,
      );
    case "session":
      return make(
        "SessionPolicy",
        "The policy of the caller's session",
        `The session policy of the caller does not allow sts:AssumeRole on ${roleArn}.`,
        "Start the session without that policy, or with one that allows it.",
      );
    case "boundary":
      return make(
        "PermissionsBoundary",
        "The caller's permissions boundary",
        `The permissions boundary of ${caller.arn} does not allow sts:AssumeRole on ${roleArn}.`,
        "Have the boundary widened. Another policy alone does not help.",
      );
    default: {
      const [name, words] = guardrails[policy];
      const lack = `No ${words} allows sts:AssumeRole on ${roleArn}${which}.`;
      return make(name, `A ${words}`, lack, "Have the administrators of the organization or network allow it.");
    }
  }
}

const guardrails = {
  serviceControl: ["ServiceControlPolicy", "service control policy of the organization"],
  resourceControl: ["ResourceControlPolicy", "resource control policy of the organization"],
  vpcEndpoint: ["VpcEndpointPolicy", "policy of the VPC endpoint for STS"],
} as const;

/** The causes if STS names no policy. */
function unnamed({ assumption, identity }: FailedAssumption): LikelyCause[] {
  const { caller, roleArn } = assumption;
  const roleAccount = accountOf(roleArn);
  const sameAccount = roleAccount === identity.account;
  const both = sameAccount
    ? "Within one account, a trust policy that names the caller is enough. If it names the account, the caller's policy decides."
    : "Across accounts, both policies must allow it, and STS does not say which one refused.";
  return [
    cause(
      "TrustPolicyLacksAllow",
      "Likely",
      `The trust policy of ${roleArn} allows neither ${caller.arn} nor its account, or one of its conditions is not met. ${both}`,
      `Have the statements in TrustPolicy added to the role in account ${roleAccount}.`,
    ),
    cause(
      "IdentityPolicyLacksAllow",
      "Likely",
      `No policy of ${caller.arn} allows sts:AssumeRole on ${roleArn}.`,
      `Have IdentityPolicy attached to ${attachedTo(identity.arn)} in account ${identity.account}.`,
    ),
  ];
}

function improbable({ assumption: { caller, roleArn } }: FailedAssumption): LikelyCause[] {
  return [
    cause(
      "RoleNotFound",
      "Possible",
      `Role ${roleArn} does not exist. STS returns the same error, so that callers cannot probe for names. The path and name are case-sensitive.`,
      "Compare the ARN with the one in IAM.",
    ),
    cause(
      "PrincipalRecreated",
      "Possible",
      `${caller.arn} was deleted and recreated. A trust policy refers to the principal that existed when the policy was saved.`,
      "Have the trust policy saved again with the caller's ARN.",
    ),
    cause(
      "Guardrail",
      "Possible",
      "A service control policy, a resource control policy, a permissions boundary, a session policy or a VPC endpoint policy denies it.",
      "Ask the administrators of the organization. CloudTrail in the caller's account records the event.",
    ),
  ];
}

function webIdentityCauses(error: RoleError): LikelyCause[] {
  return [
    cause(
      "TrustPolicyLacksAllow",
      "Likely",
      `The role's trust policy does not allow this token: its provider, audience (aud) or subject (sub) differs. ${error.message}`,
      "Compare the audience and subject in TrustPolicy with those in the role's trust policy, and have the statement added.",
    ),
    cause(
      "RoleNotFound",
      "Possible",
      "The role does not exist. STS returns the same error.",
      "Compare the ARN with the one in IAM.",
    ),
  ];
}

/** The place where an administrator attaches a policy for this identity. */
function attachedTo(arn: string): string {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  const permissionSet = role === undefined ? undefined : /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role)?.[1];
  if (permissionSet !== undefined) return `the permission set ${permissionSet} in IAM Identity Center`;
  return role !== undefined ? `the role ${role}` : (/:(user\/.+)$/.exec(arn)?.[1]?.replace("/", " ") ?? arn);
}
