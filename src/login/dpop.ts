import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";

/**
 * Creates a DPoP proof (RFC 9449): a JSON Web Token, signed with ES256, which proves for one request that the sender holds
 * the private key to which its token is bound.
 * Throws an `Error` if the key is not a private key on the curve P-256. The message may quote the key, so don't show it.
 * @param now seconds since the epoch
 */
export function proofOfPossession(privateKeyPem: string, method: string, url: URL, now: number): string {
  const privateKey = createPrivateKey(privateKeyPem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new Error("The key is not on P-256.");
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
  const claims = { jti: randomUUID(), htm: method, htu: url.origin + url.pathname, iat: Math.floor(now) };
  const message = `${encoded(header)}.${encoded(claims)}`;
  const signature = sign("sha256", Buffer.from(message), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${message}.${signature.toString("base64url")}`;
}

/** A new private key for proofs, in the form that the AWS CLI stores: SEC 1, as PEM. */
export function createProofKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ format: "pem", type: "sec1" })
    .toString();
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
