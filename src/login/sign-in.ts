/** A sign-in with console credentials: the browser authorizes this machine, and the session is stored as `aws login` stores it. */

import type { Send } from "../network/request-with-retries.ts";
import { writeJsonFile } from "../platform/atomic-write.ts";
import { makeFolder } from "../platform/make-folder.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { timeText } from "../protocol/expiration.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import type { SignedIn } from "../protocol/sign-in-messages.ts";
import { listenForRedirect, type RedirectAnswer } from "../sign-in/loopback-redirect.ts";
import { createPkce } from "../sign-in/pkce.ts";
import type { OpenSignIn, SignIn } from "../sign-in/sign-ins.ts";
import {
  authorizationLink,
  clientIdOf,
  codeOfConfirmation,
  confirmationUri,
  identityOf,
  type LoginKind,
} from "./authorization.ts";
import { createProofKey } from "./dpop.ts";
import { fromLogin } from "./login-credentials.ts";
import { loginSessionPath, readLoginSession } from "./session-file.ts";
import { createToken, type Grant, type TokenRequest } from "./token.ts";

export interface LoginSignInOptions {
  readonly profileName: string;
  /** `~/.aws/login/cache`, absolute. */
  readonly cacheDirectory: string;
  readonly lockPath: string;
  readonly kind: LoginKind;
  /** Whether to sign in although there is a valid sign-in, and to accept another identity than the profile's. */
  readonly force: boolean;
  /** The profile as it is stored now. */
  readonly profile: () => Profile | undefined;
  /** Stores the session's identity in the profile. */
  readonly storeProfile: (loginSession: string) => Promise<void>;
  /** The AWS Sign-In endpoint, in the region of the sign-in. */
  readonly endpoint: URL;
  readonly region: string;
  readonly send: Send;
}

/** As long as the AWS CLI waits. */
const timeoutMs = 10 * 60_000;

/**
 * @throws RoleError `SignInDenied`, `SignInCodeInvalid`, `SignInPortUnavailable`, `SignInIdentityDiffers`, `LoginFailed`, `AccessDenied`,
 * `ClockSkew`, `Cancelled`, and what `storeProfile` throws
 */
export function loginSignIn(options: LoginSignInOptions): SignIn {
  const idTokenBefore = storedIdToken(options);
  return {
    path: options.lockPath,
    async existing(context) {
      // Even then, the sign-in that another session has just completed counts.
      if (options.force && storedIdToken(options) === idTokenBefore) return undefined;
      return validSession(options, context);
    },
    open: (context) => open(options, context),
  };
}

async function validSession(options: LoginSignInOptions, context: Context): Promise<SignedIn | undefined> {
  const profile = options.profile();
  if (!profile?.settings.loginSession) return undefined;
  const { cacheDirectory, endpoint, send } = options;
  try {
    const { accountId, expiration } = await fromLogin(context, profile, {
      cacheDirectory,
      endpoint: async () => endpoint,
      send,
    });
    return signedInAs(options, profile.settings.loginSession, accountId, expiration);
  } catch (error) {
    if (error instanceof RoleError && error.code === "LoginRequired") return undefined;
    throw error;
  }
}

function signedInAs(
  { profileName, region }: LoginSignInOptions,
  loginSession: string,
  accountId: string | undefined,
  expiration: Date,
): SignedIn {
  const login = { profileName, loginSession, region, ...(accountId !== undefined && { accountId }) };
  return { expiration: expiration.toISOString(), renewable: true, login };
}

function storedIdToken({ profile, cacheDirectory }: LoginSignInOptions): unknown {
  const loginSession = profile()?.settings.loginSession;
  if (!loginSession) return undefined;
  return readLoginSession(loginSessionPath(cacheDirectory, loginSession))?.members.get("idToken");
}

