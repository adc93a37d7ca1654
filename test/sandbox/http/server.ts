import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { FaultQueue } from "./faults.ts";
import { type Call, redact } from "./recorder.ts";
import { type Answer, send } from "./send.ts";

/** A request as received, with its whole body. */
export interface WireRequest {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** In the order and case as sent. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** One of the AWS services. */
export interface Service {
  readonly name: string;
  /** Describes the request for the recorder. Must not throw for any request. */
  describe(request: WireRequest): Pick<Call, "action" | "parameters">;
  /** Returns the response and records what it learns about the caller. May throw an AwsError. */
  answer(request: WireRequest, call: Call): Answer | Promise<Answer>;
  /** Formats an error as the service does. */
  refuse(error: AwsError, requestId: string): Answer;
}

export interface ServerSurroundings {
  readonly clock: Clock;
  readonly faults: FaultQueue;
  readonly calls: Call[];
  readonly tls?: TlsOptions & SecureContextOptions;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const largestBody = 1_000_000;

/** Listens on 127.0.0.1, on the given port or a free one. */
export async function serve(service: Service, around: ServerSurroundings, port = 0): Promise<RunningServer> {
  const connections = new WeakMap<object, number>();
  let connectionCount = 0;
  const listener: RequestListener = (request, response) => {
    const connection = connections.get(request.socket) ?? ++connectionCount;
    connections.set(request.socket, connection);
    handle(service, around, connection, request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const server = around.tls ? createTlsServer(around.tls, listener) : createServer(listener);
  server.keepAliveTimeout = 60_000;
  return listen(server, around.tls ? "https" : "http", port);
}

export async function listen(server: Server, scheme: string, port: number): Promise<RunningServer> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${taken}`,
    port: taken,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function handle(
  service: Service,
  { clock, faults, calls }: ServerSurroundings,
  connection: number,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await read(incoming);
  const { action, parameters } = service.describe(request);
  const call: Call = {
    service: service.name,
    action,
    parameters: redact(parameters),
    method: request.method,
    path: request.path,
    host: incoming.headers.host ?? "",
    userAgent: incoming.headers["user-agent"] ?? "",
    connection,
    timestamp: clock.now(),
  };
  calls.push(call);
  const requestId = crypto.randomUUID();
  response.setHeader("Date", new Date(clock.now()).toUTCString());
  response.setHeader("x-amzn-RequestId", requestId);

  const fault = await faults.next(call);
  if (fault?.hang) return;
  if (fault?.cut === "beforeResponse") {
    incoming.socket.destroy();
    return;
  }
  let answer: Answer;
  try {
    if (fault?.code) throw new AwsError(fault.code, fault.status ?? 400, fault.message ?? "An injected fault.");
    const replaced = fault?.body !== undefined || fault?.bodyBytes !== undefined || fault?.status !== undefined;
    answer = replaced ? { status: 200, body: "" } : await service.answer(request, call);
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError("InternalFailure", 500, String(error));
    call.errorCode = known.code;
    answer = service.refuse(known, requestId);
  }
  call.status = await send(response, answer, requestId, fault);
}

async function read(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Error("The request body is too large.");
    chunks.push(chunk);
  }
  const target = incoming.url ?? "/";
  const mark = target.indexOf("?");
  const pairs = incoming.rawHeaders;
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    headers: pairs.flatMap((name, i) => (i % 2 === 0 ? [[name, pairs[i + 1] ?? ""] as const] : [])),
    body: Buffer.concat(chunks),
  };
}

/** A header's value, by case-insensitive name. Repeated headers are joined by commas. */
export function header(request: WireRequest, name: string): string | undefined {
  const values = request.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(",") : undefined;
}
