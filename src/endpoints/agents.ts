/**
 * The agents that keep connections, over proxies where there are some. Loaded with the first request: `node:https` alone
 * costs milliseconds.
 *
 * Written here, on what Node has, because none of the common packages fits: https-proxy-agent prints a proxy's password
 * when `DEBUG` is set, and hpagent tunnels plain http too, which proxies refuse, and its errors carry no code.
 */
import { type AgentOptions, type ClientRequest, Agent as NodeHttpAgent, request as requestHttp } from "node:http";
import { Agent as NodeHttpsAgent, type RequestOptions, request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type SecureContext } from "node:tls";
import { type Proxies, type ProxyServer, proxyFor } from "./proxies.ts";

/** Decides at the first TLS connection, and not before, whom to trust; undefined for those whom Node trusts. */
export type Trust = () => SecureContext | undefined;

type Connected = (error: Error | null, stream: Duplex) => void;

const tlsOptions = {
  minVersion: "TLSv1.2",
  // Said aloud because NODE_TLS_REJECT_UNAUTHORIZED would change the default.
  rejectUnauthorized: true,
} as const;

const keepAlive: AgentOptions = {
  keepAlive: true,
  // Node allows each address of a host a quarter of a second, which a far or busy network misses.
  ...{ autoSelectFamilyAttemptTimeout: 1000 },
};

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

// What a subclass may override though the types are silent about it. Proxy packages have relied on it for ten years.
interface Addable {
  addRequest(request: ClientRequest, options: RequestOptions): void;
}
const AddableHttpAgent = NodeHttpAgent as unknown as new (options: AgentOptions) => NodeHttpAgent & Addable;

/** For plain http: directly, or by asking the proxy for the whole URL, since proxies open tunnels to TLS ports only. */
export class HttpAgent extends AddableHttpAgent {
  readonly #proxies: Proxies;
  readonly #trust: Trust;

  constructor(proxies: Proxies, trust: Trust) {
    super(keepAlive);
    this.#proxies = proxies;
    this.#trust = trust;
  }

  override addRequest(request: ClientRequest, options: RequestOptions): void {
    const host = options.host ?? "localhost";
    const port = Number(options.port ?? 80);
    const proxy = proxyFor(this.#proxies, "http", host, port);
    if (!proxy) {
      super.addRequest(request, options);
      return;
    }
    request.path = `http://${port === 80 ? bracketed(host) : authority(host, port)}${request.path}`;
    if (proxy.authorization) request.setHeader("proxy-authorization", proxy.authorization);
    const forward: ForwardOptions = { ...options, ...hostAndPort(proxy), tlsToProxy: proxy.url.protocol === "https:" };
    super.addRequest(request, forward);
  }

  override createConnection(options: ForwardOptions, callback?: Connected): Duplex | null | undefined {
    if (!options.tlsToProxy) return super.createConnection(options, callback);
    const host = options.host ?? "";
    return attempt(
      () => connectTls({ host, port: Number(options.port), ...secureOptions(host, this.#trust) }),
      (error) => callback?.(error, undefined as never),
    );
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

interface ForwardOptions extends RequestOptions {
  readonly tlsToProxy?: boolean;
}

function hostAndPort({ url }: ProxyServer): { host: string; port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

function secureOptions(host: string, trust: Trust) {
  const secureContext = trust();
  // TLS names no server by its address.
  return { ...tlsOptions, ...(isIP(host) ? {} : { servername: host }), ...(secureContext && { secureContext }) };
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

function authority(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
