/** Keep-alive agent for plain http. It loads TLS, which costs milliseconds, only for a proxy that needs it. */
import { type AgentOptions, type ClientRequest, Agent as NodeHttpAgent, type RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import {
  authority,
  bracketed,
  type Connected,
  type ConnectionSettings,
  handOver,
  keepAlive,
  secureOptions,
} from "./connections.ts";
import { destinationOf, isSocks, type ProxyServer, proxyFor } from "./proxies.ts";

// Subclasses may override this although the types omit it. Proxy packages have relied on it for ten years.
interface Addable {
  addRequest(request: ClientRequest, options: RequestOptions): void;
}
const AddableHttpAgent = NodeHttpAgent as unknown as new (options: AgentOptions) => NodeHttpAgent & Addable;

/** Connects directly, or requests the absolute URL from the proxy, since proxies open tunnels to TLS ports only. */
export class HttpAgent extends AddableHttpAgent {
  readonly #settings: ConnectionSettings;

  constructor(settings: ConnectionSettings) {
    super(keepAlive);
    this.#settings = settings;
  }

  override addRequest(request: ClientRequest, options: RequestOptions): void {
    const host = options.host ?? "localhost";
    const port = Number(options.port ?? 80);
    const proxy = proxyFor(this.#settings.proxies, { scheme: "http", host, port });
    if (!proxy) {
      super.addRequest(request, options);
      return;
    }
    if (isSocks(proxy)) {
      const toSocks: ForwardOptions = { ...options, socks: proxy };
      super.addRequest(request, toSocks);
      return;
    }
    request.path = `http://${port === 80 ? bracketed(host) : authority(host, port)}${request.path}`;
    if (proxy.authorization) request.setHeader("proxy-authorization", proxy.authorization);
    const through = destinationOf(proxy.url);
    const tlsToProxy = through.scheme === "https";
    const forward: ForwardOptions = { ...options, host: through.host, port: through.port, tlsToProxy };
    super.addRequest(request, forward);
  }

  override createConnection(options: ForwardOptions, callback?: Connected): Duplex | null | undefined {
    const opening = this.#open(options);
    return opening ? handOver(opening, callback) : super.createConnection(options, callback);
  }

  /** Undefined for a connection that Node opens itself. */
  #open({ socks, tlsToProxy, host, port }: ForwardOptions): Promise<Duplex> | undefined {
    if (socks) {
      return import("./socks-tunnel.ts").then(({ openSocksTunnel }) =>
        openSocksTunnel(socks, host ?? "localhost", Number(port ?? 80), this.#settings.connectTimeoutMs),
      );
    }
    if (!tlsToProxy) return undefined;
    const proxy = host ?? "";
    return import("node:tls").then(({ connect }) =>
      connect({ host: proxy, port: Number(port), ...secureOptions(proxy, this.#settings.trust) }),
    );
  }
}

interface ForwardOptions extends RequestOptions {
  readonly tlsToProxy?: boolean;
  readonly socks?: ProxyServer;
}
