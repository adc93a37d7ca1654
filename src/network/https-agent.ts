/** Keep-alive agent for https, with proxy support. Loaded with the first request, because `node:https` takes milliseconds. */
import { request as requestHttp } from "node:http";
import { Agent as NodeHttpsAgent, type RequestOptions, request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import {
  authority,
  type Connected,
  type ConnectionSettings,
  handOver,
  keepAlive,
  secureOptions,
  tlsOptions,
} from "./connections.ts";
import { destinationOf, isSocks, type ProxyServer, proxyFor } from "./proxies.ts";

/** Connects directly, through a `CONNECT` tunnel, or through a SOCKS proxy. */
export class HttpsAgent extends NodeHttpsAgent {
  readonly #settings: ConnectionSettings;

  constructor(settings: ConnectionSettings) {
    super({ ...keepAlive, ...tlsOptions });
    this.#settings = settings;
  }

  override createConnection(options: RequestOptions, callback?: Connected): Duplex | null | undefined {
    return handOver(this.#connect(options), callback);
  }

  async #connect(options: RequestOptions): Promise<Duplex> {
    const host = options.host ?? "localhost";
    const port = Number(options.port ?? 443);
    const { proxies, trust, connectTimeoutMs } = this.#settings;
    const proxy = proxyFor(proxies, { scheme: "https", host, port });
    for (;;) {
      const tunnel = proxy && (await this.#openTunnel(proxy, host, port));
      const secureContext = trust.context();
      const socket = super.createConnection({
        ...options,
        ...(tunnel && { socket: tunnel }),
        ...(secureContext && { secureContext }),
      });
      const error = await failureOf(socket as Duplex, connectTimeoutMs);
      if (!error) return socket as Duplex;
      // Another connection may have added the system's authorities by now.
      const canRetry = isUntrusted(error) && (trust.addSystem() || trust.context() !== secureContext);
      if (!canRetry) throw error;
    }
  }

  async #openTunnel(proxy: ProxyServer, host: string, port: number): Promise<Duplex> {
    if (!isSocks(proxy)) return openTunnel(proxy, authority(host, port), this.#settings);
    const { openSocksTunnel } = await import("./socks-tunnel.ts");
    return openSocksTunnel(proxy, host, port, this.#settings.connectTimeoutMs);
  }
}

function openTunnel(
  proxy: ProxyServer,
  target: string,
  { trust, connectTimeoutMs: timeoutMs }: ConnectionSettings,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { scheme, host, port } = destinationOf(proxy.url);
    const headers: Record<string, string> = { host: target };
    if (proxy.authorization) headers["proxy-authorization"] = proxy.authorization;
    const options: RequestOptions = { method: "CONNECT", host, port, path: target, headers, agent: false };
    const request =
      scheme === "https" ? requestHttps({ ...options, ...secureOptions(host, trust) }) : requestHttp(options);

    const fail = (error: Error) => {
      clearTimeout(deadline);
      request.destroy();
      reject(error);
    };
    const fault = (code: string, what: string) =>
      Object.assign(new Error(`The proxy ${proxy.url.host} ${what}.`), { code });
    // The caller may have gone away, and then only this timeout closes the tunnel.
    const deadline = setTimeout(() => fail(fault("ETIMEDOUT", `opened no tunnel within ${timeoutMs} ms`)), timeoutMs);

    request.on("error", fail);
    request.on("connect", (response, socket, head) => {
      // The TLS socket on top reports errors; this listener only keeps an error on the raw socket from ending the process.
      socket.on("error", () => {});
      if (response.statusCode !== 200) {
        socket.destroy();
        // The same code as Node's own proxy support.
        return fail(fault("ERR_PROXY_TUNNEL", `refused a connection to ${target} with status ${response.statusCode}`));
      }
      clearTimeout(deadline);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}

/** Why TLS setup failed; undefined if it succeeded. */
function failureOf(socket: Duplex, timeoutMs: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const fail = (error: Error) => {
      settle();
      // Another error may follow, which would end the process without a listener.
      socket.on("error", () => {});
      socket.destroy();
      resolve(error);
    };
    const fault = (code: string, text: string) => fail(Object.assign(new Error(text), { code }));
    const onClose = () => fault("ECONNRESET", "The connection was closed before TLS was set up.");
    const onSecure = () => {
      settle();
      resolve(undefined);
    };
    const settle = () => {
      clearTimeout(deadline);
      socket.off("error", fail).off("close", onClose).off("secureConnect", onSecure);
    };
    // The caller may have gone away, and then only this timeout closes the connection.
    const deadline = setTimeout(() => fault("ETIMEDOUT", `No connection within ${timeoutMs} ms.`), timeoutMs);
    socket.on("error", fail).on("close", onClose).on("secureConnect", onSecure);
  });
}

// OpenSSL's errors for a chain without a trusted root.
function isUntrusted(error: NodeJS.ErrnoException): boolean {
  return /^(UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED)/.test(
    error.code ?? "",
  );
}
