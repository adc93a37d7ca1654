import type { Context } from "../protocol/context.ts";
import { listenForRedirect } from "../sign-in/loopback-redirect.ts";
import { createPkce } from "../sign-in/pkce.ts";
import { callOidc, notAllowed, readAnswer, refused, tokenIn } from "./oidc.ts";
import { accountScope, forgetRegistration, type OpenGrant, registrationFor } from "./registration.ts";
import { type SsoServices, serviceUrl } from "./sso-services.ts";
import { type SsoSession, signInCommand } from "./sso-session.ts";

/** As in the AWS CLI (`AuthCodeFetcher` in customizations/sso/utils.py). */
const timeoutMs = 10 * 60_000;

/**
 * The default way to sign in: an authorization code with PKCE, which the browser brings to a loopback address (botocore's
 * `SSOTokenFetcherAuth` in utils.py).
 */
export async function openCodeSignIn(session: SsoSession, services: SsoServices, context: Context): Promise<OpenGrant> {
  const registration = await registrationFor(session, services, "authorization_code", context);
  const { verifier, challenge, state } = createPkce();
  // It throws for an invalid endpoint, so it comes before the port is open.
  const link = serviceUrl(services, "sso-oidc", session.region, "/authorize");
  const redirect = await listenForRedirect({ state, subject: "IAM Identity Center", withoutPort: "-UseDeviceCode" });
  const { redirectUri } = redirect;
  link.search = new URLSearchParams({
    response_type: "code",
    client_id: registration.clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge_method: "S256",
    // The service's name for OAuth's scope.
    scopes: (session.scopes ?? [accountScope]).join(" "),
    code_challenge: challenge,
  }).toString();
  return {
    registration,
    page: { link: link.href, expiration: new Date(context.now() + timeoutMs).toISOString() },
    timeoutMs,
    afterTimeout: `Run again: ${signInCommand(session)}. If the browser cannot reach this machine, add -UseDeviceCode.`,
    close: redirect.close,
    async finish({ signal, say }) {
      const answer = await redirect.answer(signal);
      if (redirect.strangers() > 0) say(`Ignored ${redirect.strangers()} requests that belong to another sign-in.`);
      if ("error" in answer) throw notAllowed(session, answer.error);
      const { clientId, clientSecret } = registration;
      const call = {
        path: "/token",
        doing: "Signing in",
        signal,
        body: {
          clientId,
          clientSecret,
          grantType: "authorization_code",
          code: answer.code,
          redirectUri,
          codeVerifier: verifier,
        },
      } as const;
      const token = await callOidc(session, services, call);
      if (!("refusal" in token)) return readAnswer(session, services, call, () => tokenIn(token.members));
      if (token.refusal === "invalid_client") forgetRegistration(session, services);
      throw token.refusal === "access_denied"
        ? notAllowed(session, token.refusal)
        : refused(session, call, token.refusal);
    },
  };
}
