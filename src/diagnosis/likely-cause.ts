/** The likely causes of a failed hop, the most likely first. */

import { maximumChainedDuration } from "../assume-role/session-limits.ts";
import { partitionOfRegion } from "../network/partitions.ts";
import type { LikelyCause } from "../protocol/diagnosis-messages.ts";
import { denialCauses } from "./denial-causes.ts";
import { cause, causeFromError, type FailedHop } from "./failed-hop.ts";

export function likelyCauses(failed: FailedHop): LikelyCause[] {
  const { error } = failed;
  switch (error.code) {
    case "AccessDenied":
      return denialCauses(failed);
    case "CredentialsRejected":
      return rejectedKeys(failed);
    case "DurationInvalid":
      return wrongDuration(failed);
    case "MfaCodeRejected":
      return wrongCode(failed);
    default:
      return [causeFromError(error)];
  }
}

function rejectedKeys({ error, chainHop, refused, region }: FailedHop): LikelyCause[] {
  const { label } = chainHop.provider;
  if (error.details.awsCode === "SignatureDoesNotMatch" || !refused) {
    return [
      cause(
        "SecretKeyWrong",
        error.details.awsCode === "SignatureDoesNotMatch" ? "Likely" : "Certain",
        error.message,
        error.details.action ?? "",
      ),
    ];
  }
  const isSession = refused.accessKeyId.startsWith("ASIA");
  if (isSession && refused.sessionToken === undefined) {
    return [
      cause(
        "SessionTokenMissing",
        "Certain",
        `The access key of ${label} belongs to a session (ASIA…), but its session token is missing.`,
        "Also store or set the session token: -SessionToken, aws_session_token or AWS_SESSION_TOKEN.",
      ),
    ];
  }
  if (refused.accessKeyId.startsWith("AKIA") && refused.sessionToken !== undefined) {
    return [
      cause(
        "SessionTokenLeftOver",
        "Certain",
        `The access key of ${label} is long-term (AKIA…), but it comes with a session token, probably left over from a session.`,
        "Remove the session token: aws_session_token from the profile, or AWS_SESSION_TOKEN from the environment.",
      ),
    ];
  }
  const causes = [
    cause(
      isSession ? "SessionUnknown" : "KeyUnknown",
      "Likely",
      isSession
        ? `The session of ${label} was revoked, or its token does not belong to its access key.`
        : `The access key of ${label} was deleted, is inactive, or is mistyped.`,
      isSession
        ? "Get new credentials. Clear-RoleCache removes cached ones."
        : "Check the user's keys in IAM, and store valid ones with Set-RoleCredentials.",
    ),
  ];
  if (region === undefined) return causes;
  const { name: partition } = partitionOfRegion(region);
  return [
    ...causes,
    cause(
      "WrongPartition",
      partition === "aws" ? "Possible" : "Likely",
      `Region ${region} is in partition ${partition}, which accepts only the keys of its own accounts.`,
      "If the keys belong to another partition, pass one of its regions with -Region, or name it in the profile.",
    ),
    ...(partition === "aws" && !alwaysEnabled.has(region)
      ? [
          cause(
            "RegionNotEnabled",
            "Likely",
            `Region ${region} is opt-in. It rejects an account's keys until the account enables it, and by default it rejects sessions from the global STS endpoint.`,
            "Use an enabled region, or enable this one in the account.",
          ),
        ]
      : []),
  ];
}

// The regions from before March 2019. Every later region is opt-in, so the list is complete.
const alwaysEnabled: ReadonlySet<string> = new Set([
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"],
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
]);

function wrongDuration({ error, chainHop, call }: FailedHop): LikelyCause[] {
  const asked = chainHop.hop?.durationInSeconds;
  if (asked === undefined) return [causeFromError(error)];
  if (asked > maximumChainedDuration && call?.temporary !== false) {
    return [
      cause(
        "ChainedHour",
        "Certain",
        `The request asks for ${asked} seconds, but a role assumed with temporary credentials lasts at most ${maximumChainedDuration}.`,
        `Lower duration_seconds to ${maximumChainedDuration}, or assume the role with a user's long-term keys.`,
      ),
    ];
  }
  return [
    cause(
      "RoleDuration",
      "Certain",
      `The request asks for ${asked} seconds, which is more than the role allows.`,
      `Lower duration_seconds (an hour is always allowed), or have the role's maximum session duration raised to ${asked} seconds.`,
    ),
  ];
}

function wrongCode({ error, chainHop, call }: FailedHop): LikelyCause[] {
  const device = chainHop.mfaSerial ?? error.details.mfaSerial ?? "the MFA device";
  if (call?.temporary) {
    return [
      cause(
        "MfaNeedsLongTermKeys",
        "Certain",
        `The code of ${device} was sent with temporary credentials, but an MFA code works only with a user's long-term keys.`,
        "Set mfa_serial on the first role of the chain, or set mfa_session on the profile with the keys.",
      ),
    ];
  }
  if (/serial number/i.test(error.message)) {
    const whose = call?.identity.arn ?? "the calling user";
    return [
      cause(
        "MfaDeviceWrong",
        "Certain",
        `${device} is not an MFA device of ${whose}.`,
        "Correct mfa_serial. IAM shows it under the user's security credentials.",
      ),
    ];
  }
  return [causeFromError(error)];
}
