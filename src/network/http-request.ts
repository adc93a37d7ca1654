import type { Agent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { onAbort } from "../platform/cancellation.ts";

export interface HttpRequest {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** Without an agent the request opens its own connection and uses no proxy. */
  agent?: Agent;
  /** Milliseconds for the whole request: connecting, sending, and receiving the last byte. */
  timeoutMs: number;
  /** Maximum body length in bytes; 64 KiB by default. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface HttpResponse {
  /** The server's status. Redirects are returned, never followed. */
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The error code for a body that ends early. */
export const incompleteBody = "ERR_BODY_INCOMPLETE";

/** The services around STS answer with a few kilobytes. */
const defaultMaxBytes = 64 * 1024;

/**
 * Sends one HTTP request to a small service around STS (instance metadata, containers, console sign-in).
 * Time and memory are bounded whatever the server does.
 *
 * Rejects with an `Error` whose `code` is Node's (`ECONNREFUSED`, `ENOTFOUND`, `ABORT_ERR`, …), `ETIMEDOUT` after the
 * timeout, `ERR_BODY_TOO_LARGE`, or `ERR_BODY_INCOMPLETE` if the body ends early. A status of 400 or more does not reject.
 */
export async function httpRequest(request: HttpRequest): Promise<HttpResponse> {
  const { url, signal, maxBytes = defaultMaxBytes } = request;
  const { request: send } = url.protocol === "https:" ? await import("node:https") : await import("node:http");

  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError());

    // Set `rejectUnauthorized` explicitly, because NODE_TLS_REJECT_UNAUTHORIZED changes its default.
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
    // The socket's own timeout restarts with each byte; this one does not.
    const deadline = setTimeout(
      () => fail(withCode("ETIMEDOUT", `No complete response within ${request.timeoutMs} ms.`)),
      request.timeoutMs,
    );
    const settle = () => {
      clearTimeout(deadline);
      stopListening?.();
    };
    const stopListening = signal && onAbort(signal, () => fail(abortError()));

    // Keep this listener: a destroyed request may still emit an error, which ends the process if unhandled.
    outgoing.on("error", fail);
    // We never request an upgrade, and Node emits no further events for a connection that switches protocols.
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
        reject(withCode("ERR_BODY_TOO_LARGE", `The response is longer than ${maxBytes} bytes.`));
      } else chunks.push(chunk);
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    incoming.on("error", (error) =>
      reject(incoming.complete ? error : withCode(incompleteBody, "The response ended early.")),
    );
  });
}

function abortError(): Error {
  return withCode("ABORT_ERR", "The request was canceled.");
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
