import { checkProfile } from "../../assume-role/check-profile.ts";
import { hasKeychainKeys, keychainKeyOf } from "../../credentials/keychain-keys.ts";
import { sourceLabel } from "../../credentials/profile-source.ts";
import { hasStaticKeys } from "../../credentials/static-keys.ts";
import { forgetUnusedKey, storeKeysInKeychain, storeKeysInSecretVault } from "../../keys/keychain-profile.ts";
import { commandLine, writeLauncher } from "../../platform/command-line.ts";
import { readSharedConfig } from "../../profiles/read.ts";
import { requireProfile } from "../../profiles/require-profile.ts";
import type { Setting, Settings } from "../../profiles/settings.ts";
import type { Profile } from "../../profiles/shared-config.ts";
import { type Changes, copyProfile, removeProfile, storeCommand, storeProfile } from "../../profiles/store.ts";
import type { ProfileSummary } from "../../protocol/profile-messages.ts";
import { maskedAccessKey } from "../../protocol/redact.ts";
import { secretVaultKeyOf } from "../../vault/secret-vault-line.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function profileHandlers(core: Core): HandlersOf<"profile"> {
  return {
    "profile/list"({ profileLocation }, context) {
      return { profiles: core.shared(profileLocation, context).profiles().map(summaryOf) };
    },

    "profile/get"({ profileName, profileLocation }, context) {
      return summaryOf(requireProfile(profileName, core.shared(profileLocation, context)));
    },

    async "profile/store"({ profileName, profileLocation, settings, vault, secretVault, whatIf = false }, context) {
      const locations = core.locations(profileLocation, context);
      const shared = readSharedConfig(locations);
      const before = shared.profile(profileName)?.settings;
      const changes = withoutOldLine(checkProfile(profileName, settings, shared, context), before);
      const options = { dryRun: whatIf };
      const place = core.keyPlace(locations, context);
      // A dry run, because storing writes it.
      const launcher = vault ? writeLauncher(core.program, context, { dryRun: true }) : [];
      const stored = secretVault
        ? await storeKeysInSecretVault(profileName, changes, secretVault, context, locations, options)
        : vault
          ? await storeKeysInKeychain(profileName, changes, place, context, locations, options)
          : await storeProfile(profileName, changes, context, locations, options);
      const warnings = whatIf ? [] : await forgetUnusedKey(before, place, context);
      if (stored.length > 0) return { files: [...launcher, ...stored], warnings };
      // The line names the access key, so it stays the same when only the secret key is new, or was lost.
      const keptIn = secretVault ? `the vault ${secretVault.name}` : vault ? "the keychain" : undefined;
      return { files: keptIn && changes.secretAccessKey ? [keptIn] : [], warnings };
    },

    async "profile/copy"({ from, to, profileLocation, asProcess, settings = {}, whatIf: dryRun = false }, context) {
      const locations = core.locations(profileLocation, context);
      const before = readSharedConfig(locations).profile(to)?.settings;
      const place = core.keyPlace(locations, context);
      const forget = async () => (dryRun ? [] : forgetUnusedKey(before, place, context));
      if (!asProcess) {
        const files = await copyProfile(from, to, settings, context, locations, { dryRun });
        return { files, warnings: await forget() };
      }
      const line = commandLine(core.program, ["credential-process", "--profile", from], context);
      const launcher = writeLauncher(core.program, context, { dryRun });
      const stored = await storeCommand(from, to, line, settings, context, locations, { dryRun });
      return { files: [...launcher, ...stored], warnings: await forget() };
    },

    async "profile/remove"({ profileName, profileLocation, whatIf = false }, context) {
      const locations = core.locations(profileLocation, context);
      const before = readSharedConfig(locations).profile(profileName)?.settings;
      const files = await removeProfile(profileName, context, locations, { dryRun: whatIf });
      const place = core.keyPlace(locations, context);
      return { files, warnings: whatIf ? [] : await forgetUnusedKey(before, place, context) };
    },
  };
}

/** New keys in the file replace keys in the keychain or in a vault, so the line that gets the old ones is removed. */
function withoutOldLine(changes: Changes, before: Settings | undefined): Changes {
  const isOurs = before && (hasKeychainKeys(before) || secretVaultKeyOf(before.credentialProcess) !== undefined);
  return changes.accessKeyId && isOurs ? { ...changes, credentialProcess: null } : changes;
}

/** A profile without secrets: shows only the presence of a secret, and the end of an access key, as `aws configure` does. */
function summaryOf({ name, settings }: Profile): ProfileSummary {
  const shown: ProfileSummary["settings"] = {};
  for (const setting of Object.keys(settings) as Setting[]) {
    const value = settings[setting] ?? "";
    if (setting === "accessKeyId") shown[setting] = maskedAccessKey(value);
    else if (setting === "secretAccessKey" || setting === "sessionToken") shown[setting] = maskedAccessKey("");
    else shown[setting] = value;
  }
  const source = sourceLabel(settings);
  const summary = { name, ...(source && { source }) };
  if (hasStaticKeys(settings)) return { ...summary, keyStore: "file", settings: shown };
  const inKeychain = keychainKeyOf(settings);
  const accessKeyId = inKeychain ?? secretVaultKeyOf(settings.credentialProcess)?.accessKeyId;
  if (accessKeyId === undefined) return { ...summary, settings: shown };
  const keyStore = inKeychain === undefined ? "vault" : "keychain";
  return { ...summary, keyStore, settings: { ...shown, accessKeyId: maskedAccessKey(accessKeyId) } };
}
