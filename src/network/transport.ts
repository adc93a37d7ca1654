import type { Agent } from "node:http";
import { BoundedMap } from "../platform/bounded-map.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { findCaBundle } from "./ca-bundle.ts";
import type { Trust } from "./connections.ts";
import { type Proxies, proxyFor, readProxies } from "./proxies.ts";

/** How requests travel: kept connections, proxies, certificates, patience. Shared: never destroy its agent. */
export interface Transport {
  /** It decides by request whether a proxy lies on the way. */
  readonly agent: Agent;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

// For a person who waits at a prompt. botocore has 60 s for each, with five attempts: minutes of silence behind a
// firewall that drops packets. Ten seconds are three losses of TCP's first packet (1 + 2 + 4 s) and the way; STS answers
// in well under a second, so thirty leave it room for a bad day.
const connectionTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

// A process sees a handful of combinations. The bound is for one that keeps changing its environment; what falls out
// lives on while it is in use.
const maximumTransports = 32;
const transports = new BoundedMap<string, Transport>(maximumTransports);

/**
 * The transport for a hop; the same object, with its open connections, whenever the same applies.
 * @param url where requests go: its scheme decides what is loaded for them
 * @param settings of the profile that makes the call
 * @throws RoleError `ProxyInvalid`, `CaBundleInvalid`
 */
export async function transport(
  url: Pick<URL, "protocol" | "hostname" | "port">,
  settings: Settings,
  context: Context,
): Promise<Transport> {
  const { environment } = context;
  const { protocol } = url;
  const proxies = readProxies(environment, context.systemProxy);
  const proxy = proxyOf(url, proxies);
  const caBundle = findCaBundle({ settings, environment }, context);
  const systemFirst = environment.NODE_USE_SYSTEM_CA === "1";

  // Holds a proxy's password, so it stays in here.
  const key = JSON.stringify([protocol, proxies, caBundle, systemFirst, proxy?.url.protocol]);
  const known = transports.get(key);
  if (known) return known;

  const AgentOfScheme: new (proxies: Proxies, trust: Trust, connectTimeoutMs: number) => Agent =
    protocol === "https:" ? (await import("./https-agent.ts")).HttpsAgent : (await import("./http-agent.ts")).HttpAgent;
  const trust =
    protocol === "https:" || proxy?.url.protocol === "https:"
      ? (await import("./trust.ts")).trustOf(caBundle, { systemFirst })
      : nodesOwnTrust;
  // Somebody else may have come first meanwhile.
  const arrived = transports.get(key);
  if (arrived) return arrived;

  const made: Transport = {
    agent: new AgentOfScheme(proxies, trust, connectionTimeoutMs),
    connectionTimeoutMs,
    requestTimeoutMs,
  };
  transports.set(key, made);
  if (proxy) context.say(`Requests to ${url.hostname} go through the proxy ${proxy.url.host}.`);
  if (caBundle) context.say(`Certificates are checked against ${caBundle.path} (${caBundle.from}).`);
  return made;
}

/** For connections without TLS, which need not load it. */
const nodesOwnTrust: Trust = { context: () => undefined, addSystem: () => false };

/** The proxy that a request would use; one that is wrong is told before anything is sent. */
function proxyOf({ protocol, hostname, port }: Pick<URL, "protocol" | "hostname" | "port">, proxies: Proxies) {
  const scheme = protocol === "https:" ? "https" : "http";
  const host = hostname.replace(/^\[|\]$/g, "");
  return proxyFor(proxies, scheme, host, Number(port) || (scheme === "https" ? 443 : 80));
}
