/**
 * What the agents for http and https have in common.
 *
 * Written here, on what Node has, because none of the common packages fits: https-proxy-agent prints a proxy's password
 * when `DEBUG` is set, and hpagent tunnels plain http too, which proxies refuse, and its errors carry no code.
 */
import type { AgentOptions } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import type { ProxyServer } from "./proxies.ts";

/** Whom to trust in TLS, decided at the first connection and not before. */
export interface Trust {
  /** Undefined for the authorities that Node brings. */
  context(): SecureContext | undefined;
  /**
   * Trusts the authorities of the operating system too, after a server was not trusted; false where that changes nothing.
   */
  addSystem(): boolean;
}

export type Connected = (error: Error | null, stream: Duplex) => void;

export const tlsOptions = {
  minVersion: "TLSv1.2",
  // Said aloud because NODE_TLS_REJECT_UNAUTHORIZED would change the default.
  rejectUnauthorized: true,
} as const;

export const keepAlive: AgentOptions = {
  keepAlive: true,
  // Node allows each address of a host a quarter of a second, which a far or busy network misses.
  ...{ autoSelectFamilyAttemptTimeout: 1000 },
};

export function hostAndPort({ url }: ProxyServer): { host: string; port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

export function secureOptions(host: string, trust: Trust) {
  const secureContext = trust.context();
  // TLS names no server by its address.
  return { ...tlsOptions, ...(isIP(host) ? {} : { servername: host }), ...(secureContext && { secureContext }) };
}

export function authority(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
