/** Why a hop failed, as far as can be told, the most likely cause first. */

import { maximumChainedDuration } from "../assume-role/session-limits.ts";
import { partitionOfRegion } from "../network/partitions.ts";
import type { LikelyCause } from "../protocol/methods.ts";
import { denialCauses } from "./denial-causes.ts";
import { asItIs, cause, type FailedHop } from "./failed-hop.ts";

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
      return [asItIs(error)];
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
        `The access key of ${label} belongs to a session (ASIA…), but there is no session token with it.`,
        "Store or set the session token too: -SessionToken, aws_session_token or AWS_SESSION_TOKEN.",
      ),
    ];
  }
  if (refused.accessKeyId.startsWith("AKIA") && refused.sessionToken !== undefined) {
    return [
      cause(
        "SessionTokenLeftOver",
        "Certain",
        `The access key of ${label} is a long-term one (AKIA…), but a session token goes with it, left over from a session.`,
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
        ? "Get new credentials; Clear-RoleCache forgets cached ones."
        : "Have the keys of the user looked at in IAM, and store valid ones with Set-RoleCredentials.",
    ),
  ];
  if (region === undefined) return causes;
  const { name: partition } = partitionOfRegion(region);
  return [
    ...causes,
    cause(
      "WrongPartition",
      partition === "aws" ? "Possible" : "Likely",
      `Region ${region} lies in the partition ${partition}, where only the keys of its own accounts are known.`,
      "If the keys are of another part of AWS, give a region of that part with -Region or in the profile.",
    ),
    ...(partition === "aws" && !alwaysEnabled.has(region)
      ? [
          cause(
            "RegionNotEnabled",
            "Likely",
            `An account must opt in to region ${region}, which knows neither its keys before that, nor sessions that the global endpoint of STS gave.`,
            "Use a region that is enabled, or enable this one in the account.",
          ),
        ]
      : []),
  ];
}

// The regions that were there before one had to opt in to new ones, in March 2019. The list is closed.
const alwaysEnabled: ReadonlySet<string> = new Set([
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"],
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"],
]);

function wrongDuration({ error, chainHop, call }: FailedHop): LikelyCause[] {
  const asked = chainHop.hop?.durationInSeconds;
  if (asked === undefined) return [asItIs(error)];
  if (asked > maximumChainedDuration && call?.temporary !== false) {
    return [
      cause(
        "ChainedHour",
        "Certain",
        `${asked} seconds are asked for, but a role that temporary credentials assume lasts ${maximumChainedDuration} at most.`,
        `Lower duration_seconds to ${maximumChainedDuration}, or let a user's long-term keys assume the role.`,
      ),
    ];
  }
  return [
    cause(
      "RoleDuration",
      "Certain",
      `${asked} seconds are asked for, which is more than the role allows.`,
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
        `The code of ${device} was sent with the credentials of a session, but only a user's long-term keys can prove a second factor.`,
        "Give mfa_serial to the first role of the chain, or set mfa_session on the profile with the keys.",
      ),
    ];
  }
  if (/serial number/i.test(error.message)) {
    const whose = call?.identity.arn ?? "the user who calls";
    return [
      cause(
        "MfaDeviceWrong",
        "Certain",
        `${device} is not an MFA device of ${whose}.`,
        "Correct mfa_serial; the user's security credentials in IAM show it.",
      ),
    ];
  }
  return [asItIs(error)];
}
