import { createPublicKey, sign, verify } from "node:crypto";
import type { Clock } from "../clock.ts";
import { lateRsaKey, newRsaKey } from "./rsa-key.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** How a minted token differs from a valid one. */
export interface WebIdentityTokenOptions {
  /** Claims to override. An undefined claim is left out of the token. */
  readonly claims?: Claims;
  /** Seconds from now, an hour by default. Negative for an expired token. */
  readonly expiresInSeconds?: number;
  /** Signs with a key that the issuer does not publish. */
  readonly foreignKey?: boolean;
}

/** An OpenID Connect issuer that signs tokens with RS256, as EKS and GitHub do. */
export interface OidcIssuer {
  mint(options?: WebIdentityTokenOptions): string;
  /** The token's claims, or undefined when it is not a JWT. */
  decode(token: string): Claims | undefined;
  /** Whether this issuer's published key signed the token with RS256. */
  isSigned(token: string): boolean;
}

export function createOidcIssuer(issuer: string, clock: Clock): OidcIssuer {
  const ownKey = lateRsaKey();
  return {
    mint: ({ claims = {}, expiresInSeconds = 3600, foreignKey = false } = {}) => {
      const now = Math.floor(clock.now() / 1000);
      const standard = {
        iss: issuer,
        aud: "sts.amazonaws.com",
        sub: "system:serviceaccount:apps:web",
        iat: now + Math.min(0, expiresInSeconds - 60),
        exp: now + expiresInSeconds,
      };
      const content = `${encode({ alg: "RS256", kid: keyId, typ: "JWT" })}.${encode({ ...standard, ...claims })}`;
      const signature = sign("sha256", Buffer.from(content), foreignKey ? newRsaKey() : ownKey());
      return `${content}.${signature.toString("base64url")}`;
    },
    decode: (token) => {
      const [head = "", body = "", ...rest] = token.split(".");
      return rest.length === 1 && decode(head) ? decode(body) : undefined;
    },
    isSigned: (token) => {
      const [head = "", body = "", signature = ""] = token.split(".");
      const { alg, kid } = decode(head) ?? {};
      if (alg !== "RS256" || kid !== keyId) return false;
      const content = Buffer.from(`${head}.${body}`);
      return verify("sha256", content, createPublicKey(ownKey()), Buffer.from(signature, "base64url"));
    },
  };
}

const keyId = "sandbox-1";

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
