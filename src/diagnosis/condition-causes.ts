import type { LikelyCause } from "../protocol/methods.ts";
import { accountOf } from "../protocol/role-arn.ts";
import type { Denial } from "./denial.ts";
import { cause, type FailedAssumption, type FailedHop } from "./failed-hop.ts";
import { externalIdProfile, mfaDeviceOf } from "./profile-hints.ts";

/** What the request did not bring, or brought wrong, as far as a trust policy may ask for it. */
export function conditionCauses(
  { chainHop, shared }: FailedHop,
  denial: Denial,
  call: FailedAssumption,
): LikelyCause[] {
  const { assumption, identity, temporary } = call;
  const { externalId, mfa, roleArn } = assumption;
  // A missing Allow of another policy has nothing to do with what the trust policy asks for; an MFA rule may stand anywhere.
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
          ? `The call brought no MFA code, which ${denial.policy === "identity" ? "the user's policies" : "the role or the user's policies"} may ask for${device === undefined ? "" : `; the device ${device.serial} is known`}.`
          : "The call was made with a role's session, which brings no second factor; the role may ask for one.",
        isUser
          ? `Give -MfaSerial ${device?.serial ?? "with the device's ARN"}, or store it with the role: Set-RoleCredentials -MfaSerial.${temporary ? " Only the user's long-term keys can prove it." : ""}`
          : "Let a user assume this role directly with -MfaSerial, or have the role trust the session without.",
      ),
    );
  }
  if (trustMayAsk && externalId === undefined && accountOf(roleArn) !== identity.account) {
    const neighbour = externalIdProfile(roleArn, chainHop.profileName, shared);
    causes.push(
      cause(
        "ExternalIdMissing",
        neighbour !== undefined ? "Likely" : "Possible",
        `The call brought no external id, which roles of other accounts often ask for${neighbour === undefined ? "" : `; profile ${neighbour} has one for account ${accountOf(roleArn)}`}.`,
        "Ask the owner of the role for its external id, and store it with Set-RoleCredentials -ExternalId, or give -ExternalId.",
      ),
    );
  }
  if (trustMayAsk && externalId !== undefined) {
    causes.push(
      cause(
        "ExternalIdWrong",
        "Possible",
        `The external id '${externalId}' is not the one that the role asks for; upper and lower case count.`,
        "Compare it with the one that the owner of the role gave.",
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
        `The trust policy asks for ${[...lacks, "a network (aws:SourceIp)", "an organization (aws:PrincipalOrgID)"].join(", ")} or something else that the call did not bring.`,
        "Read the Condition of the role's trust policy.",
      ),
    );
  }
  return causes;
}
