import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import { replaceJsonFile } from "../platform/atomic-write.ts";
import { sharedRenewal } from "../platform/shared-renewal.ts";
import type { Context } from "../protocol/context.ts";
import { NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { loginRequired, type SsoLogin } from "./sso-login.ts";
import { readSsoToken, type SsoToken, ssoTokenPath } from "./sso-token-file.ts";

export interface SsoTokenSource {
  /** `~/.aws/sso/cache`, absolute. */
  readonly directory: string;
  /** Returns the endpoint of OIDC's CreateToken. */
  readonly oidcUrl: () => URL;
  readonly send: Send;
}

/** As in botocore, a sign-in with less time left is renewed. */
const renewBeforeMs = 15 * 60_000;
const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const retryRule = { unanswered: 2, busy: 3, delayMs: 300 };

/**
 * Returns the access token of the user's sign-in, and renews it shortly before it expires if possible. A failed renewal is an
 * error only after the sign-in has expired.
 * @throws RoleError `SsoLoginRequired`, `SsoFailed`, `Cancelled`
 */
export async function ssoAccessToken(context: Context, login: SsoLogin, source: SsoTokenSource): Promise<string> {
  const path = ssoTokenPath(source.directory, login);
  const token = readSsoToken(path);
  if (!token) throw loginRequired(login, "there is no sign-in to IAM Identity Center");

  const timeLeft = token.expiresAt.getTime() - context.now();
  if (timeLeft > renewBeforeMs) return token.accessToken;
  const canRenew = token.renewal && token.renewal.registrationExpiresAt.getTime() > context.now();
  if (!canRenew) {
    if (timeLeft > 0) return token.accessToken;
    throw loginRequired(login, `the sign-in to IAM Identity Center expired at ${token.expiresAt.toISOString()}`);
  }
  try {
    const work = () => renew(context, login, source, path);
    return (await sharedRenewal(path, work, context.signal)).accessToken;
  } catch (error) {
    if (timeLeft <= 0 || context.signal.aborted) throw error;
    context.say(
      `The sign-in to IAM Identity Center could not be renewed; it is valid until ${token.expiresAt.toISOString()}.`,
    );
    return token.accessToken;
  }
}

async function renew(context: Context, login: SsoLogin, source: SsoTokenSource, path: string): Promise<SsoToken> {
  // Read it again: another process may have renewed it.
  const token = readSsoToken(path);
  if (token && token.expiresAt.getTime() - context.now() > renewBeforeMs) return token;
  if (!token?.renewal) throw loginRequired(login, "the sign-in to IAM Identity Center is gone");

  const { clientId, clientSecret, refreshToken } = token.renewal;
  const answer = await createToken(login, source, {
    clientId,
    clientSecret,
    grantType: "refresh_token",
    refreshToken,
  });
  if (answer === "refused") {
    // Another process may have used the refresh token first, which works only once.
    const fresh = readSsoToken(path);
    if (fresh && fresh.accessToken !== token.accessToken && fresh.expiresAt.getTime() > context.now()) return fresh;
    throw loginRequired(login, "the sign-in to IAM Identity Center has expired and cannot be renewed");
  }

  const expiresAt = new Date(Math.floor(context.now() / 1000 + answer.expiresIn) * 1000);
  const members = new Map(token.members)
    .set("accessToken", answer.accessToken)
    .set("expiresAt", expiresAt.toISOString().replace(/\.\d+Z$/, "Z"));
  if (answer.refreshToken) members.set("refreshToken", answer.refreshToken);
  try {
    await replaceJsonFile(path, members);
    context.say("Renewed the sign-in to IAM Identity Center.");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    context.say(`The renewed sign-in to IAM Identity Center could not be stored (${code}).`);
  }
  return { accessToken: answer.accessToken, expiresAt, members };
}

interface CreatedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken?: string;
}

async function createToken(
  login: SsoLogin,
  source: SsoTokenSource,
  body: Record<string, string>,
): Promise<CreatedToken | "refused"> {
  const url = new URL(`${source.oidcUrl().href.replace(/\/+$/, "")}/token`);
  const failed = (what: string, cause?: unknown) =>
    new RoleError("SsoFailed", `Renewing the sign-in failed: IAM Identity Center at ${url.host} ${what}.`, {
      target: login.profileName,
      action: "Try again, or sign in again with: aws sso login",
      ...(cause === undefined ? {} : { cause }),
    });
  const request = {
    method: "POST",
    url,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    timeoutMs,
    maxBytes,
  };
  // Don't pass the signal: other callers may wait for this renewal after the first one cancels.
  const response = await requestWithRetries(source.send, request, retryRule).catch((error: unknown) => {
    throw error instanceof RoleError ? error : failed(whyUnanswered(error), error);
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429) return "refused";
  if (response.status !== 200) throw failed(`returned status ${response.status}`);
  try {
    const members = parseJsonObject(response.body);
    const accessToken = members.get("accessToken");
    const expiresIn = members.get("expiresIn");
    const refreshToken = members.get("refreshToken");
    if (!isToken(accessToken)) throw new NoCredentialsInJson("has no accessToken");
    if (typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e9)) {
      throw new NoCredentialsInJson("has no expiresIn");
    }
    return { accessToken, expiresIn, ...(isToken(refreshToken) ? { refreshToken } : {}) };
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(`sent a response that ${error.message}`);
  }
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]+$/.test(value);
}
