import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { changeProfile, type OpenFiles, type StoreOptions } from "./change-profile.ts";
import type { Edits } from "./edit.ts";
import type { FileLocations } from "./locations.ts";
import { combine, readSharedConfig } from "./read.ts";
import { profileNotFound, requireProfile } from "./require-profile.ts";
import { keySettings, olderTokenKey, type Setting, settingKeys, ssoSettings } from "./settings.ts";
import type { SharedConfig } from "./shared-config.ts";
import { validateProfileName, validateValue } from "./validate.ts";

/** The settings to store: a text sets one, null removes it, and an absent one stays unchanged. */
export type Changes = { readonly [S in Setting]?: string | null };

export type { StoreOptions };

/**
 * Stores settings of a new or existing profile. Keys go to the credentials file and other settings to the config file. A setting that a
 * file already has changes in place, so that every AWS tool reads the same value afterwards. New keys without a session token remove an
 * old token. If any setting is invalid or either file cannot be written, nothing changes.
 * @returns the files that change; empty if everything was stored already
 * @throws RoleError `ProfileNameInvalid`, `ValueRefused`, `FileBroken`, `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function storeProfile(
  name: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  validateProfileName(name);
  validateChanges(changes, context.platform);
  return storeDerived(name, () => withoutOldToken(changes), context, locations, options);
}

/**
 * Removes a profile from both files, or from the file that `-ProfileLocation` names.
 * @throws RoleError `ProfileNotFound`, `FileBroken`, `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function removeProfile(
  name: string,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  const files = await changeProfile(name, context, locations, options, () => ({ removesProfile: true }));
  if (files.length === 0) throw profileNotFound(name, readSharedConfig(locations).origin);
  return files;
}

/**
 * Replaces the credentials of one profile, of whatever kind, with those of another. It also copies the region and output format if the
 * other has them. Initialize-AWSDefaultConfiguration does the same for `default`.
 * `changes` take precedence over the copied settings.
 * If the copied role uses `to` as its source, `to` keeps its keys and becomes its own source.
 * @throws RoleError `ProfileNotFound`; `ProfileCycle` if `to` would depend on itself; and those of {@link storeProfile}
 */
export async function copyProfile(
  from: string,
  to: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  const derive = (shared: SharedConfig) => ({ ...copiedSettings(from, to, shared), ...changes });
  return storeDerived(to, derive, context, locations, options);
}

/**
 * Makes `to` a profile that gets the credentials of `from` by a command, and the region and output format of `from`.
 * @throws RoleError `ProfileNotFound`; `ProfileCycle` if `from` depends on `to`; and those of {@link storeProfile}
 */
export async function storeCommand(
  from: string,
  to: string,
  command: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  const derive = (shared: SharedConfig) => {
    if (from === to || isSourceOf(to, from, shared)) throw dependsOn(from, to);
    return { ...copiedSettings(from, to, shared), ...withoutCredentials, credentialProcess: command, ...changes };
  };
  return storeDerived(to, derive, context, locations, options);
}

/** Stores settings that depend on what the files hold at the moment of the change. */
function storeDerived(
  name: string,
  derive: (shared: SharedConfig) => Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions,
): Promise<string[]> {
  validateProfileName(name);
  return changeProfile(name, context, locations, options, (files) => {
    const shared = combine(files.config, files.credentials);
    options.check?.(shared.profile(name)?.settings ?? {});
    const changes = derive(shared);
    validateChanges(changes, context.platform);
    return { sets: placeEdits(name, changes, files) };
  });
}

function validateChanges(changes: Changes, platform: NodeJS.Platform): void {
  for (const [setting, value] of entriesOf(changes)) if (value !== null) validateValue(setting, value, platform);
}

function entriesOf(changes: Changes): (readonly [Setting, string | null])[] {
  const settings = Object.keys(settingKeys) as Setting[];
  return settings.flatMap((setting) => {
    const value = changes[setting];
    return value === undefined ? [] : [[setting, value] as const];
  });
}

function withoutOldToken(changes: Changes): Changes {
  const hasNewKeys = typeof changes.accessKeyId === "string" || typeof changes.secretAccessKey === "string";
  return hasNewKeys && changes.sessionToken === undefined ? { ...changes, sessionToken: null } : changes;
}

/**
 * Chooses the file for each setting. If both files have one, the credentials file takes precedence, except for some settings in the SDK
 * for JavaScript, such as the region. So both get the new value.
 */
