import { type HttpRequest, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import { replaceJsonFile } from "../platform/atomic-write.ts";
import { sharedRenewal } from "../platform/shared-renewal.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { CredentialProvider } from "../protocol/credentials.ts";
import { membersOf, NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { type LoginSession, loginSessionPath, readLoginSession } from "./login-session.ts";

export interface LoginOptions {
  /** `~/.aws/login/cache`, absolute. */
  readonly cacheDirectory: string;
  /** Returns the AWS Sign-In endpoint, in the region of the sign-in if its file has one. Called on demand. */
  readonly endpoint: (region: string | undefined) => Promise<URL>;
  readonly send?: Send;
}

/** The margin of all AWS SDKs, for credentials that last fifteen minutes. */
const renewBeforeMs = 5 * 60_000;
const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const retryRule = { unanswered: 2, busy: 3, delayMs: 300 };

/**
 * Loads the credentials of a sign-in with `aws login`, and renews them shortly before they expire. A failed renewal is an
 * error only after they have expired. Never prompts the user: without a valid sign-in, the error says which command to run.
 *
 * The renewal is one unsigned JSON request, with a proof that we hold the key to which the refresh token is bound. AWS
 * Sign-In accepts a used refresh token for a while, so processes that renew at the same time don't conflict.
 * @throws RoleError `LoginRequired`, `LoginFailed`, `AccessDenied`, `Cancelled`, and what `endpoint` throws
 */
export function fromLogin(context: Context, profile: Profile, options: LoginOptions): CredentialProvider {
  const path = loginSessionPath(options.cacheDirectory, profile.settings.loginSession ?? "");
  return async () => {
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
  };
}

async function renew(context: Context, profile: Profile, path: string, options: LoginOptions): Promise<LoginSession> {
  // Read it again: another process may have renewed it.
  const session = readLoginSession(path);
  if (session && timeLeftOf(session, context) > renewBeforeMs) return session;
  if (!session?.renewal) throw loginRequired(profile, "the sign-in has expired and cannot be renewed");

  const { accessToken, refreshToken, expiresIn } = await createToken(
    context,
    profile,
    session,
    session.renewal,
    options,
  );
  const expiration = new Date(Math.floor(context.now() / 1000 + expiresIn) * 1000);
  const former = session.members.get("accessToken") as object;
  const expiresAt = expiration.toISOString().replace(/\.\d+Z$/, "Z");
  const members = new Map(session.members)
    .set("accessToken", { ...former, ...accessToken, expiresAt })
    .set("refreshToken", refreshToken);
  try {
    await replaceJsonFile(path, members);
    context.say(`Renewed the sign-in of profile ${profile.name}.`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    context.say(`The renewed sign-in of profile ${profile.name} could not be stored (${code}).`);
  }
  return { ...session, credentials: { ...session.credentials, ...accessToken, expiration }, members };
}

interface CreatedToken {
  readonly accessToken: Record<"accessKeyId" | "secretAccessKey" | "sessionToken", string>;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

async function createToken(
  context: Context,
  profile: Profile,
  session: LoginSession,
  { clientId, refreshToken, proofKey }: NonNullable<LoginSession["renewal"]>,
  options: LoginOptions,
): Promise<CreatedToken> {
  const url = new URL(`${(await options.endpoint(session.region)).href.replace(/\/+$/, "")}/v1/token`);
  const failed = (what: string, cause?: unknown) =>
    new RoleError("LoginFailed", `Renewing the sign-in failed: AWS Sign-In at ${url.host} ${what}.`, {
      target: profile.name,
      action: `Try again, or sign in again. ${howToLogin(profile)}`,
      ...(cause === undefined ? {} : { cause }),
    });
  // Imported lazily, because most processes never need it.
  const { proofOfPossession } = await import("./dpop.ts");
  const send = options.send ?? httpRequest;
  // Each attempt needs its own proof, because the server rejects one that it has already seen.
  const sendWithProof: Send = (request: HttpRequest) => {
    let proof: string;
    try {
      proof = proofOfPossession(proofKey, request.method, url, context.now() / 1000);
    } catch {
      // Don't attach the cause: it could quote the key.
      throw loginRequired(profile, "the key of the sign-in cannot be used");
    }
    return send({ ...request, headers: { ...request.headers, DPoP: proof } });
  };
  const request = {
    method: "POST",
    url,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ clientId, refreshToken, grantType: "refresh_token" }),
    timeoutMs,
    maxBytes,
  };
  // Don't pass the signal: other callers may wait for this renewal after the first one cancels.
  const response = await requestWithRetries(sendWithProof, request, retryRule).catch((error: unknown) => {
    throw error instanceof RoleError ? error : failed(whyUnanswered(error), error);
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429)
    throw refusal(profile, errorOf(response.body));
  if (response.status !== 200) throw failed(`returned status ${response.status}`);
  try {
    return parseToken(response.body);
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(`sent a response that ${error.message}`);
  }
}

function parseToken(body: string): CreatedToken {
  const members = parseJsonObject(body);
  const token = membersOf(members.get("accessToken"));
  const text = (value: unknown): string => {
    if (typeof value === "string" && value !== "") return value;
    throw new NoCredentialsInJson("has incomplete credentials");
  };
  const expiresIn = members.get("expiresIn");
  if (typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e6)) {
    throw new NoCredentialsInJson("has no expiresIn");
  }
  return {
    accessToken: {
      accessKeyId: text(token.get("accessKeyId")),
      secretAccessKey: text(token.get("secretAccessKey")),
      sessionToken: text(token.get("sessionToken")),
    },
    refreshToken: text(members.get("refreshToken")),
    expiresIn,
  };
}

/** The OAuth error code in AWS Sign-In's response. */
function errorOf(body: string): unknown {
  try {
    return parseJsonObject(body).get("error");
  } catch {
    return undefined;
  }
}

function refusal(profile: Profile, error: unknown): RoleError {
  if (error === "INSUFFICIENT_PERMISSIONS") {
    return new RoleError("AccessDenied", `Profile '${profile.name}': AWS Sign-In denied the renewal of the sign-in.`, {
      target: profile.name,
      action: "The identity's policy must allow signin:CreateOAuth2Token.",
    });
  }
  const why =
    error === "USER_CREDENTIALS_CHANGED" ? "the password was changed since the sign-in" : "the sign-in has expired";
  return loginRequired(profile, why);
}

function loginRequired(profile: Profile, what: string): RoleError {
  return new RoleError("LoginRequired", `Profile '${profile.name}': ${what}.`, {
    target: profile.name,
    action: howToLogin(profile),
  });
}

function howToLogin({ name }: Profile): string {
  return `Run: aws login --profile ${powerShellArgument(name)}`;
}

function timeLeftOf({ credentials }: LoginSession, context: Context): number {
  return credentials.expiration.getTime() - context.now();
}
