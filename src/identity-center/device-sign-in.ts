import { pause } from "../platform/cancellation.ts";
import type { Context } from "../protocol/context.ts";
import { NoCredentialsInJson } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import {
  type CreatedToken,
  callOidc,
  isPrintable,
  notAllowed,
  type OidcAnswer,
  readAnswer,
  refused,
  tokenIn,
} from "./oidc.ts";
import { forgetRegistration, type OpenGrant, type Registration, registrationFor } from "./registration.ts";
import { type SsoServices, serviceUrl } from "./sso-services.ts";
import { type SsoSession, signInCommand, targetOf } from "./sso-session.ts";

/** RFC 8628: the pause between two polls if the service names none, and how much longer it gets when asked to slow down. */
const defaultIntervalSeconds = 5;
const slowDownSeconds = 5;

/** How many polls in a row may fail: the network may be away for a moment. */
const maximumFailures = 5;

/** Signs in with a code that the user confirms on any device (RFC 8628; botocore's `SSOTokenFetcher` in utils.py). */
export async function openDeviceSignIn(
  session: SsoSession,
  services: SsoServices,
  context: Context,
): Promise<OpenGrant> {
  const { registration, device } = await authorize(session, services, context);
  const timeoutMs = device.expiresIn * 1000;
  return {
    registration,
    page: {
      link: device.complete,
      address: device.address,
      userCode: device.userCode,
      expiration: new Date(context.now() + timeoutMs).toISOString(),
    },
    timeoutMs,
    afterTimeout: `Run again, and confirm the code in time: ${signInCommand(session, "-UseDeviceCode")}`,
    close: () => {},
    finish: (during) => poll(session, services, registration, device, during),
  };
}

interface Device {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly address: string;
  readonly complete: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly interval: number;
}

async function authorize(
  session: SsoSession,
  services: SsoServices,
  context: Context,
): Promise<{ registration: Registration; device: Device }> {
  for (let isNew = false; ; isNew = true) {
    const registration = await registrationFor(session, services, "device_code", context);
    const { clientId, clientSecret } = registration;
    const call = {
      path: "/device_authorization",
      doing: "Signing in",
      signal: context.signal,
      body: { clientId, clientSecret, startUrl: session.startUrl },
    } as const;
    const answer = await callOidc(session, services, call);
    if (!("refusal" in answer)) {
      const scheme = serviceUrl(services, "sso-oidc", session.region, call.path).protocol;
      return { registration, device: readAnswer(session, services, call, () => deviceIn(answer.members, scheme)) };
    }
    // The cached registration may have been removed on the other side.
    if (answer.refusal !== "invalid_client" || isNew) throw refused(session, call, answer.refusal);
    forgetRegistration(session, services);
  }
}

function deviceIn(members: ReadonlyMap<string, unknown>, scheme: string): Device {
  const [deviceCode, userCode] = ["deviceCode", "userCode"].map((name) => members.get(name));
  const [address, complete] = ["verificationUri", "verificationUriComplete"].map((name) =>
    pageIn(members.get(name), scheme),
  );
  if (!isPrintable(deviceCode) || !isPrintable(userCode)) throw new NoCredentialsInJson("has no code");
  if (!address || !complete) throw new NoCredentialsInJson("has no address for the browser");
  return {
    deviceCode,
    userCode,
    address,
    complete,
    expiresIn: secondsIn(members.get("expiresIn"), 3600, 600),
    interval: secondsIn(members.get("interval"), 60, defaultIntervalSeconds),
  };
}

/** The address goes to the browser, so it must be a web page, as safe as the service itself. */
function pageIn(value: unknown, scheme: string): string | undefined {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  return url && (url.protocol === "https:" || url.protocol === scheme) ? url.href : undefined;
}

function secondsIn(value: unknown, maximum: number, fallback: number): number {
  return typeof value === "number" && value > 0 && value <= maximum ? value : fallback;
}

async function poll(
  session: SsoSession,
  services: SsoServices,
  { clientId, clientSecret }: Registration,
  { deviceCode, interval: firstInterval }: Device,
  { signal, say }: Context,
): Promise<CreatedToken> {
  const grantType = "urn:ietf:params:oauth:grant-type:device_code";
  const call = {
    path: "/token",
    doing: "Signing in",
    signal,
    body: { clientId, clientSecret, grantType, deviceCode },
  } as const;
  let interval = firstInterval;
  let failures = 0;
  // Ask at once: the user may have allowed this program before.
  for (;;) {
    let answer: OidcAnswer | undefined;
    try {
      answer = await callOidc(session, services, call);
      failures = 0;
    } catch (error) {
      if (!(error instanceof RoleError) || error.code !== "SsoFailed" || ++failures >= maximumFailures) throw error;
      say(error.message);
    }
    if (answer && !("refusal" in answer)) {
      const { members } = answer;
      return readAnswer(session, services, call, () => tokenIn(members));
    }
    if (answer?.refusal === "slow_down") interval += slowDownSeconds;
    else if (answer && answer.refusal !== "authorization_pending") throw refusalError(session, call, answer.refusal);
    await pause(interval * 1000, signal);
  }
}

function refusalError(session: SsoSession, call: { path: "/token"; doing: string }, refusal: string): RoleError {
  if (refusal === "access_denied") return notAllowed(session, refusal);
  if (refusal !== "expired_token") return refused(session, call, refusal);
  return new RoleError("SignInTimeout", "The device code expired before it was confirmed.", {
    target: targetOf(session),
    action: `Run again: ${signInCommand(session, "-UseDeviceCode")}`,
  });
}
