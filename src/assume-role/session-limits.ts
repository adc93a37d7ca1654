/**
 * STS's limits, checked before a call so that a mistake costs no round trip and gets a clear message.
 * Source: the API reference of AssumeRole and GetSessionToken.
 */
import { settingKeys } from "../profiles/settings.ts";
import { type ErrorCode, RoleError } from "../protocol/errors.ts";
import type { SessionTag } from "../protocol/role-messages.ts";

/** Seconds: the minimum of any session, and the default of a role. */
const minimumDuration = 900;
const defaultDuration = 3600;
/** The maximum of a role, if the role allows it. */
export const maximumRoleDuration = 43_200;
/** The maximum when temporary credentials assume a role ("role chaining"). */
export const maximumChainedDuration = 3600;
/** The maximum of GetSessionToken for an IAM user. */
export const maximumSessionDuration = 129_600;

const nameCharacters = /^[\w+=,.@-]+$/;

/** A rule for one text: its length, its characters, and a description for the error. */
interface TextRule {
  readonly code: ErrorCode;
  readonly what: string;
  readonly length: readonly [least: number, most: number];
  readonly characters: RegExp;
  readonly rule: string;
}

const textRules = {
  roleSessionName: {
    code: "RoleSessionNameInvalid",
    what: "role session name",
    length: [2, 64],
    characters: nameCharacters,
    rule: "It has 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -",
  },
  sourceIdentity: {
    code: "SourceIdentityInvalid",
    what: "source identity",
    length: [2, 64],
    // STS reserves "aws:".
    characters: /^(?!aws:)[\w+=,.@-]+$/i,
    rule: "It has 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ - and does not begin with aws:",
  },
  externalId: {
    code: "ExternalIdInvalid",
    what: "external id",
    length: [2, 1224],
    characters: /^[\w+=,.@:/-]+$/,
    rule: "It has 2 to 1224 of the characters A-Z a-z 0-9 _ + = , . @ : / -",
  },
  mfaSerial: {
    code: "MfaSerialInvalid",
    what: "MFA serial",
    length: [9, 256],
    characters: /^[\w+=/:,.@-]+$/,
    rule: "It is the ARN of a virtual device (arn:aws:iam::123456789012:mfa/NAME) or the number on a hardware device.",
  },
  tokenCode: {
    code: "TokenCodeInvalid",
    what: "MFA code",
    length: [6, 6],
    characters: /^[0-9]+$/,
    rule: "It has six digits.",
  },
} as const satisfies Record<string, TextRule>;

/**
 * Checks a text against STS's rule for it.
 * @throws RoleError with the rule's code. It shows the text unless that is an MFA code.
 */
export function checkText(name: keyof typeof textRules, text: string): string {
  const rule: TextRule = textRules[name];
  const [least, most] = rule.length;
  if (text.length >= least && text.length <= most && rule.characters.test(text)) return text;
  const shown = name === "tokenCode" ? `The ${rule.what}` : `'${text.slice(0, 100)}'`;
  throw new RoleError(rule.code, `${shown} is not a valid ${rule.what}.`, {
    ...(name !== "tokenCode" && { target: text.slice(0, 100) }),
    action: rule.rule,
  });
}

/**
 * Checks a duration in seconds.
 * @throws RoleError `DurationInvalid`
 */
export function checkDuration(seconds: number, most: number, why?: string): number {
  if (Number.isInteger(seconds) && seconds >= minimumDuration && seconds <= most) return seconds;
  throw new RoleError(
    "DurationInvalid",
    `A duration of ${seconds} seconds is not allowed: ${minimumDuration} to ${most} seconds${why ? ` ${why}` : ""}.`,
    { target: String(seconds), action: `Use a whole number of seconds from ${minimumDuration} to ${most}.` },
  );
}

/**
 * Reads the `duration_seconds` of a profile.
 * @throws RoleError `DurationInvalid`
 */
export function parseDuration(text: string, most: number, profileName: string): number {
  const key = settingKeys.durationSeconds;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds >= minimumDuration && seconds <= most) return seconds;
  throw new RoleError(
    "DurationInvalid",
    `${key} of profile '${profileName}' is '${text.slice(0, 40)}', which is not a number of seconds from ${minimumDuration} to ${most}.`,
    {
      target: text.slice(0, 40),
      action: `Set ${key} to whole seconds, without a unit: ${key} = ${defaultDuration}.`,
    },
  );
}

// Letters, digits and spaces of any language, and _ . : / = + - @
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws RoleError `TagInvalid` */
export function checkTags(tags: SessionTag[]): SessionTag[] {
  if (tags.length > 50) throw badTag(String(tags.length), `${tags.length} session tags exceed the limit of 50.`);
  const seen = new Set<string>();
  for (const { key, value } of tags) {
    // Tag keys are case-insensitive in AWS, so Department and department conflict.
    const folded = key.toLowerCase();
    if (!isTagKey(key) || folded.startsWith("aws:"))
      throw badTag(key.slice(0, 128), `'${key.slice(0, 128)}' is not a valid tag key.`);
    if (value.length > 256 || !tagCharacters.test(value)) throw badTag(key, `The value of tag '${key}' is not valid.`);
    if (seen.has(folded)) throw badTag(key, `Tag '${key}' is given twice.`);
    seen.add(folded);
  }
  return tags;
}

/**
 * Checks transitive tag keys. They may come from an earlier hop's session, so they need not be among the tags.
 * @throws RoleError `TagInvalid`
 */
export function checkTransitiveTagKeys(keys: string[]): string[] {
  if (keys.length > 50) throw badTag(String(keys.length), "There are more than 50 transitive tag keys.");
  const bad = keys.find((key) => !isTagKey(key));
  if (bad !== undefined) throw badTag(bad.slice(0, 128), "A transitive tag key is not valid.");
  return keys;
}

function isTagKey(key: string): boolean {
  return key.length >= 1 && key.length <= 128 && tagCharacters.test(key);
}

function badTag(target: string, what: string): RoleError {
  return new RoleError("TagInvalid", what, {
    target,
    action:
      "At most 50 tags; a key has 1 to 128 characters, a value up to 256: letters, digits, spaces, _ . : / = + - @",
  });
}

/** @throws RoleError `PolicyInvalid` */
export function checkPolicy(policy: string): string {
  if (policy.length < 1 || policy.length > 2048)
    throw badPolicy("Policy", `The session policy has ${policy.length} characters.`, "Use 1 to 2048 characters.");
  try {
    JSON.parse(policy);
  } catch {
    throw badPolicy("Policy", "The session policy is not JSON.", "Pass an IAM policy document as JSON text.");
  }
  return policy;
}

/** @throws RoleError `PolicyInvalid` */
export function checkPolicyArns(arns: string[]): string[] {
  if (arns.length > 10)
    throw badPolicy("PolicyArn", `${arns.length} policy ARNs exceed the limit of 10.`, "Use at most 10.");
  const bad = arns.find((arn) => !/^arn:aws(-[a-z]+)*:iam::(aws|\d{12}):policy\/[!-~]{1,512}$/.test(arn));
  if (bad === undefined) return arns;
  const example = "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess.";
  throw badPolicy(bad, `'${bad}' is not the ARN of a managed policy.`, example);
}

function badPolicy(target: string, what: string, action: string): RoleError {
  return new RoleError("PolicyInvalid", what, { target, action });
}
