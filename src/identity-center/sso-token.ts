import { replaceJsonFile } from "../platform/atomic-write.ts";
import { sharedRenewal } from "../platform/shared-renewal.ts";
import { codeOf } from "../platform/system-error.ts";
import type { Context } from "../protocol/context.ts";
import { callOidc, readAnswer, tokenIn } from "./oidc.ts";
import type { SsoServices } from "./sso-services.ts";
import { type SsoSession, signInRequired } from "./sso-session.ts";
import { readSignIn, type SsoToken, ssoTokenPath, tokenMembers } from "./sso-token-file.ts";

/** As in botocore, a sign-in with less time left is renewed. */
export const renewBeforeMs = 15 * 60_000;

/**
 * Returns the access token of the user's sign-in, and renews it shortly before it expires if possible. A failed renewal is an
 * error only after the sign-in has expired.
 * @throws RoleError `SsoLoginRequired`, `SsoFailed`, `Cancelled`
 */
export async function ssoAccessToken(context: Context, session: SsoSession, services: SsoServices): Promise<string> {
  const path = ssoTokenPath(services.tokenDirectory, session);
  const token = readSignIn(path, session);
  if (!token) throw signInRequired(session, "there is no sign-in to IAM Identity Center");

  const timeLeft = token.expiresAt.getTime() - context.now();
  if (timeLeft > renewBeforeMs) return token.accessToken;
  const canRenew = token.renewal && token.renewal.registrationExpiresAt.getTime() > context.now();
  if (!canRenew) {
    if (timeLeft > 0) return token.accessToken;
    throw signInRequired(session, `the sign-in to IAM Identity Center expired at ${token.expiresAt.toISOString()}`);
  }
  try {
    const work = () => renew(context, session, services, path);
    return (await sharedRenewal(path, work, context.signal)).accessToken;
  } catch (error) {
    if (timeLeft <= 0 || context.signal.aborted) throw error;
    context.say(
      `The sign-in to IAM Identity Center could not be renewed; it is valid until ${token.expiresAt.toISOString()}.`,
    );
    return token.accessToken;
  }
}

async function renew(context: Context, session: SsoSession, services: SsoServices, path: string): Promise<SsoToken> {
  // Read it again: another process may have renewed it.
  const token = readSignIn(path, session);
  if (token && token.expiresAt.getTime() - context.now() > renewBeforeMs) return token;
  if (!token?.renewal) throw signInRequired(session, "the sign-in to IAM Identity Center is gone");

  const { clientId, clientSecret, refreshToken } = token.renewal;
  const call = {
    path: "/token",
    doing: "Renewing the sign-in",
    body: { clientId, clientSecret, grantType: "refresh_token", refreshToken },
  } as const;
  // Don't pass the signal: other callers may wait for this renewal after the first one cancels.
  const answer = await callOidc(session, services, call);
  if ("refusal" in answer) {
    // Another process may have used the refresh token first, which works only once.
    const fresh = readSignIn(path, session);
    if (fresh && fresh.accessToken !== token.accessToken && fresh.expiresAt.getTime() > context.now()) return fresh;
    throw signInRequired(session, "the sign-in to IAM Identity Center has expired and cannot be renewed");
  }

  const created = readAnswer(session, services, call, () => tokenIn(answer.members));
  const { expiresAt, members } = tokenMembers(created, token.members, context);
  try {
    await replaceJsonFile(path, members);
    context.say("Renewed the sign-in to IAM Identity Center.");
  } catch (error) {
    const code = codeOf(error) || "unknown error";
    context.say(`The renewed sign-in to IAM Identity Center could not be stored (${code}).`);
  }
  return { accessToken: created.accessToken, expiresAt, members };
}
