/** AWS Sign-In's authorization page, where the user allows this machine to act with console credentials. */

import { operationUrl } from "../network/endpoint.ts";
import { RoleError } from "../protocol/errors.ts";
import type { Pkce } from "../sign-in/pkce.ts";

/** The browser is on this machine and comes back to it, or it is elsewhere and shows a code. AWS has a client id for each. */
export type LoginKind = "same-device" | "cross-device";

export function clientIdOf(kind: LoginKind): string {
  return `arn:aws:signin:::devtools/${kind}`;
}

/** Where the browser of another device ends: a page of AWS Sign-In that shows the code. */
export function confirmationUri(endpoint: URL): string {
  return operationUrl(endpoint, "/v1/sessions/confirmation").href;
}

/** The page's link, as the AWS CLI makes it (`awscli/customizations/login/utils.py`). It names the challenge's method SHA-256, not S256. */
export function authorizationLink(
  endpoint: URL,
  kind: LoginKind,
  redirectUri: string,
  { state, challenge }: Pkce,
): string {
  const link = operationUrl(endpoint, "/v1/authorize");
  link.search = new URLSearchParams({
    response_type: "code",
    client_id: clientIdOf(kind),
    state,
    code_challenge_method: "SHA-256",
    scope: "openid",
    redirect_uri: redirectUri,
    code_challenge: challenge,
  }).toString();
  return link.href;
}

/**
 * The authorization code in the text that the confirmation page shows: the Base64 of `state=…&code=…`.
 * @throws RoleError `SignInCodeInvalid` for another text, and for the code of another sign-in
 */
export function codeOfConfirmation(text: string, state: string): string {
  const parameters = new URLSearchParams(Buffer.from(text.replace(/\s/g, ""), "base64").toString("utf8"));
  const code = parameters.get("code");
  if (!code || !parameters.get("state")) throw invalidCode("The text is not the code that the page shows.");
  if (parameters.get("state") !== state) throw invalidCode("The code belongs to another sign-in.");
  return code;
}

function invalidCode(what: string): RoleError {
  return new RoleError("SignInCodeInvalid", what, {
    action: "Sign in again, and copy the whole code from the page that you opened last.",
  });
}

/** Who signed in, as the identity token names it. The token came from AWS over TLS, so its signature adds nothing. */
export function identityOf(idToken: string): { readonly arn: string; readonly accountId: string } | undefined {
  try {
    const { sub } = JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      sub?: unknown;
    };
    const accountId = typeof sub === "string" ? /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):[!-~]+$/.exec(sub)?.[1] : undefined;
    return accountId === undefined ? undefined : { arn: sub as string, accountId };
  } catch {
    return undefined;
  }
}
