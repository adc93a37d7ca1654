import type { Agent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";

export interface HttpRequest {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** Without one the request has a connection of its own, and no proxy. */
  agent?: Agent;
  /** Milliseconds for all of it: connecting, sending, and the last byte of the answer. */
  timeoutMs: number;
  /** The longest body that is accepted, in bytes; 1 MiB when absent. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  /** As the server gave it: redirects are answers like any other, and never followed. */
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The code of the error for a body that ended early. */
export const incompleteBody = "ERR_BODY_INCOMPLETE";

const defaultMaxBytes = 1024 * 1024;

/**
 * One plain HTTP request, for the small services around STS (instance metadata, containers, console sign-in).
 * Time and memory are bounded whatever the server does.
 *
 * Rejects with an `Error` whose `code` is Node's (`ECONNREFUSED`, `ENOTFOUND`, `ABORT_ERR`, …), `ETIMEDOUT` when
 * the time is over, `ERR_BODY_TOO_LARGE`, or `ERR_BODY_INCOMPLETE` when it ends early. A status of 400 or more is an answer, no error.
 */
export async function httpRequest(request: HttpRequest): Promise<HttpResponse> {
  const { url, signal, maxBytes = defaultMaxBytes } = request;
  const { request: send } = url.protocol === "https:" ? await import("node:https") : await import("node:http");

  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError());

    // `rejectUnauthorized` is said aloud because NODE_TLS_REJECT_UNAUTHORIZED would change its default.
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      method: request.method,
      headers: request.headers ?? {},
      agent: request.agent ?? false,
      rejectUnauthorized: true,
    };
    const outgoing = send(url, options);

    const fail = (error: Error) => {
      settle();
      outgoing.destroy();
      reject(error);
    };
    const onAbort = () => fail(abortError());
    // The socket's own timeout starts again with each byte; this one does not.
    const deadline = setTimeout(
      () => fail(withCode("ETIMEDOUT", `No complete answer within ${request.timeoutMs} ms.`)),
      request.timeoutMs,
    );
    const settle = () => {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", onAbort);
    };

    signal?.addEventListener("abort", onAbort, { once: true });
    // Stays for good: a destroyed request may still emit an error, and one without a listener ends the process.
    outgoing.on("error", fail);
    // Nobody asked for one, and Node says nothing more about a connection that switches protocols.
    outgoing.on("upgrade", (_incoming, socket) => {
      socket.destroy();
      fail(withCode("EPROTO", "The server switches to another protocol."));
    });
    outgoing.on("response", (incoming) => {
      readBody(incoming, maxBytes).then((body) => {
        settle();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
      }, fail);
    });
    outgoing.end(request.body);
  });
}

function readBody(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        chunks.length = 0;
        reject(withCode("ERR_BODY_TOO_LARGE", `The answer is longer than ${maxBytes} bytes.`));
      } else chunks.push(chunk);
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    incoming.on("error", (error) =>
      reject(incoming.complete ? error : withCode(incompleteBody, "The answer broke off.")),
    );
  });
}

function abortError(): Error {
  return withCode("ABORT_ERR", "The request was cancelled.");
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
