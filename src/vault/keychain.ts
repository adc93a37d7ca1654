/** The secrets of access keys in the system's keychain: macOS Keychain, Windows Credential Manager, or a Secret Service on Linux. */
import { untilAborted } from "../platform/cancellation.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { NoCredentialsInJson, parseJsonObject, processOutput, readCredentials } from "../protocol/credentials-json.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { maskedAccessKey } from "../protocol/redact.ts";
import { keychainError } from "./keychain-error.ts";
import { type KeyringEntry, type KeyringLibrary, loadKeyring } from "./keyring-library.ts";

/** An access key that does not expire by itself, or keys with a session token, as they were stored. */
export type StoredKeys = Pick<Credentials, "accessKeyId" | "secretAccessKey" | "sessionToken">;

/**
 * Keys by their access key id. AWS never issues an id twice, so an entry belongs to no profile and no file, and can be replaced only by the
 * same key.
 */
export interface Keychain {
  /** Undefined if the keychain has no such key. */
  read(accessKeyId: string, context: KeychainContext): Promise<StoredKeys | undefined>;
  /** Stores the keys, and reads them back. */
  write(keys: StoredKeys, context: KeychainContext): Promise<void>;
  /** @returns whether there was such a key */
  remove(accessKeyId: string, context: KeychainContext): Promise<boolean>;
}

export type KeychainContext = Pick<Context, "platform" | "signal">;

/** The name under which the keychain's own program lists the keys. */
const keychainService = "RoleCredentials";

/** `CRED_MAX_CREDENTIAL_BLOB_SIZE` in wincred.h: https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw. */
const largestOnWindows = 5 * 512;

export interface KeychainSettings {
  readonly load?: () => KeyringLibrary;
  /** Milliseconds that the user has to unlock the keychain. */
  readonly patience?: number;
}

/** The keychain. The native library loads with the first call. */
export function createKeychain({ load = loadKeyring, patience = 120_000 }: KeychainSettings = {}): Keychain {
  let library: KeyringLibrary | undefined;

  async function ask<T>(
    accessKeyId: string,
    { platform, signal }: KeychainContext,
    secrets: readonly (string | undefined)[],
    call: (entry: KeyringEntry) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) throw canceled();
    library ??= load();
    // A keychain may wait for a user who is not there, and its library takes no signal while it waits.
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), patience);
    try {
      const entry = new library.AsyncEntry(keychainService, accessKeyId, { linux: { store: "secret-service" } });
      return await untilAborted(AbortSignal.any([signal, timeout.signal]), call(entry));
    } catch (error) {
      if (signal.aborted) throw canceled();
      const cause = timeout.signal.aborted ? new Error(`no answer in ${Math.round(patience / 1000)} seconds`) : error;
      throw keychainError(cause, { platform, target: maskedAccessKey(accessKeyId), secrets });
    } finally {
      clearTimeout(timer);
    }
  }

  const keychain: Keychain = {
    async read(accessKeyId, context) {
      const secret = await ask(accessKeyId, context, [], (entry) => entry.getSecret());
      return secret === null ? undefined : parse(Buffer.from(secret).toString("utf8"), accessKeyId);
    },

    async write(keys, context) {
      const { accessKeyId, secretAccessKey, sessionToken } = keys;
      const text = processOutput(keys);
      if (context.platform === "win32" && Buffer.byteLength(text) > largestOnWindows) throw tooLong(accessKeyId);
      await ask(accessKeyId, context, [secretAccessKey, sessionToken], (entry) => entry.setSecret(Buffer.from(text)));
      const stored = await keychain.read(accessKeyId, context);
      if (stored && processOutput(stored) === text) return;
      throw new RoleError("KeychainFailed", "The keychain did not return the keys that it has just stored.", {
        target: maskedAccessKey(accessKeyId),
        action: "Try again, or keep the keys in the credentials file: omit -Vault.",
      });
    },

    remove: (accessKeyId, context) => ask(accessKeyId, context, [], (entry) => entry.deleteCredential()),
  };
  return keychain;
}

function parse(text: string, accessKeyId: string): StoredKeys {
  try {
    const keys = readCredentials(parseJsonObject(text), { token: "SessionToken", temporary: false });
    if (keys.accessKeyId === accessKeyId) return keys;
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
  }
  throw new RoleError("KeychainFailed", "The keychain's entry for the access key does not hold its secret key.", {
    target: maskedAccessKey(accessKeyId),
    action: `Delete the entry '${keychainService}' with the keychain's own program, and store the keys again with Set-RoleCredentials -Vault.`,
  });
}

function tooLong(accessKeyId: string): RoleError {
  return new RoleError(
    "ValueRefused",
    `Windows Credential Manager takes ${largestOnWindows} bytes at most, and these keys are longer.`,
    {
      target: maskedAccessKey(accessKeyId),
      action: "Keep keys with a session token in the credentials file: omit -Vault.",
    },
  );
}
