/** Converts errors of STS and of the network to our own: which hop failed, what happened, what to do next. */
import { describeSkew } from "../../network/clock-skew.ts";
import { canceled, type ErrorCode, type ErrorDetails, RoleError } from "../../protocol/errors.ts";
import { redact } from "../../protocol/redact.ts";
import { dissect, isThrottling, isTlsFailure } from "./client-error.ts";

/** The call, as shown in errors. */
export interface StsCall {
  /** `AssumeRole`, `GetSessionToken`, … */
  readonly operation: string;
  /** The role or profile of the call. */
  readonly target: string;
  /** The hop's label: `role arn:… (profile prod)`. */
  readonly hop: string;
  /** The origin of the calling credentials: `profile base`, `the environment`. */
  readonly caller: string;
  readonly url: string;
  readonly mfaSerial?: string | undefined;
  /** Milliseconds by which the server's clock is ahead of the local clock, from its responses. */
  readonly clockOffset: number;
  /** Secrets of the call, which no message may contain. */
  readonly secrets?: readonly (string | undefined)[];
}

/** The skew that STS rejects, in milliseconds. */
const toleratedSkew = 5 * 60_000;

export function stsError(error: unknown, call: StsCall): RoleError {
  const { name, message: unredacted, code, statusCode } = dissect(error);
  const message = redact(unredacted, call.secrets ?? []);
  const make = (id: ErrorCode, text: string, action: string, more: ErrorDetails = {}) =>
    new RoleError(id, `${call.operation} failed at ${call.hop}: ${text}`, {
      target: call.target,
      hop: call.hop,
      action,
      awsCode: statusCode === undefined ? undefined : redact(name, call.secrets ?? []),
      ...more,
      cause: error,
    });

  if (statusCode === undefined) return unanswered(name, code, message, call, make);

  // AWS sends some of the names both with and without the suffix.
  switch (name.replace(/Exception$/, "")) {
    case "AccessDenied":
      return accessDenied(message, call, make);
    case "ExpiredToken":
      return expired(message, call, make);
    case "InvalidClientTokenId":
    case "UnrecognizedClient":
      return make(
        "CredentialsRejected",
        `AWS does not know the access key of ${call.caller}.`,
        "Check the access key and its session token. The key may be inactive, deleted, or from another partition.",
      );
    case "SignatureDoesNotMatch":
    case "RequestExpired":
    case "RequestTimeTooSkewed":
      return signature(message, call, make);
    case "RegionDisabled":
      return make(
        "RegionDisabled",
        message,
        "Pass another -Region, or enable STS for this one in the calling account.",
      );
    case "MalformedPolicyDocument":
      return make("PolicyInvalid", message, "Correct the session policy.");
    case "PackedPolicyTooLarge":
      return make("PolicyTooLarge", message, "Shorten the session policy, or use fewer tags and policy ARNs.");
    case "InvalidIdentityToken":
    case "IDPRejectedClaim":
    case "IDPCommunicationError":
      return rejectedIdentity(message, call, make);
    case "ValidationError":
      return validation(message, call, make);
  }
  if (isThrottling(name, statusCode)) {
    return make("StsThrottled", "STS is throttling requests.", "Try again later, or use a lower -ThrottleLimit.");
  }
  if (statusCode >= 500) return make("StsFailed", `STS returned ${statusCode} ${name}.`, "Try again later.");
  if (statusCode >= 300 && statusCode < 400) {
    return make("StsResponseInvalid", `${call.url} returned a redirect.`, "Check the endpoint URL.");
  }
  // The client's generic text for a response without an error; STS never sends it.
  if (!/^[A-Za-z][A-Za-z0-9.]*$/.test(name) || /^(Error|Unknown|UnknownError|NotFound)$/.test(name)) {
    return make(
      "StsResponseInvalid",
      `${call.url} returned ${statusCode} with a response that is not from STS.`,
      "Check the endpoint URL and the proxy.",
    );
  }
  return make("StsRejected", `${name}: ${message}`, "The message comes from STS.");
}

/** The error for a response with missing or invalid members. */
export function unusableAnswer(what: string, call: StsCall): RoleError {
  return new RoleError(
    "StsResponseInvalid",
    `${call.operation} failed at ${call.hop}: the response of ${call.url} ${what}.`,
    {
      target: call.target,
      hop: call.hop,
      action: "Check the endpoint URL and the proxy.",
    },
  );
}

type Make = (id: ErrorCode, text: string, action: string, more?: ErrorDetails) => RoleError;

