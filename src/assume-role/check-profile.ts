import { kindOf } from "../credentials/profile-source.ts";
import { staticKeys } from "../credentials/static-keys.ts";
import { validStartUrl } from "../identity-center/choose-session.ts";
import { ssoLoginOf } from "../identity-center/sso-login.ts";
import { validRegion } from "../network/partitions.ts";
import { type Setting, type Settings, settingKeys, ssoSettings } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Changes } from "../profiles/store.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { parseRoleArn, validAccountId } from "../protocol/role-arn.ts";
import { planProfile } from "./plan.ts";
import { checkText, maximumSessionDuration, parseDuration } from "./session-limits.ts";

/** The settings that describe a role. After a change to any of them, the role must still be assumable. */
const roleSettings = [
  "roleArn",
  "sourceProfile",
  "credentialSource",
  "mfaSerial",
  "externalId",
  "roleSessionName",
  "durationSeconds",
  "sourceIdentity",
  "sessionTags",
  "transitiveSessionTags",
] as const satisfies readonly Setting[];

/**
 * Validates the profile as it will be after the changes. A new source of credentials replaces the old one.
 * @returns the changes to make, including those that they imply
 * @throws RoleError `ProfileIncomplete`, `RegionInvalid`, `MfaSerialInvalid`, and everything that `planProfile` throws:
 * `ArnInvalid`, `SourceConflict`, `SourceMissing`, `SourceProfileNotFound`, `ProfileCycle`, `CredentialSourceInvalid`, …
 */
export function checkProfile(name: string, changes: Changes, shared: SharedConfig, context: Context): Changes {
  const implied: Changes = {
    ...changes,
    ...(changes.sourceProfile && !changes.credentialSource && { credentialSource: null }),
    ...(changes.credentialSource && !changes.sourceProfile && { sourceProfile: null }),
  };
  const settings = merge(shared.profile(name)?.settings ?? {}, implied);

  if (typeof changes.region === "string") validRegion(changes.region);
  if (typeof changes.roleArn === "string") parseRoleArn(changes.roleArn);
  if (typeof changes.mfaSerial === "string") checkText("mfaSerial", changes.mfaSerial);
  if ((changes.accessKeyId || changes.secretAccessKey) && !(settings.accessKeyId && settings.secretAccessKey)) {
    const missing = settingKeys[settings.accessKeyId ? "secretAccessKey" : "accessKeyId"];
    throw new RoleError("ProfileIncomplete", `Profile '${name}' would have no ${missing}.`, {
      target: name,
      action: "Pass -AccessKey and -SecretKey together.",
    });
  }
  if (changes.accessKeyId) checkKeysAreUsed(name, settings);
  if (
    settings.mfaProcess !== undefined &&
    settings.mfaSerial === undefined &&
    ("mfaProcess" in changes || "mfaSerial" in changes)
  )
    throw noDevice(name, "runs a program for an MFA code");
  if (ssoSettings.some((setting) => changes[setting])) checkSso(name, settings, shared);
  const opensSession = settings.mfaSession !== undefined;
  if (opensSession && settings.mfaSerial === undefined && ("mfaSession" in changes || "mfaSerial" in changes))
    throw noDevice(name, "opens an MFA session");
  if (roleSettings.some((setting) => setting in changes)) {
    if (settings.roleArn !== undefined) planProfile(name, overlay(shared, name, settings), context.environment);
    else if (roleSettings.some((setting) => !sessionSettings(opensSession).has(setting) && changes[setting]))
      throw noRole(name);
    else if (opensSession && changes.durationSeconds)
      parseDuration(changes.durationSeconds, maximumSessionDuration, name);
  }
  return implied;
}

/** AWS tools ignore the keys of a profile that has other credentials, or a role that another source assumes. */
function checkKeysAreUsed(name: string, settings: Settings): void {
  const kind = kindOf(settings);
  const hasOtherSource = settings.roleArn && (settings.credentialSource ?? settings.sourceProfile ?? name) !== name;
  const other = kind !== staticKeys ? kind?.noun : hasOtherSource ? "a role" : undefined;
  if (other === undefined) return;
  throw new RoleError("SourceConflict", `Profile '${name}' has ${other}, which AWS tools use instead of its keys.`, {
    target: name,
    action: `Store the keys under another name with -StoreAs, or delete this profile first with Remove-RoleProfile ${powerShellArgument(name)}.`,
  });
}

/** A role of IAM Identity Center must be complete, and the only credentials that AWS tools find in the profile. */
function checkSso(name: string, settings: Settings, shared: SharedConfig): void {
  const { accountId, region, startUrl } = ssoLoginOf({ name, settings }, shared);
  validAccountId(accountId);
  validRegion(region);
  validStartUrl(startUrl);
  const other = (["roleArn", "accessKeyId", "webIdentityTokenFile"] as const).find((setting) => settings[setting]);
  if (other === undefined) return;
  throw new RoleError("SourceConflict", `Profile '${name}' has a ${settingKeys[other]} already.`, {
    target: name,
    action: "Store the role of IAM Identity Center under another name with -StoreAs.",
  });
}

/** Role settings that a profile of keys may also have: its user's MFA device, and the duration of an MFA session. */
function sessionSettings(opensSession: boolean): ReadonlySet<Setting> {
  return new Set(opensSession ? ["mfaSerial", "durationSeconds"] : ["mfaSerial"]);
}

function merge(settings: Settings, changes: Changes): Settings {
  const merged = Object.entries({ ...settings, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as Settings;
}

function overlay(shared: SharedConfig, name: string, settings: Settings): SharedConfig {
  return { ...shared, profile: (asked) => (asked === name ? { name, settings } : shared.profile(asked)) };
}

function noDevice(name: string, what: string): RoleError {
  return new RoleError("ProfileIncomplete", `Profile '${name}' ${what}, but has no mfa_serial.`, {
    target: name,
    action: "Pass -MfaSerial too.",
  });
}

function noRole(name: string): RoleError {
  return new RoleError("SourceMissing", `Profile '${name}' has session settings but no role.`, {
    target: name,
    action: "Pass -RoleArn too.",
  });
}
