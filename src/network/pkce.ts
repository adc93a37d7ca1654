import { createHash, randomBytes, randomUUID } from "node:crypto";

/** What ties an authorization code to the program that asked for it (RFC 7636), and the browser's answer to the question (RFC 6749). */
export interface Pkce {
  /** The secret that redeems the code: 64 characters, as in the AWS CLI. */
  readonly verifier: string;
  /** The SHA-256 of the verifier, for the authorization page. */
  readonly challenge: string;
  readonly state: string;
}

export function createPkce(): Pkce {
  const verifier = randomBytes(48).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, challenge, state: randomUUID() };
}