function accessDenied(message: string, call: StsCall, make: Make): RoleError {
  // Match the start only: the ARN of a role named MfaRequired may occur in a message that is not about a code.
  if (/^MultiFactorAuthentication failed/i.test(message)) {
    return make(
      "MfaCodeRejected",
      message,
      "A code works once, for half a minute. Wait for the next one, and check that it comes from this device.",
      { mfaSerial: call.mfaSerial },
    );
  }
  if (/root account/i.test(message)) {
    return make(
      "RootNotAllowed",
      `${call.caller} has the keys of an account's root user, and root cannot assume a role.`,
      "Use the keys of an IAM user, or sign in through IAM Identity Center.",
    );
  }
  if (/^AssumeRoleWith/.test(call.operation)) {
    return make(
      "AccessDenied",
      message,
      `The role's trust policy must allow sts:${call.operation} to the identity provider, with its conditions (audience, subject), and the provider must offer the role to this user.`,
    );
  }
  return make(
    "AccessDenied",
    message,
    "The caller's identity policy must allow sts:AssumeRole on this role, and the role's trust policy must allow the caller, with its conditions (external id, MFA, source identity). Run Test-Role for details.",
  );
}

function expired(message: string, call: StsCall, make: Make): RoleError {
  if (call.operation === "AssumeRoleWithSAML")
    return make("SamlAssertionRejected", message, "Sign in again: AWS takes an assertion for five minutes.");
  if (call.operation === "AssumeRoleWithWebIdentity")
    return make("WebIdentityRejected", message, "Have the identity provider write a new token.");
  return make(
    "CredentialsExpired",
    `the credentials of ${call.caller} have expired.`,
    "Get new ones, or sign in again. Clear-RoleCache removes cached ones.",
  );
}

/** The identity provider, or what it issued, does not suit IAM. */
function rejectedIdentity(message: string, call: StsCall, make: Make): RoleError {
  if (call.operation === "AssumeRoleWithSAML") {
    return make(
      "SamlAssertionRejected",
      message,
      "Check the identity provider in IAM (its metadata and name), and the assertion's audience, recipient and signature.",
    );
  }
  return make(
    "WebIdentityRejected",
    message,
    "Check the token's issuer, audience and time, and the role's trust policy.",
  );
}

function signature(message: string, call: StsCall, make: Make): RoleError {
  const seconds = Math.round(-call.clockOffset / 1000);
  if (Math.abs(call.clockOffset) > toleratedSkew || /expired|not yet current|too skewed/i.test(message)) {
    return make("ClockSkew", `${describeSkew(call.clockOffset)}.`, "Correct the clock; AWS tolerates five minutes.", {
      clockSkewSeconds: seconds,
    });
  }
  return make(
    "CredentialsRejected",
    `the secret key of ${call.caller} does not match its access key.`,
    "Store both keys again with Set-RoleCredentials.",
  );
}

function validation(message: string, call: StsCall, make: Make): RoleError {
  if (/DurationSeconds|durationSeconds/.test(message)) {
    return make(
      "DurationInvalid",
      message,
      "Pass a shorter -DurationInSeconds, or raise the role's maximum session duration.",
    );
  }
  if (/serialNumber|MFA device|MultiFactorAuthentication/i.test(message)) {
    return make(
      "MfaSerialInvalid",
      message,
      "Check the MFA device's serial: the device must belong to the calling user.",
      { mfaSerial: call.mfaSerial },
    );
  }
  if (/roleArn\b|\bRole ?ARN\b|^arn:\S* is invalid/i.test(message)) {
    return make("ArnInvalid", message, "Correct the role's ARN.");
  }
  return make("StsRejected", message, "The message comes from STS.");
}

/** There was no response, or an unreadable one. */
function unanswered(name: string, code: string, message: string, call: StsCall, make: Make): RoleError {
  if (name === "AbortError") return canceled();
  if (isTlsFailure(code)) {
    return make(
      "TlsFailed",
      `the connection to ${call.url} is not trusted (${code}).`,
      "If a proxy or your own server answers, set AWS_CA_BUNDLE or ca_bundle to its certificates.",
    );
  }
  // The client also reports a dropped connection as a timeout.
  const cut = code === "ECONNRESET" || code === "EPIPE";
  if ((name === "TimeoutError" && !cut) || code === "ETIMEDOUT" || code === "ESOCKETTIMEDOUT") {
    return make(
      "StsTimeout",
      `${call.url} did not respond in time.`,
      "Check the network and the proxy, and try again.",
    );
  }
  if (/^E[A-Z_]+$/.test(code)) {
    return make(
      "StsUnreachable",
      `${call.url} cannot be reached (${code}).`,
      "Check the network, the region, the endpoint URL and the proxy.",
    );
  }
  if (name === "SyntaxError" || /pars|deseriali|unexpected|XML|Expected/i.test(`${name} ${message}`)) {
    return unusableAnswer("cannot be read", call);
  }
  return make("StsFailed", name, "Try again. -Verbose shows each step.");
}
