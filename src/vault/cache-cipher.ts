/** Encrypts cached sessions with a key that only the keychain has. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Keychain, KeychainContext } from "./keychain.ts";

/** AES-256-GCM. `about` is authenticated too: the text opens only for what it was sealed for. */
export interface Cipher {
  seal(text: string, about: string): string;
  /** Undefined if the text was sealed with another key or for something else, or has changed. */
  open(sealed: string, about: string): string | undefined;
}

/** The name of the key's entry in the keychain. No access key has it. */
const entryName = "role-credentials-cache";

const ivBytes = 12;
const tagBytes = 16;

/**
 * The cipher with the user's key, which is created when the keychain has none.
 * @throws RoleError `Keychain…`
 */
export async function cacheCipher(keychain: Keychain, context: KeychainContext): Promise<Cipher> {
  const stored = await keychain.read(entryName, context);
  if (stored) return createCipher(Buffer.from(stored.secretAccessKey, "base64"));
  const key = randomBytes(32);
  await keychain.write({ accessKeyId: entryName, secretAccessKey: key.toString("base64") }, context);
  return createCipher(key);
}

export function createCipher(key: Buffer): Cipher {
  return {
    seal(text, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
    },
    open(sealed, about) {
      try {
        const bytes = Buffer.from(sealed, "base64");
        const tag = bytes.subarray(ivBytes, ivBytes + tagBytes);
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
        const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
        return text.toString("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
