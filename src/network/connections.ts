/**
 * Shared code of the http and https agents.
 *
 * Written on Node's own modules because none of the common packages fits: https-proxy-agent prints a proxy's password when
 * `DEBUG` is set; hpagent also tunnels plain http, which proxies reject, and its errors have no code.
 */
import type { AgentOptions } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import type { Proxies } from "./proxies.ts";

/** TLS trust, resolved at the first connection. */
export interface Trust {
  /** Undefined means Node's built-in authorities. */
  context(): SecureContext | undefined;
  /**
   * Also trusts the operating system's authorities, after a server was not trusted. Returns false if that changes nothing.
   */
  addSystem(): boolean;
}

/** What both agents need to connect. */
export interface ConnectionSettings {
  readonly proxies: Proxies;
  readonly trust: Trust;
  readonly connectTimeoutMs: number;
}

export type Connected = (error: Error | null, stream: Duplex) => void;

/** Hands a connection that opens later to Node's callback. */
export function handOver(opening: Promise<Duplex>, callback: Connected | undefined): undefined {
  opening.then(
    (socket) => callback?.(null, socket),
    (error: Error) => callback?.(error, undefined as never),
  );
}

export const tlsOptions = {
  minVersion: "TLSv1.2",
  // Set explicitly, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
  rejectUnauthorized: true,
} as const;

export const keepAlive: AgentOptions = {
  keepAlive: true,
  // Node allows 250 ms per address of a host, which is too short on distant or busy networks.
  ...{ autoSelectFamilyAttemptTimeout: 1000 },
};

export function secureOptions(host: string, trust: Trust) {
  const secureContext = trust.context();
  // SNI does not allow IP addresses (RFC 6066).
  return { ...tlsOptions, ...(isIP(host) ? {} : { servername: host }), ...(secureContext && { secureContext }) };
}

export function authority(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
