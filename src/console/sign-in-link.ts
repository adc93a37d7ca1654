import { configuredUrl } from "../network/configured-url.ts";
import { type HttpRequest, type HttpResponse, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, serviceRetries } from "../network/request-with-retries.ts";
import { transport } from "../network/transport.ts";
import { codeOf } from "../platform/system-error.ts";
import type { Settings } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import type { WireCredentials } from "../protocol/role-messages.ts";
import { consoleHosts } from "./console-hosts.ts";

export interface SignIn {
  readonly credentials: WireCredentials;
  readonly partition: string;
  /** The result of `consoleDestination`. */
  readonly destination: string;
  /** The duration of the console session in seconds. If absent, the session lasts as long as the credentials. */
  readonly sessionDuration?: number | undefined;
  /** The name of the role in errors. */
  readonly target: string;
  /** The settings of the profile that the credentials came from: endpoint, proxy, certificates. */
  readonly settings: Settings;
  readonly shared: Pick<SharedConfig, "services">;
}

const timeoutMs = 15_000;

/** The length in characters up to which a URL is sent by GET. Many servers reject longer URLs, so those requests use POST. */
const longestUrl = 7000;

/**
 * Returns a link that opens the console signed in. It works for 15 minutes and is a secret. Source: IAM User Guide, "Enable custom
 * identity broker access to the AWS console".
 * @throws RoleError `SigninNeedsRole`, `SigninRejected`, `SigninFailed`, `EndpointInvalid`, `Cancelled`
 */
export async function signInLink(signIn: SignIn, context: Context): Promise<string> {
  const federation = federationUrl(signIn, context);
  const token = await signinToken(federation, signIn, context);
  const link = new URL(federation);
  link.search = new URLSearchParams({
    Action: "login",
    Issuer: "RoleCredentials",
    Destination: signIn.destination,
    SigninToken: token,
  }).toString();
  return link.href;
}

function federationUrl({ partition, settings, shared }: SignIn, { environment }: Context): URL {
  const custom = configuredUrl("signin", { settings, shared, environment });
  const base = custom?.url.href ?? `https://${consoleHosts(partition).signin}`;
  return new URL(`${base.replace(/\/+$/, "")}/federation`);
}

async function signinToken(federation: URL, signIn: SignIn, context: Context): Promise<string> {
  const { credentials, sessionDuration, settings } = signIn;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (sessionToken === undefined) {
    throw new RoleError("SigninNeedsRole", "Long-term keys cannot open the console; the credentials of a role can.", {
      target: signIn.target,
      action: "Name a role with -RoleArn, or a profile that has one.",
    });
  }
  const parameters = new URLSearchParams({
    Action: "getSigninToken",
    ...(sessionDuration !== undefined && { SessionDuration: String(sessionDuration) }),
    Session: JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken }),
  }).toString();
  const { agent } = await transport(federation, settings, context);
  const common = { agent, timeoutMs, signal: context.signal };
  const url = new URL(federation);
  url.search = parameters;
  const request: HttpRequest =
    url.href.length <= longestUrl
      ? { ...common, method: "GET", url }
      : {
          ...common,
          method: "POST",
          url: federation,
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: parameters,
        };
  context.say(`getSigninToken → ${federation.origin}.`);
  return tokenIn(await ask(request, federation, signIn, context), federation, signIn);
}

async function ask(request: HttpRequest, { origin }: URL, { target }: SignIn, context: Context): Promise<HttpResponse> {
  try {
    return await requestWithRetries(httpRequest, request, serviceRetries);
  } catch (error) {
    if (error instanceof RoleError) throw error;
    if (context.signal.aborted) throw canceled();
    // Do not pass on Node's error: it may contain the URL, and the URL contains the keys.
    const code = codeOf(error) || "unknown";
    throw new RoleError("SigninFailed", `The sign-in endpoint ${origin} cannot be reached (${code}).`, {
      target,
      action: "Check the network, the proxy and AWS_ENDPOINT_URL_SIGNIN.",
    });
  }
}

function tokenIn(response: HttpResponse, { origin }: URL, { target, sessionDuration }: SignIn): string {
  const { status, body } = response;
  if (status >= 400 && status < 500) {
    const duration = sessionDuration === undefined ? "" : ", and whether they allow -DurationInSeconds";
    throw new RoleError("SigninRejected", `The sign-in endpoint ${origin} refused these credentials (${status}).`, {
      target,
      action: `Check whether they have expired or belong to a user instead of a role${duration}. Get-Role -Verify asks STS whose they are.`,
    });
  }
  const token = status === 200 ? tokenOf(body) : undefined;
  if (token !== undefined) return token;
  throw new RoleError("SigninFailed", `The sign-in endpoint ${origin} answered ${status} without a token.`, {
    target,
    action: "Try again later, or check AWS_ENDPOINT_URL_SIGNIN and the proxy.",
  });
}

function tokenOf(body: string): string | undefined {
  try {
    const { SigninToken: token } = Object(JSON.parse(body)) as { SigninToken?: unknown };
    return typeof token === "string" && token !== "" ? token : undefined;
  } catch {
    return undefined;
  }
}
