/** Keeps the keys of a profile in the keychain: stores them, moves them there from the file, and removes them when no profile needs them. */
import { hasKeychainKeys, keychainKeyOf } from "../credentials/keychain-keys.ts";
import { kindOf } from "../credentials/profile-source.ts";
import { commandLine, joinWords, type Program, writeLauncher } from "../platform/command-line.ts";
import type { FileLocations } from "../profiles/locations.ts";
import { readSharedConfig } from "../profiles/read.ts";
import { profileNotFound } from "../profiles/require-profile.ts";
import type { Settings } from "../profiles/settings.ts";
import { type Changes, type StoreOptions, storeProfile } from "../profiles/store.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SecretVault } from "../protocol/profile-messages.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import type { Keychain, StoredKeys } from "../vault/keychain.ts";
import { isPlainKey, keychainArguments } from "../vault/keychain-line.ts";
import { isPlainVaultName, secretNameOf, secretVaultKeyOf, secretVaultWords } from "../vault/secret-vault-line.ts";

/** Where keys are kept, and the command that other tools run to get them. */
export interface KeyPlace {
  readonly keychain: Keychain;
  readonly program: Program;
  /** The files whose profiles may use a key too. */
  readonly everyFile: readonly FileLocations[];
}

/**
 * Stores a profile whose keys go to the keychain: the given ones, or else those that the profile has in the file. Keys leave the file only
 * after the keychain has returned them. If the file cannot be changed, the keychain is as it was.
 * @throws RoleError `ProfileNotFound`, `ProfileIncomplete`, `SourceConflict`, `ValueRefused`, `FileBusy`, `Keychain…`, and those of `storeProfile`
 */
export async function storeKeysInKeychain(
  name: string,
  changes: Changes,
  place: KeyPlace,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  const before = settingsBefore(name, changes, locations);
  const keys = keysToStore(name, changes, before);
  if (!keys) return storeProfile(name, changes, context, locations, options);
  const line = commandLine(place.program, keychainArguments(keys.accessKeyId), context);
  const inFile = { accessKeyId: null, secretAccessKey: null, sessionToken: null, credentialProcess: line };
  const store = (how: StoreOptions) => storeProfile(name, { ...changes, ...inFile }, context, locations, how);
  if (options.dryRun) return store(options);

  const isKnown = (await place.keychain.read(keys.accessKeyId, context)) !== undefined;
  try {
    writeLauncher(place.program, context);
    await place.keychain.write(keys, context);
    return await store({ check: (now) => refuseOtherKeys(name, before, now) });
  } catch (error) {
    // The error matters more than a key that the keychain still has: it is in the file too, or the user has just given it.
    if (!isKnown) await place.keychain.remove(keys.accessKeyId, context).catch(() => {});
    throw error;
  }
}

/**
 * Stores a profile whose keys are in a vault of SecretManagement: the given ones, or else those that the profile has in the file. The caller
 * has stored them there, and read them back.
 * @throws RoleError `ProfileNotFound`, `ProfileIncomplete`, `SourceConflict`, `ValueRefused`, `FileBusy`, and those of `storeProfile`
 */
