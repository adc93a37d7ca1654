import { createHash } from "node:crypto";

/** SHA-1 of the UTF-8 text, in hexadecimal. The AWS CLI and the SDKs derive the names of their cache files from it. */
export function sha1Hex(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** SHA-256 of bytes or UTF-8 text, in hexadecimal. */
export function sha256Hex(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}
