/**
 * Why STS answered AccessDenied. What it says is taken for certain; where it says nothing, as between accounts, what the
 * request lacked and what the other profiles know make some causes likelier than others.
 */

import type { RoleError } from "../protocol/errors.ts";
import type { LikelyCause } from "../protocol/methods.ts";
import { accountOf } from "../protocol/role-arn.ts";
import { conditionCauses } from "./condition-causes.ts";
import { type Denial, type PolicyType, parseDenial } from "./denial.ts";
import { asItIs, cause, type FailedAssumption, type FailedHop } from "./failed-hop.ts";

export function denialCauses(failed: FailedHop): LikelyCause[] {
  const { error, chainHop, call } = failed;
  const denial = parseDenial(error.message);
  if (chainHop.source?.identity) return webIdentityCauses(error);
  if (!call || !denial) return otherRefusals(error);
  if (denial.action !== "sts:AssumeRole") return [missingAction(denial, call)];

  const conditions = conditionCauses(failed, denial, call);
  const causes = denial.policy
    ? [...named(denial, denial.policy, call), ...conditions]
    : [...unnamed(call), ...conditions, ...improbable(call)];
  return causes.sort((a, b) => rank(a) - rank(b));
}

const ranks = { Certain: 0, Likely: 2, Possible: 3 } as const;

/** What the profiles point to comes before what is likely in general. */
function rank({ id, likelihood }: LikelyCause): number {
  return likelihood === "Likely" && (id === "MfaMissing" || id === "ExternalIdMissing") ? 1 : ranks[likelihood];
}

function otherRefusals(error: RoleError): LikelyCause[] {
  if (/federation credentials/i.test(error.message)) {
    return [
      cause(
        "FederatedUser",
        "Certain",
        "The caller is a federated user (GetFederationToken), who cannot assume a role.",
        "Use the keys of the user, or a role.",
      ),
    ];
  }
  if (/source identity is already set/i.test(error.message)) {
    return [
      cause(
        "SourceIdentityAlreadySet",
        "Certain",
        "An earlier hop has set another source identity, and a chain keeps its first one.",
        "Give the same source_identity to all roles of the chain, or to the first alone.",
      ),
    ];
  }
  return [asItIs(error)];
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
        : "the role's trust policy, or the caller's policies,";
  return cause(
    `${denial.action.slice(4)}NotAllowed`,
    "Certain",
    `${denial.action} on ${roleArn} is ${denial.explicit ? "denied to" : "not allowed for"} ${caller.arn}: ${what} need it beside sts:AssumeRole, in ${where}${denial.policy ? "" : " both between accounts"}.`,
    "Have the statements of TrustPolicy and IdentityPolicy added, or leave out what they are for.",
  );
}

/** STS names the policy. */
function named(denial: Denial, policy: PolicyType, { assumption, identity }: FailedAssumption): LikelyCause[] {
  const { caller, roleArn } = assumption;
  const { explicit, policyArn } = denial;
  const which = policyArn === undefined ? "" : ` (${policyArn})`;
  const lifting = "No Allow lifts a Deny: have the statement changed that denies it.";
  const make = (name: string, owner: string, lack: string, action: string) =>
    cause(
      `${name}${explicit ? "Denies" : "LacksAllow"}`,
      "Certain",
      explicit ? `${owner} denies sts:AssumeRole on ${roleArn} to ${caller.arn}${which}.` : lack,
      explicit ? lifting : action,
    );
  switch (policy) {
    case "trust":
      return [
        make(
          "TrustPolicy",
          "The role's trust policy",
          `The trust policy of ${roleArn} does not allow ${caller.arn}, or a condition in it does not hold.`,
          `Have the statements of TrustPolicy added to the role in account ${accountOf(roleArn)}.`,
        ),
      ];
    case "identity":
      return [
        make(
          "IdentityPolicy",
          "A policy of the caller",
          `No policy of ${caller.arn} allows sts:AssumeRole on ${roleArn}.`,
          `Have IdentityPolicy attached to ${attachedTo(identity.arn)} in account ${identity.account}.`,
        ),
      ];
    case "session":
      return [
        make(
          "SessionPolicy",
          "The policy of the caller's session",
          `The policy with which the caller's session was begun does not allow sts:AssumeRole on ${roleArn}.`,
          "Begin the session without that policy, or with one that allows it.",
        ),
      ];
    case "boundary":
      return [
        make(
          "PermissionsBoundary",
          "The caller's permissions boundary",
          `The permissions boundary of ${caller.arn} does not allow sts:AssumeRole on ${roleArn}.`,
          "Have the boundary widened; a policy alone does not help.",
        ),
      ];
    default: {
      const [name, words] = guardrails[policy];
      const lack = `No ${words} allows sts:AssumeRole on ${roleArn}${which}.`;
      return [make(name, `A ${words}`, lack, "Have the administrators of the organization or network allow it.")];
    }
  }
}

const guardrails = {
  serviceControl: ["ServiceControlPolicy", "service control policy of the organization"],
  resourceControl: ["ResourceControlPolicy", "resource control policy of the organization"],
  vpcEndpoint: ["VpcEndpointPolicy", "policy of the VPC endpoint for STS"],
} as const;

/** STS names none. */
function unnamed({ assumption, identity }: FailedAssumption): LikelyCause[] {
  const { caller, roleArn } = assumption;
  const roleAccount = accountOf(roleArn);
  const sameAccount = roleAccount === identity.account;
  const both = sameAccount
    ? "Within one account a trust policy that names the caller itself is enough; one that names the account leaves it to the caller's policy."
    : "Between accounts both policies must allow it, and STS does not say which one refused.";
  return [
    cause(
      "TrustPolicyLacksAllow",
      "Likely",
      `The trust policy of ${roleArn} allows neither ${caller.arn} nor its account, or a condition in it does not hold. ${both}`,
      `Have the statements of TrustPolicy added to the role in account ${roleAccount}.`,
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
      `There is no role ${roleArn}: STS answers the same, so that nobody can probe for names. Account, path and upper and lower case count.`,
      "Compare the ARN with the one that IAM shows.",
    ),
    cause(
      "PrincipalRecreated",
      "Possible",
      `${caller.arn} was deleted and made anew: a trust policy means the one that was there when it was saved.`,
      "Have the trust policy saved again with the caller's ARN.",
    ),
    cause(
      "Guardrail",
      "Possible",
      "A service control policy, a resource control policy, a permissions boundary, a session policy or a VPC endpoint policy forbids it.",
      "Ask the administrators of the organization; CloudTrail of the caller's account shows the event.",
    ),
  ];
}

function webIdentityCauses(error: RoleError): LikelyCause[] {
  return [
    cause(
      "TrustPolicyLacksAllow",
      "Likely",
      `The role's trust policy does not allow this token: its provider, audience (aud) or subject (sub) is another one. ${error.message}`,
      "Have the statement of TrustPolicy added to the role, and compare its audience and subject with what stands there.",
    ),
    cause(
      "RoleNotFound",
      "Possible",
      "There is no such role: STS answers the same.",
      "Compare the ARN with the one that IAM shows.",
    ),
  ];
}

/** Where an administrator attaches a policy. */
function attachedTo(arn: string): string {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  const permissionSet = role === undefined ? undefined : /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role)?.[1];
  if (permissionSet !== undefined)
    return `the permission set ${permissionSet} in IAM Identity Center, for what it gives`;
  return role !== undefined ? `the role ${role}` : (/:(user\/.+)$/.exec(arn)?.[1]?.replace("/", " ") ?? arn);
}
