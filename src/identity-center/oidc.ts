/** IAM Identity Center's OIDC service. Its calls are plain unsigned JSON requests, so no SDK client is loaded. */
import { requestWithRetries, serviceRetries, whyUnanswered } from "../network/request-with-retries.ts";
import { NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { type SsoServices, serviceUrl } from "./sso-services.ts";
import { type SsoSession, signInCommand, targetOf } from "./sso-session.ts";

const timeoutMs = 10_000;

/** A successful response, or OAuth's code for a refusal: `authorization_pending`, `invalid_grant`, … */
export type OidcAnswer = { readonly members: ReadonlyMap<string, unknown> } | { readonly refusal: string };

export interface OidcCall {
  readonly path: "/client/register" | "/device_authorization" | "/token";
  readonly body: Readonly<Record<string, unknown>>;
  /** What the call is for, for errors: `Signing in`. */
  readonly doing: string;
  readonly signal?: AbortSignal;
}

/** @throws RoleError `SsoFailed` unless the service answered; `Cancelled` */
export async function callOidc(session: SsoSession, services: SsoServices, call: OidcCall): Promise<OidcAnswer> {
  const url = serviceUrl(services, "sso-oidc", session.region, call.path);
  const request = {
    method: "POST",
    url,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(call.body),
    timeoutMs,
    ...(call.signal && { signal: call.signal }),
  };
  const response = await requestWithRetries(services.send, request, serviceRetries).catch((error: unknown) => {
    throw error instanceof RoleError ? error : oidcFailed(session, call.doing, url, whyUnanswered(error), error);
  });
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    return { refusal: refusalIn(response.body) };
  }
  if (response.status !== 200) throw oidcFailed(session, call.doing, url, `returned status ${response.status}`);
  return readAnswer(session, services, call, () => ({ members: parseJsonObject(response.body) }));
}

/**
 * Reads an answer.
 * @throws RoleError `SsoFailed` if `read` throws `NoCredentialsInJson`
 */
export function readAnswer<T>(
  session: SsoSession,
  services: SsoServices,
  { path, doing }: Pick<OidcCall, "path" | "doing">,
  read: () => T,
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    const url = serviceUrl(services, "sso-oidc", session.region, path);
    throw oidcFailed(session, doing, url, `sent a response that ${error.message}`);
  }
}

/** The error of a refusal that the caller does not expect. */
export function refused(
  session: SsoSession,
  { path, doing }: Pick<OidcCall, "path" | "doing">,
  refusal: string,
): RoleError {
  return new RoleError("SsoFailed", `${doing} failed: IAM Identity Center refused ${path} (${refusal}).`, {
    target: targetOf(session),
    action: `Check sso_start_url and sso_region, then run: ${signInCommand(session)}`,
    awsCode: refusal,
  });
}

/** The error for OAuth's refusal of what the user did in the browser. */
export function notAllowed(session: SsoSession, error: string): RoleError {
  return new RoleError(
    "SignInDenied",
    error === "access_denied"
      ? "The sign-in to IAM Identity Center was denied in the browser."
      : `IAM Identity Center ended the sign-in in the browser (${error}).`,
    {
      target: targetOf(session),
      action: `Run again, and choose Allow: ${signInCommand(session, "-Force")}`,
      awsCode: error,
    },
  );
}

export interface CreatedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken?: string;
}

/** Reads CreateToken's response. Throws `NoCredentialsInJson` if it is incomplete. */
export function tokenIn(members: ReadonlyMap<string, unknown>): CreatedToken {
  const [accessToken, expiresIn, refreshToken] = ["accessToken", "expiresIn", "refreshToken"].map((name) =>
    members.get(name),
  );
  if (!isPrintable(accessToken)) throw new NoCredentialsInJson("has no accessToken");
  if (typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e9)) {
    throw new NoCredentialsInJson("has no expiresIn");
  }
  return { accessToken, expiresIn, ...(isPrintable(refreshToken) ? { refreshToken } : {}) };
}

/** Whether a value is a token that is safe in a header, where a line break would start another header. */
export function isPrintable(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]+$/.test(value);
}

function oidcFailed(session: SsoSession, doing: string, url: URL, what: string, cause?: unknown): RoleError {
  return new RoleError("SsoFailed", `${doing} failed: IAM Identity Center at ${url.host} ${what}.`, {
    target: targetOf(session),
    action: `Check the network and sso_region, then run: ${signInCommand(session)}`,
    cause,
  });
}

/** The service's own text may quote a token, so only its code counts. */
function refusalIn(body: string): string {
  try {
    const error = parseJsonObject(body).get("error");
    return typeof error === "string" && /^\w{1,40}$/.test(error) ? error : "unknown";
  } catch {
    return "unknown";
  }
}
