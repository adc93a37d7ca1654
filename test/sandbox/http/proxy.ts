import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Clock } from "../clock.ts";
import type { Call } from "./recorder.ts";
import { listen, type RunningServer } from "./server.ts";

export interface ProxyOptions {
  /** The sandbox's port for an AWS host name, or for loopback with its own port. Undefined for any other host. */
  portFor(host: string, port: number): number | undefined;
  /** `user:password` that clients must send, if any. */
  readonly credentials?: string;
  readonly calls: Call[];
  readonly clock: Clock;
  /** Serves https. */
  readonly tls?: TlsOptions;
}

/** An HTTP proxy that routes AWS's real host names to the sandbox: CONNECT for https, plain requests for http. */
export function serveProxy(options: ProxyOptions): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const record = (request: IncomingMessage, target: string, status: number) => {
    options.calls.push({
      service: "proxy",
      action: request.method ?? "",
      parameters: { target },
      method: request.method ?? "",
      path: request.url ?? "",
      host: request.headers.host ?? "",
      userAgent: request.headers["user-agent"] ?? "",
      connection: connectionCount,
      timestamp: options.clock.now(),
      status,
    });
  };
  const statusFor = (request: IncomingMessage, port: number | undefined) => {
    if (!isAllowed(request, options.credentials)) return 407;
    return port === undefined ? 502 : 200;
  };
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const url = URL.canParse(request.url ?? "") ? new URL(request.url ?? "") : undefined;
    const port = url && options.portFor(url.hostname, Number(url.port || 80));
    const status = statusFor(request, port);
    record(request, url?.host ?? "", status);
    if (status !== 200 || port === undefined || !url) refuse(response, status === 200 ? 400 : status);
    else forward(request, response, url, port);
  });
  server.on("connection", () => {
    connectionCount += 1;
  });
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    const [host = "", port = "443"] = (request.url ?? "").split(":");
    const taken = options.portFor(host, Number(port));
    const status = statusFor(request, taken);
    record(request, request.url ?? "", status);
    if (status !== 200 || taken === undefined) {
      client.end(
        `HTTP/1.1 ${status} Refused\r\nProxy-Authenticate: Basic realm="sandbox"\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    const upstream = connect(taken, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on("error", () => other.destroy()).on("close", () => sockets.delete(socket));
    }
  });
  return listen(server, options.tls ? "https" : "http", 0).then((running) => ({
    ...running,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return running.close();
    },
  }));
}

function isAllowed(request: IncomingMessage, credentials: string | undefined): boolean {
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
  return wanted === undefined || request.headers["proxy-authorization"] === wanted;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 407 ? { "Proxy-Authenticate": 'Basic realm="sandbox"' } : {}).end();
}

function forward(request: IncomingMessage, response: ServerResponse, url: URL, port: number): void {
  const headers = { ...request.headers };
  delete headers["proxy-authorization"];
  const upstream = httpRequest(
    { host: "127.0.0.1", port, method: request.method, path: url.pathname + url.search, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  upstream.on("error", () => response.destroy());
  request.pipe(upstream);
}
