/**
 * A credentials endpoint on loopback, in the format of containers: AWS_CONTAINER_CREDENTIALS_FULL_URI. Every AWS SDK reads it, and reads it
 * again before the credentials expire. https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenOnLoopback } from "../network/listen-on-loopback.ts";
import { RoleError } from "../protocol/errors.ts";
import type { WireCredentials } from "../protocol/role-messages.ts";
import { escapeForTerminal } from "../protocol/terminal.ts";

export interface CredentialsEndpoint {
  readonly url: string;
  /** What a request must have in its header Authorization. */
  readonly token: string;
  close(): void;
}

const path = "/credentials";

/** Errors after which another attempt may succeed. SDKs repeat a request that gets a status of 500 or more. */
const passing = new Set(["StsFailed", "StsThrottled", "StsTimeout", "StsUnreachable"]);

/**
 * Opens an endpoint that serves what `obtain` returns.
 * @throws RoleError `EndpointUnavailable` if no port can be opened
 */
export async function openCredentialsEndpoint(obtain: () => Promise<WireCredentials>): Promise<CredentialsEndpoint> {
  const { createServer } = await import("node:http");
  const token = randomBytes(32).toString("base64url");
  // Connections that send nothing are ended soon: other users of this machine could otherwise take all places.
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    // The request has no body that matters.
    request.resume();
    const refusal = refusalOf(request, hostOf(server), token);
    if (refusal) return send(response, ...refusal);
    obtain().then(
      (credentials) => send(response, 200, containerFormat(credentials)),
      (error: unknown) => send(response, ...failureOf(error)),
    );
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 256;
  const action = "Close some programs, or omit -Serve.";
  await listenOnLoopback(server, { code: "EndpointUnavailable", purpose: "the credentials endpoint", action });
  // The core lives as long as its input, not as long as its servers.
  server.unref();
  return {
    url: `http://${hostOf(server)}${path}`,
    token,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo | null)?.port ?? 0}`;
}

type Answer = readonly [status: number, body: Readonly<Record<string, string>>];

function refusalOf({ method, url, headers }: IncomingMessage, host: string, token: string): Answer | undefined {
  // A web page that resolves its own name to 127.0.0.1 (DNS rebinding) sends that name.
  if (headers.host !== host)
    return [403, { code: "Forbidden", message: "The Host header is not that of the endpoint." }];
  if (!isSame(headers.authorization ?? "", token)) {
    return [
      401,
      { code: "Unauthorized", message: "The Authorization header is not AWS_CONTAINER_AUTHORIZATION_TOKEN." },
    ];
  }
  if (method !== "GET") return [405, { code: "MethodNotAllowed", message: "Use GET." }];
  return url === path ? undefined : [404, { code: "NotFound", message: `The path is ${path}.` }];
}

/** Compares in constant time. Hashes have the same length. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function containerFormat({ accessKeyId, secretAccessKey, sessionToken = "", expiration = "" }: WireCredentials) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    // Some SDKs read no fraction of a second.
    Expiration: expiration.replace(/\.\d+Z$/, "Z"),
  };
}

/** SDKs show the message, or the whole body. */
function failureOf(error: unknown): Answer {
  if (!(error instanceof RoleError)) return [500, { code: "InternalError", message: "The core failed unexpectedly." }];
  const { code, message, details } = error;
  const advice = details.action ? ` ${escapeForTerminal(details.action)}` : "";
  return [passing.has(code) ? 503 : 400, { code, message: `${message}${advice}` }];
}

function send(response: ServerResponse, status: number, body: Readonly<Record<string, string>>): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(status !== 200 && { Connection: "close" }),
    ...(status === 405 && { Allow: "GET" }),
  });
  response.end(JSON.stringify(body));
}
