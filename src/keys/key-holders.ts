/** The profiles that have an access key, in the file or in the keychain. */
import { isTemporaryKey, keychainKeyOf, keysMissing } from "../credentials/keychain-keys.ts";
import { hasStaticKeys, requireStaticKeys } from "../credentials/static-keys.ts";
import type { FileLocations } from "../profiles/locations.ts";
import { readSharedConfig } from "../profiles/read.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { storeProfile } from "../profiles/store.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { KeyStore } from "../protocol/profile-messages.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import type { StoredKeys } from "../vault/keychain.ts";
import { secretVaultKeyOf } from "../vault/secret-vault-line.ts";
import { type KeyPlace, storeKeysInKeychain } from "./keychain-profile.ts";

export interface KeyHolder {
  readonly profile: Profile;
  readonly files: FileLocations;
  readonly keyStore: KeyStore;
}

/** The profiles that have the key, in all files that the request knows. */
export function holdersOf(accessKeyId: string, { everyFile }: Pick<KeyPlace, "everyFile">): KeyHolder[] {
  const unique = new Map(everyFile.map((files) => [JSON.stringify([files.config, files.credentials]), files]));
  return [...unique.values()].flatMap((files) =>
    readSharedConfig(files)
      .profiles()
      .flatMap((profile): KeyHolder[] => {
        if (hasStaticKeys(profile.settings))
          return profile.settings.accessKeyId === accessKeyId ? [{ profile, files, keyStore: "file" }] : [];
        return keychainKeyOf(profile.settings) === accessKeyId ? [{ profile, files, keyStore: "keychain" }] : [];
      }),
  );
}

/**
 * Returns the long-term keys of a profile.
 * @throws RoleError `KeyNotRotatable` for a profile without such keys; `ProfileIncomplete`, `Keychain…`
 */
export async function keysOf(profile: Profile, { keychain }: KeyPlace, context: Context): Promise<StoredKeys> {
  const { name, settings } = profile;
  const inKeychain = hasStaticKeys(settings) ? undefined : keychainKeyOf(settings);
  if (inKeychain !== undefined) {
    const keys = await keychain.read(inKeychain, context);
    if (!keys) throw keysMissing(inKeychain, `profile '${name}'`, name);
    return requireLongTerm(keys, name);
  }
  if (!hasStaticKeys(settings)) throw noKey(profile);
  return requireLongTerm({ ...requireStaticKeys(profile), sessionToken: settings.sessionToken }, name);
}

/**
 * The profiles whose keys a rotation would replace. Makes no call, and asks no keychain.
 * @throws RoleError `KeyNotRotatable`
 */
export function rotatedWith(profile: Profile, place: KeyPlace): KeyHolder[] {
  const key = profile.settings.accessKeyId ?? keychainKeyOf(profile.settings);
  if (key === undefined) throw noKey(profile);
  requireLongTerm({ accessKeyId: key, secretAccessKey: "", sessionToken: profile.settings.sessionToken }, profile.name);
  return holdersOf(key, place);
}

/**
 * Stores the new keys in every profile that has the old one, where the old one was.
 * @throws RoleError `FileBusy` if no profile has either key any more; those of the files and of the keychain
 */
export async function replaceKeys(
  oldKey: string,
  keys: StoredKeys,
  place: KeyPlace,
  context: Context,
): Promise<KeyHolder[]> {
  const { accessKeyId, secretAccessKey } = keys;
  const changes = { accessKeyId, secretAccessKey };
  for (const { profile, files, keyStore } of holdersOf(oldKey, place)) {
    // Two pairs of files may share one.
    const check = (now: Settings) => requireKey([oldKey, accessKeyId], now, profile);
    if (keyStore === "keychain") await storeKeysInKeychain(profile.name, changes, place, context, files);
    else await storeProfile(profile.name, changes, context, files, { check });
    context.say(`Stored the new key in profile '${profile.name}'.`);
  }
  const holders = holdersOf(accessKeyId, place);
  if (holders.length > 0) return holders;
  throw new RoleError("FileBusy", "Another program has just replaced the key in the profile.", {
    target: maskedAccessKey(oldKey),
    action: "Check the profile with Get-RoleProfile, and try again.",
  });
}

function requireKey(keys: readonly string[], now: Settings, { name }: Profile): void {
  if (now.accessKeyId !== undefined && keys.includes(now.accessKeyId)) return;
  throw new RoleError("FileBusy", `Another program has just changed the keys of profile '${name}'.`, {
    target: name,
    action: "The profile was not changed.",
  });
}

function noKey({ name, settings: { sourceProfile, credentialProcess } }: Profile): RoleError {
  if (secretVaultKeyOf(credentialProcess)) {
    return new RoleError("KeyNotRotatable", `The key of profile '${name}' is in a vault of SecretManagement.`, {
      target: name,
      action: "Create a new key in IAM, store it with Set-RoleCredentials -VaultName, and delete the old one.",
    });
  }
  return new RoleError("KeyNotRotatable", `Profile '${name}' has no access key of its own.`, {
    target: name,
    action: sourceProfile
      ? `Name its source: Update-RoleKey -ProfileName ${powerShellArgument(sourceProfile)}.`
      : "Name a profile with keys.",
  });
}

function requireLongTerm(
  { sessionToken, ...keys }: Omit<StoredKeys, "sessionToken"> & { readonly sessionToken?: string | undefined },
  name: string,
): StoredKeys {
  if (sessionToken === undefined && !isTemporaryKey(keys.accessKeyId)) return keys;
  throw new RoleError("KeyNotRotatable", `The keys of profile '${name}' are temporary, and expire by themselves.`, {
    target: name,
    action: "Name a profile with the access key of an IAM user.",
  });
}