export async function storeKeysInSecretVault(
  name: string,
  changes: Changes,
  { name: vaultName, powerShell, accessKey }: SecretVault,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<string[]> {
  if (!isPlainVaultName(vaultName)) {
    throw new RoleError("ValueRefused", `The vault's name '${vaultName}' cannot be in a credential_process line.`, {
      target: vaultName,
      action: "Register the vault under a name of letters, digits and _ . -",
    });
  }
  const before = settingsBefore(name, changes, locations);
  // The caller gets the keys as any program does, and would get those of the session.
  if (before.mfaSession !== undefined && !givesKeys(changes)) {
    throw new RoleError(
      "SourceConflict",
      `Profile '${name}' opens an MFA session, so its keys cannot move by themselves.`,
      {
        target: name,
        action: `Pass them: Set-RoleCredentials -StoreAs ${powerShellArgument(name)} -AccessKey … -VaultName ${vaultName}.`,
      },
    );
  }
  const keys = keysToStore(name, changes, before);
  const accessKeyId = keys?.accessKeyId ?? keychainKeyOf(before) ?? "";
  // The profile must not name a key that the vault does not have.
  if (!options.dryRun && accessKeyId !== accessKey) throw changedMeanwhile(name);
  const words = secretVaultWords(powerShell, { vaultName, accessKeyId });
  const inFile = { accessKeyId: null, secretAccessKey: null, sessionToken: null };
  const credentialProcess = joinWords(words, context.platform);
  const check = (now: Settings) => refuseOtherKeys(name, before, now);
  return storeProfile(name, { ...changes, ...inFile, credentialProcess }, context, locations, { ...options, check });
}

/** Removes the key that a profile had in the keychain, as {@link forgetKey} does. */
export async function forgetUnusedKey(
  before: Settings | undefined,
  place: KeyPlace,
  context: Context,
): Promise<string[]> {
  const inVault = secretVaultKeyOf(before?.credentialProcess);
  if (inVault && !isUsed(inVault.accessKeyId, place, keyInVaultOf)) {
    const { vaultName, accessKeyId } = inVault;
    return [
      `The vault ${vaultName} still has the keys: Remove-Secret -Name ${secretNameOf(accessKeyId)} -Vault ${vaultName}.`,
    ];
  }
  const key = before && keychainKeyOf(before);
  return key === undefined ? [] : forgetKey(key, place, context);
}

/**
 * Removes a key from the keychain, unless a profile uses it.
 * @returns warnings: a key that could not be removed
 */
export async function forgetKey(key: string, place: KeyPlace, context: Context): Promise<string[]> {
  try {
    if (!isUsed(key, place, keychainKeyOf)) await place.keychain.remove(key, context);
    return [];
  } catch (error) {
    if (!(error instanceof RoleError) || error.code === "Cancelled") throw error;
    return [`The keychain still has the access key ${maskedAccessKey(key)}. ${error.message}`];
  }
}

/** Whether a profile has the key where `keyOf` looks. */
function isUsed(
  accessKeyId: string,
  { everyFile }: KeyPlace,
  keyOf: (settings: Settings) => string | undefined,
): boolean {
  return everyFile.some((files) =>
    readSharedConfig(files)
      .profiles()
      .some(({ settings }) => keyOf(settings) === accessKeyId),
  );
}

function keyInVaultOf({ credentialProcess }: Settings): string | undefined {
  return secretVaultKeyOf(credentialProcess)?.accessKeyId;
}

/**
 * The settings of the profile before its keys go to the keychain.
 * @throws RoleError `SourceConflict`; `ProfileNotFound` if there are neither keys nor a profile
 */
function settingsBefore(name: string, changes: Changes, locations: FileLocations): Settings {
  const shared = readSharedConfig(locations);
  const profile = shared.profile(name);
  const before = profile?.settings ?? {};
  refuseOtherSource(name, { ...before, ...withoutNull(changes) });
  refuseKeysInConfig(name, locations);
  if (!profile && !givesKeys(changes)) throw profileNotFound(name, shared.origin);
  return before;
}

/** With `-ProfileLocation` only one file changes. Keys in the other one would stay there in plain text, and take precedence. */
function refuseKeysInConfig(name: string, { config, credentials, storeInCredentialsOnly }: FileLocations): void {
  if (!storeInCredentialsOnly || config === credentials) return;
  const inConfig = readSharedConfig({ config, credentials: undefined }).profile(name)?.settings;
  if (inConfig?.accessKeyId === undefined && inConfig?.secretAccessKey === undefined) return;
  throw new RoleError(
    "SourceConflict",
    `Profile '${name}' has keys in ${config}, a file that -ProfileLocation only reads.`,
    {
      target: name,
      action: "Name both files with AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, and omit -ProfileLocation.",
    },
  );
}

function givesKeys({ accessKeyId, secretAccessKey }: Changes): boolean {
  return typeof accessKeyId === "string" || typeof secretAccessKey === "string";
}

/** The keys that have to go to the keychain; undefined if they are there. */
function keysToStore(name: string, changes: Changes, before: Settings): StoredKeys | undefined {
  const isGiven = givesKeys(changes);
  if (!isGiven && hasKeychainKeys(before)) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken } = isGiven
    ? { ...before, sessionToken: undefined, ...changes }
    : before;
  if (!accessKeyId || !secretAccessKey) {
    throw new RoleError("ProfileIncomplete", `Profile '${name}' has no keys to keep in the keychain.`, {
      target: name,
      action: `Pass them: Set-RoleCredentials -StoreAs ${powerShellArgument(name)} -AccessKey … -Vault.`,
    });
  }
  if (!isPlainKey(accessKeyId)) {
    throw new RoleError("ValueRefused", "The access key has characters that a command line cannot hold.", {
      target: name,
      action: "Keep these keys in the credentials file: omit -Vault.",
    });
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * AWS tools use a `credential_process` last, so any other source in the profile would win. A role may use its own profile's keys only if
 * they are in the file.
 */
function refuseOtherSource(name: string, settings: Settings): void {
  const { accessKeyId: _, secretAccessKey: __, credentialProcess, ...rest } = settings;
  const isOurs =
    credentialProcess === undefined || hasKeychainKeys(settings) || secretVaultKeyOf(credentialProcess) !== undefined;
  const others = isOurs ? rest : { ...rest, credentialProcess };
  const other = settings.roleArn !== undefined ? "a role" : kindOf(others)?.noun;
  if (other === undefined) return;
  throw new RoleError(
    "SourceConflict",
    `Profile '${name}' has ${other}, which AWS tools would use instead of the keychain.`,
    {
      target: name,
      action: "Store the keys in a profile of their own: pass another name with -StoreAs.",
    },
  );
}

/** @throws RoleError `FileBusy` if another program replaced the keys since they were read. */
function refuseOtherKeys(name: string, before: Settings, now: Settings): void {
  const settings = ["accessKeyId", "secretAccessKey", "sessionToken", "credentialProcess"] as const;
  if (!settings.every((setting) => before[setting] === now[setting])) throw changedMeanwhile(name);
}

function changedMeanwhile(name: string): RoleError {
  return new RoleError("FileBusy", `Another program has just changed the keys of profile '${name}'.`, {
    target: name,
    action: "Nothing was changed. Run the command again.",
  });
}

function withoutNull(changes: Changes): Settings {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null));
}
