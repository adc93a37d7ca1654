/** The agent that keeps connections for https, over proxies where there are some. Loaded with the first request: `node:https` costs milliseconds. */
import { request as requestHttp } from "node:http";
import { Agent as NodeHttpsAgent, type RequestOptions, request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import {
  authority,
  type Connected,
  hostAndPort,
  keepAlive,
  secureOptions,
  type Trust,
  tlsOptions,
} from "./connections.ts";
import { type Proxies, type ProxyServer, proxyFor } from "./proxies.ts";

/** For https: directly, or in a tunnel that the proxy opens on `CONNECT`. */
export class HttpsAgent extends NodeHttpsAgent {
  readonly #proxies: Proxies;
  readonly #trust: Trust;
  readonly #connectTimeoutMs: number;

  constructor(proxies: Proxies, trust: Trust, connectTimeoutMs: number) {
    super({ ...keepAlive, ...tlsOptions });
    this.#proxies = proxies;
    this.#trust = trust;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  override createConnection(options: RequestOptions, callback?: Connected): Duplex | null | undefined {
    const connect = (socket?: Duplex) => {
      const secureContext = this.#trust();
      return super.createConnection(
        { ...options, ...(socket && { socket }), ...(secureContext && { secureContext }) },
        socket ? undefined : callback,
      );
    };
    const fail = (error: Error) => callback?.(error, undefined as never);

    const host = options.host ?? "localhost";
    const port = Number(options.port ?? 443);
    const proxy = proxyFor(this.#proxies, "https", host, port);
    if (!proxy) return attempt(connect, fail);
    openTunnel(proxy, authority(host, port), this.#trust, this.#connectTimeoutMs).then((tunnel) => {
      const socket = attempt(() => connect(tunnel), fail);
      if (socket) callback?.(null, socket);
    }, fail);
    return undefined;
  }
}

function openTunnel(proxy: ProxyServer, target: string, trust: Trust, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { host, port } = hostAndPort(proxy);
    const headers: Record<string, string> = { host: target };
    if (proxy.authorization) headers["proxy-authorization"] = proxy.authorization;
    const options: RequestOptions = { method: "CONNECT", host, port, path: target, headers, agent: false };
    const request =
      proxy.url.protocol === "https:"
        ? requestHttps({ ...options, ...secureOptions(host, trust) })
        : requestHttp(options);

    const fail = (error: Error) => {
      clearTimeout(deadline);
      request.destroy();
      reject(error);
    };
    const fault = (code: string, what: string) =>
      Object.assign(new Error(`The proxy ${proxy.url.host} ${what}.`), { code });
    // Whoever waits for the tunnel may have left, and nobody else would close it.
    const deadline = setTimeout(() => fail(fault("ETIMEDOUT", `opened no tunnel within ${timeoutMs} ms`)), timeoutMs);

    request.on("error", fail);
    request.on("connect", (response, socket, head) => {
      // The TLS socket on top reports what happens; this listener keeps an error below it from ending the process.
      socket.on("error", () => {});
      if (response.statusCode !== 200) {
        socket.destroy();
        // The code that Node's own proxy support gives.
        return fail(fault("ERR_PROXY_TUNNEL", `refused a connection to ${target} with status ${response.statusCode}`));
      }
      clearTimeout(deadline);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}

/** Whatever fails while connecting becomes the request's error, and is not thrown at whoever makes the request. */
function attempt<Result>(work: () => Result, fail: (error: Error) => void): Result | undefined {
  try {
    return work();
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}
