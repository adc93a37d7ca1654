import { RoleError } from "../../src/protocol/errors.ts";
import type { Keychain, StoredKeys } from "../../src/vault/keychain.ts";

export interface MemoryKeychain extends Keychain {
  readonly entries: Map<string, StoredKeys>;
  /** Refuses a call from now on, or after some more of them; undefined refuses none. */
  refuse(call: keyof Keychain | undefined, after?: number): void;
}

/** A keychain in memory. */
export function memoryKeychain(refused?: keyof Keychain): MemoryKeychain {
  const entries = new Map<string, StoredKeys>();
  let left = 0;
  const attempt = (call: keyof Keychain) => {
    if (call === refused && left-- <= 0)
      throw new RoleError("KeychainFailed", "The keychain refused.", { action: "Try again." });
  };
  return {
    entries,
    refuse(call, after = 0) {
      refused = call;
      left = after;
    },
    async read(id) {
      attempt("read");
      return entries.get(id);
    },
    async write(keys) {
      attempt("write");
      entries.set(keys.accessKeyId, keys);
    },
    async remove(id) {
      attempt("remove");
      return entries.delete(id);
    },
  };
}
