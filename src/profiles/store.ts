import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { changeProfile, type FileChange, type StoreOptions } from "./change-profile.ts";
import type { Edits } from "./edit.ts";
import type { FileLocations } from "./locations.ts";
import { profileNotFound } from "./profile-not-found.ts";
import { combine, readSharedConfig } from "./read.ts";
import { olderTokenKey, type Setting, settingKeys } from "./settings.ts";
import type { SharedConfig } from "./shared-config.ts";
import type { SharedFile } from "./shared-file.ts";
import { acceptProfileName, acceptValue } from "./validate.ts";

/** What to store: a text sets, null removes, and what is absent stays as it is. */
export type Changes = { readonly [S in Setting]?: string | null };

export type { FileChange, StoreOptions };

/**
 * Stores settings of a profile, which need not exist. Keys go to the credentials file, all else to the config file, and what either
 * file says already is changed where it stands, so that every AWS tool reads the same afterwards. New keys without a session token
 * remove an old token. Nothing is touched unless all of it is accepted and can be written.
 * @returns the files that changed, none when everything was stored already
 * @throws RoleError `ProfileNameInvalid`, `ValueRefused`, `FileBroken`, `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function storeProfile(
  name: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  acceptProfileName(name);
  acceptChanges(changes, context.platform);
  const all = withoutOldToken(changes);
  return changeProfile(name, context, locations, options, (files) => ({ sets: placeEdits(name, all, files) }));
}

/**
 * Removes a profile from both files, or from the one that `-ProfileLocation` names.
 * @throws RoleError `ProfileNotFound`, `FileBroken`, `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function removeProfile(
  name: string,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  const changes = await changeProfile(name, context, locations, options, () => ({ removesProfile: true }));
  if (changes.length === 0) throw profileNotFound(name, readSharedConfig(locations).origin);
  return changes;
}

/**
 * Gives one profile the credentials of another, whatever their kind, in place of its own, and the region and output format where
 * the other has them: what Initialize-AWSDefaultConfiguration does for `default`.
 * `changes` come before what the other has.
 * A role whose source is the profile `to` itself leaves that profile its keys, and it becomes its own source.
 * @throws RoleError `ProfileNotFound`; `ProfileCycle` when `to` would come to need itself; and those of {@link storeProfile}
 */
export async function copyProfile(
  from: string,
  to: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  acceptProfileName(to);
  return changeProfile(to, context, locations, options, (files) => {
    const all = { ...copiedSettings(from, to, combine(files.config, files.credentials)), ...changes };
    acceptChanges(all, context.platform);
    return { sets: placeEdits(to, all, files) };
  });
}

const keySettings: ReadonlySet<Setting> = new Set(["accessKeyId", "secretAccessKey", "sessionToken", "accountId"]);

function acceptChanges(changes: Changes, platform: NodeJS.Platform): void {
  for (const [setting, value] of entriesOf(changes)) if (value !== null) acceptValue(setting, value, platform);
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

interface Files {
  readonly config: SharedFile;
  readonly credentials: SharedFile;
  /** Whether all goes to the credentials file. */
  readonly isOneFile: boolean;
}

/**
 * Which file gets what. The credentials file wins where both files say something, but the SDK for JavaScript lets the config file
 * win for some settings, such as the region: so both get the new value.
 */
function placeEdits(name: string, changes: Changes, files: Files): { config: Edits; credentials: Edits } {
  const config = new Map<string, string | null>();
  const credentials = new Map<string, string | null>();
  const inConfig = files.isOneFile ? new Map() : files.config.values(files.config.profileSections(name));
  const inCredentials = files.credentials.values(files.credentials.profileSections(name));
  for (const [setting, value] of entriesOf(changes)) {
    const key = settingKeys[setting];
    const isKey = keySettings.has(setting);
    if (inCredentials.has(key) || (value !== null && (isKey || files.isOneFile))) credentials.set(key, value);
    // A second copy of keys would be one more to forget when they are replaced.
    if (inConfig.has(key)) config.set(key, isKey ? null : value);
    else if (value !== null && !credentials.has(key)) config.set(key, value);
    // The AWS CLI would read the older key first.
    if (setting === "sessionToken" && inCredentials.has(olderTokenKey)) credentials.set(olderTokenKey, null);
    if (setting === "sessionToken" && inConfig.has(olderTokenKey)) config.set(olderTokenKey, null);
  }
  return { config, credentials };
}

const copiedAlways: readonly Setting[] = [
  ...(["accessKeyId", "secretAccessKey", "sessionToken", "accountId"] as const),
  ...(["roleArn", "sourceProfile", "credentialSource", "mfaSerial", "externalId", "roleSessionName"] as const),
  ...(["durationSeconds", "webIdentityTokenFile", "sourceIdentity", "sessionTags", "transitiveSessionTags"] as const),
  ...(["mfaSession", "credentialProcess", "ssoSession", "ssoAccountId", "ssoRoleName", "ssoRegion"] as const),
  "ssoStartUrl",
];

const copiedWherePresent: readonly Setting[] = ["region", "output"];

function copiedSettings(from: string, to: string, shared: SharedConfig): Changes {
  const source = shared.profile(from);
  if (!source) throw profileNotFound(from, shared.origin);
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
 * Whether the role of a profile is assumed with the keys of `to`. Only a profile that names itself may be its own source, and only
 * with keys: botocore takes any longer way back for a cycle.
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
      throw new RoleError("ProfileCycle", `The profile '${profile}' needs '${to}', which cannot become the same.`, {
        target: profile,
        action: `Store the keys of '${to}' under another name, and make that the source profile.`,
      });
    }
    at = settings.sourceProfile;
  }
  return false;
}
