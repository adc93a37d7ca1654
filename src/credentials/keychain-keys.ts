/** Keys in the system's keychain, which `Set-RoleCredentials -Vault` puts there. */
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import { accessKeyOfLine } from "../vault/keychain-line.ts";
import { uncachedProvider } from "./provider.ts";
import type { ProfileKind, Source } from "./source.ts";

export const keychainKeys: ProfileKind = {
  isIn: hasKeychainKeys,
  noun: "keys in the keychain",
  label: () => "keychain",
  sourceOf: keychainSource,
};

/** Whether a profile's `credential_process` is this module's own line, so that no program needs to run. */
export function hasKeychainKeys(settings: Settings): boolean {
  return keychainKeyOf(settings) !== undefined;
}

/** The access key that a profile has in the keychain. */
export function keychainKeyOf({ credentialProcess }: Settings): string | undefined {
  return accessKeyOfLine(credentialProcess);
}

function keychainSource(profile: Profile): Source {
  const accessKeyId = keychainKeyOf(profile.settings) ?? "";
  const account = profile.settings.accountId;
  const isTemporary = isTemporaryKey(accessKeyId);
  return {
    operation: "Keychain",
    profile,
    holdsKeys: true,
    summary: `the keys of profile ${profile.name} in the keychain`,
    place: () => `credential_process of profile ${profile.name}`,
    about: () => (account === undefined ? {} : { account }),
    isTemporary: () => isTemporary,
    provider: ({ resolution }) =>
      uncachedProvider(
        `profile ${profile.name}`,
        ["keychain", accessKeyId],
        async (context) => {
          const keys = await resolution.keychain.read(accessKeyId, context);
          if (keys) return { ...keys, ...(account && { accountId: account }) };
          throw keysMissing(accessKeyId, `profile '${profile.name}'`, profile.name);
        },
        !isTemporary,
      ),
  };
}

/** AWS begins the ids of temporary keys with ASIA: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html. */
export function isTemporaryKey(accessKeyId: string): boolean {
  return accessKeyId.startsWith("ASIA");
}

export function keysMissing(accessKeyId: string, owner: string, profileName?: string): RoleError {
  const key = maskedAccessKey(accessKeyId);
  const name = profileName === undefined ? "NAME" : powerShellArgument(profileName);
  return new RoleError(
    "KeychainKeyNotFound",
    `The keychain of this user on this machine has no secret key for the access key ${key} of ${owner}.`,
    {
      target: profileName ?? key,
      action: `Store both keys again: Set-RoleCredentials -StoreAs ${name} -AccessKey … -Vault.`,
    },
  );
}
