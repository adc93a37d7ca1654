import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, RoleError } from "../protocol/errors.ts";
import { type HttpRequest, type HttpResponse, incompleteBody } from "./http-request.ts";

/** How a request is sent: `httpRequest`, or that with an agent bound to it. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface RetryRule {
  /** How often to ask in all while nobody answers: each time costs the whole timeout. */
  readonly unanswered: number;
  /** How often to ask in all while the answer is that the server is busy or broken (429, 5xx), or it is not complete. */
  readonly busy: number;
  /** Whether the body of an answer with status 200 is all of it: services under load send empty ones, or break off. */
  readonly isComplete?: (body: string) => boolean;
  /** Milliseconds before the second time; twice as many before each further one. */
  readonly delayMs: number;
}

/**
 * The answer to a request, asked again by the rule; the last one when each was busy or broken.
 * Rejects as `httpRequest` does when nobody answered.
 * @throws RoleError `Cancelled`
 */
export async function requestWithRetries(send: Send, request: HttpRequest, rule: RetryRule): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await send(request);
      const isHalf = response.status === 200 && rule.isComplete?.(response.body) === false;
      if (!(isBusy(response.status) || isHalf) || attempt >= rule.busy) return response;
    } catch (error) {
      if (request.signal?.aborted) throw cancelled();
      // What we say ourselves (a proxy that is none, a bundle that cannot be read) does not change by asking again.
      const brokeOff = (error as NodeJS.ErrnoException).code === incompleteBody && rule.isComplete !== undefined;
      if (error instanceof RoleError || attempt >= (brokeOff ? rule.busy : rule.unanswered)) throw error;
    }
    await pause(rule.delayMs * 2 ** (attempt - 1), request.signal);
  }
}

/** Why nobody answered, as the end of a sentence: Node's code and nothing of what was sent. */
export function whyUnanswered(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === "ETIMEDOUT") return "did not answer in time";
  if (code === "ECONNREFUSED") return "refuses the connection";
  if (code === incompleteBody) return "broke off its answer";
  if (code === "ERR_BODY_TOO_LARGE") return "answers with more than any credentials need";
  return code ? `cannot be reached (${code})` : "cannot be reached";
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw cancelled();
  }
}
