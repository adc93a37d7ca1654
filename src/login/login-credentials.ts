import type { Send } from "../network/request-with-retries.ts";
import { replaceJsonFile } from "../platform/atomic-write.ts";
import { sharedRenewal } from "../platform/shared-renewal.ts";
import { codeOf } from "../platform/system-error.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { timeText } from "../protocol/expiration.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { type LoginSession, loginSessionPath, readLoginSession } from "./session-file.ts";
import { createToken, type TokenRequest } from "./token.ts";

export interface LoginOptions {
  /** `~/.aws/login/cache`, absolute. */
  readonly cacheDirectory: string;
  /** Returns the AWS Sign-In endpoint, in the region of the sign-in if its file has one. Called on demand. */
  readonly endpoint: (region: string | undefined) => Promise<URL>;
  readonly send: Send;
}

/** The margin of all AWS SDKs, for credentials that last fifteen minutes. */
const renewBeforeMs = 5 * 60_000;

/**
 * Loads the credentials of a sign-in with console credentials, and renews them shortly before they expire. A failed renewal is an error
 * only after they have expired. Never prompts the user: without a valid sign-in, the error says which command to run.
 *
 * AWS Sign-In accepts a used refresh token for a while, so processes that renew at the same time don't conflict.
 * @throws RoleError `LoginRequired`, `LoginFailed`, `AccessDenied`, `ClockSkew`, `Cancelled`, and what `endpoint` throws
 */
export async function fromLogin(
  context: Context,
  profile: Profile,
  options: LoginOptions,
): Promise<LoginSession["credentials"]> {
  const path = loginSessionPath(options.cacheDirectory, profile.settings.loginSession ?? "");
  const session = readLoginSession(path);
  if (!session) throw loginRequired(profile, "there is no sign-in");
  const timeLeft = timeLeftOf(session, context);
  if (timeLeft > renewBeforeMs) return session.credentials;
  try {
    const work = () => renew(context, profile, path, options);
    return (await sharedRenewal(path, work, context.signal)).credentials;
  } catch (error) {
    if (timeLeft <= 0 || context.signal.aborted) throw error;
    const until = session.credentials.expiration.toISOString();
    context.say(`The sign-in of profile ${profile.name} could not be renewed; it is valid until ${until}.`);
    return session.credentials;
  }
}

async function renew(context: Context, profile: Profile, path: string, options: LoginOptions): Promise<LoginSession> {
  // Read it again: another process may have renewed it.
  const session = readLoginSession(path);
  if (session && timeLeftOf(session, context) > renewBeforeMs) return session;
  if (!session?.renewal) throw loginRequired(profile, "the sign-in has expired and cannot be renewed");

  const { clientId, refreshToken, proofKey } = session.renewal;
  const endpoint = await options.endpoint(session.region);
  const token = await createToken(
    {
      grant: { grantType: "refresh_token", clientId, refreshToken },
      endpoint,
      proofKey,
      send: options.send,
      errors: errorsOf(profile, endpoint),
    },
    context,
  );
  const { expiration } = token;
  const former = session.members.get("accessToken") as object;
  const members = new Map(session.members)
    .set("accessToken", { ...former, ...token.accessToken, expiresAt: timeText(expiration) })
    .set("refreshToken", token.refreshToken);
  try {
    await replaceJsonFile(path, members);
    context.say(`Renewed the sign-in of profile ${profile.name}.`);
  } catch (error) {
    const code = codeOf(error) || "unknown error";
    context.say(`The renewed sign-in of profile ${profile.name} could not be stored (${code}).`);
  }
  return { ...session, credentials: { ...session.credentials, ...token.accessToken, expiration }, members };
}

function errorsOf(profile: Profile, { host }: URL): TokenRequest["errors"] {
  return {
    failed: (what, cause) =>
      new RoleError("LoginFailed", `Renewing the sign-in failed: AWS Sign-In at ${host} ${what}.`, {
        target: profile.name,
        action: `Try again, or sign in again. ${howToLogin(profile.name)}`,
        cause,
      }),
    refused: (code) => refusal(profile, code),
    unusableKey: () => loginRequired(profile, "the key of the sign-in cannot be used"),
  };
}

function refusal(profile: Profile, code: unknown): RoleError {
  if (code === "INSUFFICIENT_PERMISSIONS") {
    return new RoleError("AccessDenied", `Profile '${profile.name}': AWS Sign-In denied the renewal of the sign-in.`, {
      target: profile.name,
      action: "The identity's policy must allow signin:CreateOAuth2Token.",
    });
  }
  const why =
    code === "USER_CREDENTIALS_CHANGED" ? "the password was changed since the sign-in" : "the sign-in has expired";
  return loginRequired(profile, why);
}

function loginRequired(profile: Profile, what: string): RoleError {
  return new RoleError("LoginRequired", `Profile '${profile.name}': ${what}.`, {
    target: profile.name,
    action: howToLogin(profile.name),
  });
}

/** The commands that sign a profile in. */
function howToLogin(profileName: string): string {
  const name = powerShellArgument(profileName);
  return `Run: Connect-RoleConsole -ProfileName ${name}, or aws login --profile ${name}.`;
}

function timeLeftOf({ credentials }: LoginSession, context: Context): number {
  return credentials.expiration.getTime() - context.now();
}
