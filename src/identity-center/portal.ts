/** IAM Identity Center's portal: roles, their credentials, sign-out. Its calls are plain unsigned requests, so no SDK client is loaded. */
import type { HttpResponse } from "../network/http-request.ts";
import { type RetryRule, requestWithRetries, serviceRetries, whyUnanswered } from "../network/request-with-retries.ts";
import { RoleError } from "../protocol/errors.ts";
import { type SsoServices, serviceUrl } from "./sso-services.ts";
import { type SsoSession, targetOf } from "./sso-session.ts";

const timeoutMs = 10_000;
/** More than any page of a hundred accounts has. */
const maxBytes = 1024 * 1024;

export interface PortalCall {
  readonly method: "GET" | "POST";
  readonly path: "/federation/credentials" | "/assignment/accounts" | "/assignment/roles" | "/logout";
  readonly query?: Readonly<Record<string, string>>;
  readonly accessToken: string;
  readonly signal: AbortSignal;
  readonly retries?: RetryRule;
}

export interface PortalAnswer {
  readonly url: URL;
  readonly response: HttpResponse;
}

/** @throws RoleError `SsoFailed` if the portal does not answer; `Cancelled` */
export async function callPortal(session: SsoSession, services: SsoServices, call: PortalCall): Promise<PortalAnswer> {
  const url = serviceUrl(services, "sso", session.region, call.path);
  url.search = new URLSearchParams(call.query ?? {}).toString();
  const headers = { Accept: "application/json", "x-amz-sso_bearer_token": call.accessToken };
  const request = { method: call.method, url, headers, timeoutMs, maxBytes, signal: call.signal };
  try {
    const response = await requestWithRetries(services.send, request, call.retries ?? serviceRetries);
    return { url, response };
  } catch (error) {
    if (error instanceof RoleError) throw error;
    throw portalFailed(session, url, whyUnanswered(error), "Check the network, and sso_region.", error);
  }
}

export function portalFailed(session: SsoSession, url: URL, what: string, action: string, cause?: unknown): RoleError {
  return new RoleError("SsoFailed", `IAM Identity Center at ${url.host} ${what}.`, {
    target: targetOf(session),
    action,
    cause,
  });
}
