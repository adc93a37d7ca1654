import { pause } from "../platform/cancellation.ts";
import { codeOf } from "../platform/system-error.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { type HttpRequest, type HttpResponse, incompleteBody } from "./http-request.ts";

/** Sends a request: `httpRequest`, optionally bound to an agent. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface RetryRule {
  /** Maximum attempts when there is no response; each one costs the whole timeout. */
  readonly unanswered: number;
  /** Maximum attempts when the server is busy or failing (429, 5xx), or the response is incomplete. */
  readonly busy: number;
  /** Whether the body of a 200 response is complete: services under load send empty or truncated ones. */
  readonly isComplete?: (body: string) => boolean;
  /** Milliseconds before the second attempt; doubles before each further one. */
  readonly delayMs: number;
}

/** The rule for AWS services with a public endpoint. */
export const serviceRetries: RetryRule = { unanswered: 2, busy: 3, delayMs: 300 };

/**
 * Sends a request and retries it by the rule. Returns the last response if every attempt was busy or failed.
 * Rejects as `httpRequest` does when there is no response.
 * @throws RoleError `Cancelled`
 */
export async function requestWithRetries(send: Send, request: HttpRequest, rule: RetryRule): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await send(request);
      const isHalf = response.status === 200 && rule.isComplete?.(response.body) === false;
      if (!(isBusy(response.status) || isHalf) || attempt >= rule.busy) return response;
    } catch (error) {
      if (request.signal?.aborted) throw canceled();
      // Retrying does not fix our own errors, such as an invalid proxy or an unreadable CA bundle.
      const brokeOff = codeOf(error) === incompleteBody && rule.isComplete !== undefined;
      if (error instanceof RoleError || attempt >= (brokeOff ? rule.busy : rule.unanswered)) throw error;
    }
    await pause(rule.delayMs * 2 ** (attempt - 1), request.signal);
  }
}

/** Why there was no response, as the end of a sentence. Contains Node's error code but no request data. */
export function whyUnanswered(error: unknown): string {
  const code = codeOf(error);
  if (code === "ETIMEDOUT") return "did not respond in time";
  if (code === "ECONNREFUSED") return "refused the connection";
  if (code === incompleteBody) return "closed the connection in the middle of its response";
  if (code === "ERR_BODY_TOO_LARGE") return "sent a response that is too large";
  return code ? `cannot be reached (${code})` : "cannot be reached";
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}
