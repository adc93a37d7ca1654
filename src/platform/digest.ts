import { createHash } from "node:crypto";

/** The SHA-1 of the text's UTF-8, in hexadecimal. The AWS CLI and the SDKs name their cache files by it. */
export function sha1Hex(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** The SHA-256 of the text's UTF-8, in hexadecimal. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
