import { generateKeyPairSync, type KeyObject } from "node:crypto";

export function newRsaKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

/** A key that is generated on its first use, because that takes a while. */
export function lateRsaKey(): () => KeyObject {
  let key: KeyObject | undefined;
  return () => {
    key ??= newRsaKey();
    return key;
  };
}
