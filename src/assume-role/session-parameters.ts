/**
 * The session parameters that a request or a profile can set. Each is a member of `SessionParameters` in the protocol and a row
 * here. Planning, both cache keys, the call to STS and the command's options iterate over the rows, so none of them can omit one.
 */
import { type Setting, settingKeys } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SessionParameters, SessionTag } from "../protocol/role-messages.ts";
import {
  checkDuration,
  checkPolicy,
  checkPolicyArns,
  checkTags,
  checkText,
  checkTransitiveTagKeys,
  maximumRoleDuration,
  parseDuration,
} from "./session-limits.ts";
import type { Sts } from "./sts/client.ts";

type AssumeRoleInput = Partial<Parameters<Sts["assumeRole"]>[0]>;
type CliKeyMember = "RoleSessionName" | "ExternalId" | "SerialNumber" | "DurationSeconds";

interface Row<Value> {
  /** @throws RoleError if STS would reject it */
  readonly check: (value: Value) => Value;
  /** The profile's setting and its parser; null if a profile cannot set it. */
  readonly inProfile: {
    readonly setting: Setting;
    readonly read?: (text: string, profileName: string) => Value;
  } | null;
  /** Its name in the AWS CLI's cache key; null if the AWS CLI does not support it, and so cannot share the entry. */
  readonly cliKey: CliKeyMember | null;
  readonly input: (value: Value) => AssumeRoleInput;
  /** Its option on the command line; null if the command lacks it. */
  readonly option: CommandOption | null;
}

export interface CommandOption {
  readonly name: string;
  /** What the usage shows for its value. */
  readonly placeholder: string;
  readonly isNumber?: true;
}

const rows: { readonly [P in keyof SessionParameters]-?: Row<NonNullable<SessionParameters[P]>> } = {
  roleSessionName: {
    check: (text) => checkText("roleSessionName", text),
    inProfile: { setting: "roleSessionName" },
    cliKey: "RoleSessionName",
    input: (RoleSessionName) => ({ RoleSessionName }),
    option: { name: "role-session-name", placeholder: "NAME" },
  },
  durationInSeconds: {
    check: (seconds) => checkDuration(seconds, maximumRoleDuration),
    inProfile: { setting: "durationSeconds", read: (text, name) => parseDuration(text, maximumRoleDuration, name) },
    cliKey: "DurationSeconds",
    input: (DurationSeconds) => ({ DurationSeconds }),
    option: { name: "duration-seconds", placeholder: "SECONDS", isNumber: true },
  },
  externalId: {
    check: (text) => checkText("externalId", text),
    inProfile: { setting: "externalId" },
    cliKey: "ExternalId",
    input: (ExternalId) => ({ ExternalId }),
    option: { name: "external-id", placeholder: "ID" },
  },
  mfaSerial: {
    check: (text) => checkText("mfaSerial", text),
    inProfile: { setting: "mfaSerial" },
    cliKey: "SerialNumber",
    // Sent together with its code, which the provider takes.
    input: () => ({}),
    option: { name: "mfa-serial", placeholder: "SERIAL" },
  },
  sourceIdentity: {
    check: (text) => checkText("sourceIdentity", text),
    inProfile: { setting: "sourceIdentity" },
    cliKey: null,
    input: (SourceIdentity) => ({ SourceIdentity }),
    option: { name: "source-identity", placeholder: "NAME" },
  },
  tags: {
    check: checkTags,
    inProfile: { setting: "sessionTags", read: parseTags },
    cliKey: null,
    input: (tags) => ({ Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
    option: null,
  },
  transitiveTagKeys: {
    check: checkTransitiveTagKeys,
    inProfile: { setting: "transitiveSessionTags", read: listOf },
    cliKey: null,
    input: (keys) => ({ TransitiveTagKeys: [...keys] }),
    option: null,
  },
  policy: {
    check: checkPolicy,
    inProfile: null,
    cliKey: null,
    input: (Policy) => ({ Policy }),
    option: null,
  },
  policyArns: {
    check: checkPolicyArns,
    inProfile: null,
    cliKey: null,
    input: (arns) => ({ PolicyArns: arns.map((arn) => ({ arn })) }),
    option: null,
  },
};

// The type of `rows` ensures that each row fits the member of the same name.
const entries = Object.entries(rows) as [keyof SessionParameters, Row<unknown>][];

/** The command's options for the session. */
export const sessionOptions = entries.flatMap(([param, { option }]) => (option ? [{ ...option, param }] : []));

/** Validates a request's session parameters. An empty list counts as absent. */
export function requestedSession(params: SessionParameters): SessionParameters {
  return collect(({ check }, name) => {
    const value = params[name];
    return value === undefined || (Array.isArray(value) && value.length === 0) ? undefined : check(value);
  }) as SessionParameters;
}

/** The name of a request's member at the cmdlets, whose nouns are singular: `-PolicyArn` for `policyArns`. */
export function parameterName(member: string): string {
  const singular = member.replace(/(?<=^tag|^credential|Arn|Key)s$/, "");
  return `-${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
}

/** Reads and validates a profile's session parameters. */
export function sessionOfProfile({ name, settings }: Profile): SessionParameters {
  return collect(({ check, inProfile }) => {
    const text = inProfile ? settings[inProfile.setting] : undefined;
    if (!inProfile || text === undefined) return undefined;
    return check(inProfile.read ? inProfile.read(text, name) : text);
  }) as SessionParameters;
}

/** The session members of the AWS CLI's cache key. */
export function cliKeyMembers(session: SessionParameters): Readonly<Record<string, string | number>> {
  const members: Record<string, string | number> = {};
  for (const [name, { cliKey }] of entries) {
    if (cliKey !== null && session[name] !== undefined) members[cliKey] = session[name] as string | number;
  }
  return members;
}

/** The parameters that are missing from the AWS CLI's cache key. */
export function beyondCliKey(session: SessionParameters): Readonly<Record<string, unknown>> {
  return collect(({ cliKey }, name) => {
    if (cliKey !== null) return undefined;
    return name === "tags" ? session.tags?.map(({ key, value }) => [key, value]) : session[name];
  });
}

/** The session members of AssumeRole's input. */
export function assumeRoleInput(session: SessionParameters): AssumeRoleInput {
  const input: AssumeRoleInput = {};
  for (const [name, row] of entries) {
    if (session[name] !== undefined) Object.assign(input, row.input(session[name]));
  }
  return input;
}

/** The values that are found, under the names of their rows. */
function collect(read: (row: Row<unknown>, name: keyof SessionParameters) => unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, row] of entries) {
    const value = read(row, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Parses aws-vault's format: `key1=value1,key2=value2`. */
function parseTags(text: string, profileName: string): SessionTag[] {
  return listOf(text).map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) {
      const key = settingKeys.sessionTags;
      throw new RoleError("TagInvalid", `${key} of profile '${profileName}' is not a list of key=value pairs.`, {
        target: profileName,
        action: "Use the form key1=value1,key2=value2.",
      });
    }
    return { key: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() };
  });
}

/** Splits a comma-separated list. One trailing comma is allowed. */
function listOf(text: string): string[] {
  return text
    .replace(/,\s*$/, "")
    .split(",")
    .map((part) => part.trim());
}