async function open(options: LoginSignInOptions, context: Context): Promise<OpenSignIn> {
  const { kind, endpoint } = options;
  const pkce = createPkce();
  const redirect =
    kind === "same-device"
      ? await listenForRedirect({ state: pkce.state, subject: "the AWS console", withoutPort: "-Remote" })
      : undefined;
  const redirectUri = redirect?.redirectUri ?? confirmationUri(endpoint);
  const again = howToTryAgain(options);
  return {
    page: {
      link: authorizationLink(endpoint, kind, redirectUri, pkce),
      expiration: new Date(context.now() + timeoutMs).toISOString(),
      ...(kind === "cross-device" && { wantsCode: true }),
    },
    timeoutMs,
    get afterTimeout() {
      const wrong = redirect && redirect.strangers() > 0 ? "The browser came back from another sign-in. " : "";
      return `${wrong}Use the page that this command opens. ${again}`;
    },
    close: () => redirect?.close(),
    async finish(during, confirmation) {
      const code = redirect
        ? codeOf(await redirect.answer(during.signal), again)
        : codeOfConfirmation(confirmation ?? "", pkce.state);
      const grant: Grant = {
        grantType: "authorization_code",
        clientId: clientIdOf(kind),
        code,
        codeVerifier: pkce.verifier,
        redirectUri,
      };
      return redeem(options, grant, during);
    },
  };
}

function codeOf(answer: RedirectAnswer, again: string): string {
  if ("code" in answer) return answer.code;
  throw answer.error === "access_denied"
    ? new RoleError("SignInDenied", "The sign-in was denied in the browser.", { action: again })
    : new RoleError("LoginFailed", `AWS Sign-In ended the sign-in with the error ${answer.error}.`, { action: again });
}

async function redeem(options: LoginSignInOptions, grant: Grant, context: Context): Promise<SignedIn> {
  const proofKey = createProofKey();
  const { endpoint, send } = options;
  const token = await createToken({ grant, endpoint, proofKey, send, errors: errorsOf(options) }, context);
  const identity = identityOf(token.idToken ?? "");
  if (!identity) throw errorsOf(options).failed("sent a response that does not say who signed in");
  refuseOtherIdentity(options, identity.arn);
  if (context.signal.aborted) throw canceled();
  // The members that the AWS CLI writes, and the region, which the AWS SDK for JavaScript reads.
  const members = new Map<string, unknown>([
    ["accessToken", { ...token.accessToken, accountId: identity.accountId, expiresAt: timeText(token.expiration) }],
    ["tokenType", token.tokenType ?? "aws_sigv4"],
    ["clientId", grant.clientId],
    ["refreshToken", token.refreshToken],
    ["idToken", token.idToken],
    ["dpopKey", proofKey],
    ["signInRegion", options.region],
  ]);
  makeFolder(options.cacheDirectory);
  await writeJsonFile(loginSessionPath(options.cacheDirectory, identity.arn), members);
  await options.storeProfile(identity.arn);
  context.say(`Signed in as ${identity.arn}.`);
  return signedInAs(options, identity.arn, identity.accountId, token.expiration);
}

/** Refuse to change a profile's identity because the browser is signed in as someone else. */
function refuseOtherIdentity({ profileName, profile, force }: LoginSignInOptions, arn: string): void {
  const former = profile()?.settings.loginSession;
  if (!former || former === arn || force) return;
  throw new RoleError(
    "SignInIdentityDiffers",
    `The browser signed in as ${arn}, but profile '${profileName}' is for ${former}. Nothing was stored.`,
    {
      target: profileName,
      action: "Choose the other identity in the browser, name another profile, or change the profile with -Force.",
    },
  );
}

function errorsOf(options: LoginSignInOptions): TokenRequest["errors"] {
  const { profileName, endpoint } = options;
  const again = howToTryAgain(options);
  const failed = (what: string, cause?: unknown) =>
    new RoleError("LoginFailed", `The sign-in failed: AWS Sign-In at ${endpoint.host} ${what}.`, {
      target: profileName,
      action: again,
      cause,
    });
  return {
    failed,
    refused(code) {
      if (code !== "INSUFFICIENT_PERMISSIONS") {
        return failed(code === "AUTHCODE_EXPIRED" ? "says that the code has expired" : "refused the code");
      }
      return new RoleError("AccessDenied", "AWS Sign-In denied the sign-in: the identity may not use it.", {
        target: profileName,
        action:
          "The identity's policy must allow signin:AuthorizeOAuth2Access and signin:CreateOAuth2Token, as the managed policy SignInLocalDevelopmentAccess does.",
      });
    },
    unusableKey: () => failed("was not called, because this Node.js does not support P-256"),
  };
}

function howToTryAgain({ profileName, kind }: LoginSignInOptions): string {
  return `Run: Connect-RoleConsole -ProfileName ${powerShellArgument(profileName)}${kind === "cross-device" ? " -Remote" : ""}`;
}