function placeEdits(name: string, changes: Changes, files: OpenFiles): { config: Edits; credentials: Edits } {
  const config = new Map<string, string | null>();
  const credentials = new Map<string, string | null>();
  const inConfig = files.isOneFile ? new Map() : files.config.values(files.config.profileSections(name));
  const inCredentials = files.credentials.values(files.credentials.profileSections(name));
  for (const [setting, value] of entriesOf({ ...keysToMove(changes, inConfig, inCredentials), ...changes })) {
    const key = settingKeys[setting];
    const isKey = keySettings.has(setting);
    if (inCredentials.has(key) || (value !== null && (isKey || files.isOneFile))) credentials.set(key, value);
    // A second copy of keys would become stale when the keys are replaced.
    if (inConfig.has(key)) config.set(key, isKey ? null : value);
    else if (value !== null && !credentials.has(key)) config.set(key, value);
    // The AWS CLI prefers the older key.
    if (setting === "sessionToken" && inCredentials.has(olderTokenKey)) credentials.set(olderTokenKey, null);
    if (setting === "sessionToken" && inConfig.has(olderTokenKey)) config.set(olderTokenKey, null);
  }
  return { config, credentials };
}

/** The keys in the config file, which move to the credentials file with a new one: AWS tools read all keys from one file. */
function keysToMove(
  changes: Changes,
  inConfig: ReadonlyMap<string, string>,
  inCredentials: ReadonlyMap<string, string>,
): Changes {
  const isNew = [...keySettings].some((setting) => typeof changes[setting] === "string");
  const { accessKeyId } = settingKeys;
  if (!isNew || !inConfig.has(accessKeyId) || inCredentials.has(accessKeyId)) return {};
  const current = (setting: Setting) =>
    inConfig.get(settingKeys[setting]) || (setting === "sessionToken" && inConfig.get(olderTokenKey)) || null;
  return Object.fromEntries([...keySettings].map((setting) => [setting, current(setting)]));
}

const copiedAlways: readonly Setting[] = [
  ...keySettings,
  ...ssoSettings,
  ...(["roleArn", "sourceProfile", "credentialSource", "mfaSerial", "externalId", "roleSessionName"] as const),
  ...(["durationSeconds", "webIdentityTokenFile", "sourceIdentity", "sessionTags", "transitiveSessionTags"] as const),
  ...(["mfaSession", "mfaProcess", "credentialProcess", "loginSession"] as const),
];

const withoutCredentials: Changes = Object.fromEntries(copiedAlways.map((setting) => [setting, null]));

const copiedWherePresent: readonly Setting[] = ["region", "output"];

function copiedSettings(from: string, to: string, shared: SharedConfig): Changes {
  const source = requireProfile(from, shared);
  if (from === to) return {};
  const keepsKeys = isSourceOf(to, from, shared);
  const changes: { -readonly [S in Setting]?: string | null } = {};
  for (const setting of copiedAlways) {
    if (!keepsKeys || !keySettings.has(setting)) changes[setting] = source.settings[setting] ?? null;
  }
  for (const setting of copiedWherePresent) {
    const value = source.settings[setting];
    if (value !== undefined) changes[setting] = value;
  }
  return changes;
}

/**
 * Whether the role of a profile uses the keys of `to`. A profile may only be its own source directly, and only with keys: botocore
 * reports any longer way back as a cycle.
 */
function isSourceOf(to: string, profile: string, shared: SharedConfig): boolean {
  const seen = new Set<string>();
  for (let at = profile; !seen.has(at); ) {
    seen.add(at);
    const settings = shared.profile(at)?.settings;
    const isAtKeys = at !== profile && settings?.accessKeyId !== undefined;
    if (!settings?.roleArn || !settings.sourceProfile || isAtKeys) return false;
    if (settings.sourceProfile === to) {
      const ofSource = shared.profile(to)?.settings;
      if (at === profile && ofSource?.accessKeyId && ofSource.secretAccessKey) return true;
      throw dependsOn(profile, to);
    }
    at = settings.sourceProfile;
  }
  return false;
}

function dependsOn(profile: string, to: string): RoleError {
  return new RoleError(
    "ProfileCycle",
    `Profile '${profile}' depends on '${to}', so '${to}' cannot get its credentials from '${profile}'.`,
    { target: profile, action: `Store '${to}' under another name, and make that the source profile.` },
  );
}
