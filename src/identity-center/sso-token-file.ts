import { join } from "node:path";
import { sha1Hex } from "../platform/hash.ts";
import { readRegularFile } from "../platform/read-file.ts";
import type { Context } from "../protocol/context.ts";
import { parseJsonObject } from "../protocol/credentials-json.ts";
import { expirationAfter, parseExpiration, timeText } from "../protocol/expiration.ts";
import { type CreatedToken, isPrintable } from "./oidc.ts";
import type { SsoSession } from "./sso-session.ts";

/** A cached sign-in to IAM Identity Center, as `aws sso login` stores it in `~/.aws/sso/cache`. */
export interface SsoToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** What renewal without the user needs; absent if a part is missing. */
  readonly renewal?: {
    readonly refreshToken: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly registrationExpiresAt: Date;
  };
  /** The whole file, so that unknown members survive when we write it. */
  readonly members: ReadonlyMap<string, unknown>;
}

/** The path of the sign-in file: the SHA-1 of the session's name, or of the start URL in the legacy form. */
export function ssoTokenPath(directory: string, session: SsoSession): string {
  return join(directory, `${sha1Hex(session.sessionName ?? session.startUrl)}.json`);
}

/**
 * Reads the session's sign-in. A file is named for its session, whose start URL may have changed since: a sign-in to another start URL is
 * another user's identity, so it counts as missing.
 */
export function readSignIn(path: string, { startUrl }: SsoSession): SsoToken | undefined {
  const token = readSsoToken(path);
  const signedInTo = token?.members.get("startUrl");
  return signedInTo === undefined || signedInTo === startUrl ? token : undefined;
}

/** Reads the cached sign-in, whatever its start URL; undefined if it is missing or unusable. */
export function readSsoToken(path: string): SsoToken | undefined {
  let members: ReadonlyMap<string, unknown>;
  try {
    members = parseJsonObject(readRegularFile(path).toString("utf8"));
  } catch {
    return undefined;
  }
  const text = (name: string): string | undefined => {
    const value = members.get(name);
    return isPrintable(value) ? value : undefined;
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

/** The members of the file for a new token, beside those that stay. Its time counts from the local clock, as in the AWS CLI. */
export function tokenMembers(
  { accessToken, expiresIn, refreshToken }: CreatedToken,
  others: Iterable<readonly [string, unknown]>,
  { now }: Pick<Context, "now">,
): { readonly expiresAt: Date; readonly members: ReadonlyMap<string, unknown> } {
  const expiresAt = expirationAfter(expiresIn, now());
  const members = new Map(others).set("accessToken", accessToken).set("expiresAt", timeText(expiresAt));
  if (refreshToken) members.set("refreshToken", refreshToken);
  return { expiresAt, members };
}
