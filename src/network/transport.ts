import type { Agent } from "node:http";
import { BoundedMap } from "../platform/bounded-map.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { findCaBundle } from "./ca-bundle.ts";
import type { ConnectionSettings, Trust } from "./connections.ts";
import { destinationOf, findProxies, proxyFor } from "./proxies.ts";

/** How requests are sent: keep-alive connections, proxies, certificates, timeouts. Shared, so never destroy the agent. */
export interface Transport {
  /** Selects the proxy for each request. */
  readonly agent: Agent;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

// Sized for a person waiting at a prompt. botocore's 60 s each with five attempts can take minutes behind a firewall that
// drops packets. Ten seconds to connect allow three lost SYN packets (1 + 2 + 4 s). STS answers in well under a second, so
// thirty seconds per request leave ample room.
const connectionTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

// A process uses only a few combinations. The bound is for a process that keeps changing its environment; an evicted
// transport stays alive while in use.
const maximumTransports = 32;
const transports = new BoundedMap<string, Transport>(maximumTransports);

/**
 * Returns the transport for a hop. Hops with the same configuration share one, with its open connections.
 * @param url the target of the requests; its scheme decides which modules are loaded
 * @param settings the settings of the profile that makes the call
 * @throws RoleError `ProxyInvalid`, `CaBundleInvalid`
 */
export async function transport(
  url: Pick<URL, "protocol" | "hostname" | "port">,
  settings: Settings,
  context: Context,
): Promise<Transport> {
  const { environment } = context;
  const { protocol } = url;
  const proxies = await findProxies(url, context);
  // Validates it before anything is sent.
  const proxy = proxyFor(proxies, destinationOf(url));
  const caBundle = findCaBundle({ settings, environment }, context);
  const systemFirst = environment.NODE_USE_SYSTEM_CA === "1";

  // Contains a proxy's password, so never log it.
  const key = JSON.stringify([protocol, proxies, caBundle, systemFirst, proxy?.url.protocol]);
  const known = transports.get(key);
  if (known) return known;

  const AgentOfScheme: new (settings: ConnectionSettings) => Agent =
    protocol === "https:" ? (await import("./https-agent.ts")).HttpsAgent : (await import("./http-agent.ts")).HttpAgent;
  const trust =
    protocol === "https:" || proxy?.url.protocol === "https:"
      ? (await import("./trust.ts")).trustOf(caBundle, { systemFirst })
      : nodesOwnTrust;
  // Another call may have created it during the imports.
  const arrived = transports.get(key);
  if (arrived) return arrived;

  const made: Transport = {
    agent: new AgentOfScheme({ proxies, trust, connectTimeoutMs: connectionTimeoutMs }),
    connectionTimeoutMs,
    requestTimeoutMs,
  };
  transports.set(key, made);
  if (proxy) context.say(`Requests to ${url.hostname} go through the proxy ${proxy.url.host}.`);
  if (caBundle) context.say(`Certificates are checked against ${caBundle.path} (${caBundle.from}).`);
  return made;
}

/** For connections without TLS, to avoid loading it. */
const nodesOwnTrust: Trust = { context: () => undefined, addSystem: () => false };
