import { createHash, randomBytes, randomUUID } from "node:crypto";

/** Binds an authorization code to the program that requested it (RFC 7636), and the browser's redirect to this sign-in (RFC 6749). */
export interface Pkce {
  /** The secret that redeems the code: 64 characters, as in the AWS CLI. */
  readonly verifier: string;
  /** The SHA-256 of the verifier, which the authorization page gets. */
  readonly challenge: string;
  /** A random value. The redirect must repeat it. */
  readonly state: string;
}

export function createPkce(): Pkce {
  const verifier = randomBytes(48).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, challenge, state: randomUUID() };
}
