import { NoCredentialsInJson, parseJsonObject } from "../credentials/credentials-json.ts";
import { sharedRenewal } from "../credentials/shared-renewal.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import { replaceJsonFile } from "../platform/atomic-write.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { loginRequired, type SsoLogin } from "./sso-login.ts";
import { readSsoToken, type SsoToken, ssoTokenPath } from "./sso-token-file.ts";

export interface SsoTokenSource {
  /** `~/.aws/sso/cache`, absolute. */
  readonly directory: string;
  /** Where OIDC's CreateToken is called. */
  readonly oidcUrl: () => URL;
  readonly send: Send;
}

/** botocore's: a sign-in with less time left is renewed. */
const renewBeforeMs = 15 * 60_000;
const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const retryRule = { unanswered: 2, busy: 3, delayMs: 300 };

/**
 * The access token of the user's sign-in, renewed when its end is near and it can be. A renewal that fails matters
 * only once the sign-in has ended.
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
    throw loginRequired(login, `the sign-in to IAM Identity Center ended at ${token.expiresAt.toISOString()}`);
  }
  try {
    const work = () => renew(context, login, source, path);
    return (await sharedRenewal(path, work, context.signal)).accessToken;
  } catch (error) {
    if (timeLeft <= 0 || context.signal.aborted) throw error;
    context.say(
      `The sign-in to IAM Identity Center could not be renewed; it is good until ${token.expiresAt.toISOString()}.`,
    );
    return token.accessToken;
  }
}

async function renew(context: Context, login: SsoLogin, source: SsoTokenSource, path: string): Promise<SsoToken> {
  // Read again: another process may have renewed it since.
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
    // Perhaps because another process was first with a refresh token that works once.
    const fresh = readSsoToken(path);
    if (fresh && fresh.accessToken !== token.accessToken && fresh.expiresAt.getTime() > context.now()) return fresh;
    throw loginRequired(login, "the sign-in to IAM Identity Center has ended and cannot be renewed");
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
    new RoleError("SsoFailed", `IAM Identity Center at ${url.host}, asked to renew the sign-in, ${what}.`, {
      target: login.profileName,
      action: "Try again; or sign in anew with: aws sso login",
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
  // Without a signal: others may be waiting for this renewal when its first caller gives up.
  const response = await requestWithRetries(source.send, request, retryRule).catch((error: unknown) => {
    throw error instanceof RoleError ? error : failed(whyUnanswered(error), error);
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429) return "refused";
  if (response.status !== 200) throw failed(`answers ${response.status}`);
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
    throw failed(`gives an answer that ${error.message}`);
  }
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]+$/.test(value);
}
