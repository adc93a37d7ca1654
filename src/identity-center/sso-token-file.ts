import { join } from "node:path";
import { sha1Hex } from "../platform/digest.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { parseJsonObject } from "../protocol/credentials-json.ts";
import { parseExpiration } from "../protocol/expiration.ts";
import type { SsoLogin } from "./sso-login.ts";

/** A cached sign-in to IAM Identity Center, as `aws sso login` leaves it in `~/.aws/sso/cache`. */
export interface SsoToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** What it takes to renew it without the user; absent when a part is missing. */
  readonly renewal?: {
    readonly refreshToken: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly registrationExpiresAt: Date;
  };
  /** The whole file: what we don't know of it is kept when it is written again. */
  readonly members: ReadonlyMap<string, unknown>;
}

/** Where the sign-in lies: named by the SHA-1 of the session's name, or of the start URL in the older form. */
export function ssoTokenPath(directory: string, login: SsoLogin): string {
  return join(directory, `${sha1Hex(login.sessionName ?? login.startUrl)}.json`);
}

/** The cached sign-in; undefined when there is none, or none that can be used. */
export function readSsoToken(path: string): SsoToken | undefined {
  let members: ReadonlyMap<string, unknown>;
  try {
    members = parseJsonObject(readRegularFile(path).toString("utf8"));
  } catch {
    return undefined;
  }
  const text = (name: string): string | undefined => {
    const value = members.get(name);
    // Tokens go into a header, where a line break would begin another one.
    return typeof value === "string" && /^[!-~]+$/.test(value) ? value : undefined;
  };
  const time = (name: string): Date | undefined => {
    const value = members.get(name);
    return typeof value === "string" ? parseExpiration(value) : undefined;
  };

  const accessToken = text("accessToken");
  const expiresAt = time("expiresAt");
  if (!accessToken || !expiresAt) return undefined;
  const refreshToken = text("refreshToken");
  const clientId = text("clientId");
  const clientSecret = text("clientSecret");
  const registrationExpiresAt = time("registrationExpiresAt");
  const renewal =
    refreshToken && clientId && clientSecret && registrationExpiresAt
      ? { refreshToken, clientId, clientSecret, registrationExpiresAt }
      : undefined;
  return { accessToken, expiresAt, members, ...(renewal ? { renewal } : {}) };
}
