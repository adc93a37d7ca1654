import type { LikelyCause } from "../protocol/diagnosis-messages.ts";
import { accountOf } from "../protocol/role-arn.ts";
import type { Denial } from "./denial.ts";
import { cause, type FailedAssumption, type FailedHop } from "./failed-hop.ts";
import { externalIdProfile, mfaDeviceOf } from "./profile-hints.ts";

/** Causes from values that a trust policy may require and that the request lacks or may have wrong. */
export function conditionCauses(
  { chainHop, shared }: FailedHop,
  denial: Denial,
  call: FailedAssumption,
): LikelyCause[] {
  const { assumption, identity, temporary } = call;
  const { externalId, mfa, roleArn } = assumption;
  // If another policy lacks an Allow, the conditions of the trust policy don't matter. Any policy may require MFA.
  const trustMayAsk = denial.policy === undefined || denial.policy === "trust";
  const mfaMayBeAsked = trustMayAsk || (denial.policy === "identity" && denial.explicit);
  const causes: LikelyCause[] = [];

  if (mfaMayBeAsked && !mfa) {
    const device = mfaDeviceOf(call, shared);
    const isUser = /:user\//.test(identity.arn);
    causes.push(
      cause(
        "MfaMissing",
        device?.near ? "Likely" : "Possible",
        isUser
          ? `The call had no MFA code, and ${denial.policy === "identity" ? "the user's policies" : "the role or the user's policies"} may require one${device === undefined ? "" : `; the user has device ${device.serial}`}.`
          : "The call used a role session, which carries no second factor, and the role may require one.",
        isUser
          ? `Pass -MfaSerial ${device?.serial ?? "with the device's ARN"}, or store it with the role: Set-RoleCredentials -MfaSerial.${temporary ? " An MFA code works only with the user's long-term keys." : ""}`
          : "Assume this role directly as a user with -MfaSerial, or have the role trust the session without MFA.",
      ),
    );
  }
  if (trustMayAsk && externalId === undefined && accountOf(roleArn) !== identity.account) {
    const neighbor = externalIdProfile(roleArn, chainHop.profileName, shared);
    causes.push(
      cause(
        "ExternalIdMissing",
        neighbor !== undefined ? "Likely" : "Possible",
        `The call brought no external id, which roles of other accounts often ask for${neighbor === undefined ? "" : `; profile ${neighbor} has one for account ${accountOf(roleArn)}`}.`,
        "Ask the owner of the role for its external id, and store it with Set-RoleCredentials -ExternalId, or pass -ExternalId.",
      ),
    );
  }
  if (trustMayAsk && externalId !== undefined) {
    causes.push(
      cause(
        "ExternalIdWrong",
        "Possible",
        `The external id '${externalId}' is not the one that the role requires. External ids are case-sensitive.`,
        "Compare it with the one from the owner of the role.",
      ),
    );
  }
  if (trustMayAsk) {
    const lacks = [
      assumption.roleSessionName === undefined && "a session name (sts:RoleSessionName)",
      assumption.sourceIdentity === undefined && "a source identity (sts:SourceIdentity)",
      assumption.tagKeys.length === 0 && "session tags (aws:RequestTag)",
    ].filter((lack) => lack !== false);
    causes.push(
      cause(
        "ConditionNotMet",
        "Possible",
        `The trust policy requires ${[...lacks, "a network (aws:SourceIp)", "an organization (aws:PrincipalOrgID)"].join(", ")} or something else that the call does not have.`,
        "Read the Condition of the role's trust policy.",
      ),
    );
  }
  return causes;
}
