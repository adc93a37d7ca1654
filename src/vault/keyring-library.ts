import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { sha256Hex } from "../platform/hash.ts";
import { RoleError } from "../protocol/errors.ts";

/** One secret in the system's keychain, as `@napi-rs/keyring` has it. Its calls run on Node's thread pool. */
export interface KeyringEntry {
  /** Resolves `null` if there is no such secret. */
  getSecret(): Promise<readonly number[] | null>;
  setSecret(secret: Uint8Array): Promise<void>;
  /** Resolves `false` if there was no such secret. */
  deleteCredential(): Promise<boolean>;
}

/** The native library. */
export interface KeyringLibrary {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    // Without it, the library falls back to the kernel's keyring on Linux, which forgets everything at a restart.
    options: { readonly linux: { readonly store: "secret-service" } },
  ) => KeyringEntry;
}

/**
 * Loads the native library for this machine. The build put its hash into this bundle, and the module's assembly contains the bundle's hash.
 * @throws RoleError `KeychainUnavailable`
 */
export function loadKeyring(machine = `${process.platform}-${process.arch}`): KeyringLibrary {
  const library = Object.hasOwn(KEYRING, machine) ? KEYRING[machine] : undefined;
  if (!library) {
    throw new RoleError("KeychainUnavailable", `There is no keychain library for ${machine}.`, {
      target: machine,
      action: "Keep the keys in the credentials file: omit -Vault.",
    });
  }
  const path = join(KEYRING_FOLDER, library.file);
  try {
    if (sha256Hex(readFileSync(path)) !== library.sha256) throw new Error("it has changed");
    return createRequire(path)(path);
  } catch (error) {
    throw new RoleError(
      "KeychainUnavailable",
      `The keychain library ${path} cannot be loaded (${error instanceof Error ? error.message : error}).`,
      { target: path, action: "Install the module again; in a checkout, run 'npm run build'.", cause: error },
    );
  }
}
