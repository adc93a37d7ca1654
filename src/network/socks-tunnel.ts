/**
 * Connections through a SOCKS proxy. The build puts this file in a separate bundle, loaded when a request first uses such a proxy.
 *
 * It uses `socks` directly, because socks-proxy-agent prints the proxy's password when `DEBUG` is set.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { SocksClient } from "socks";
import type { ProxyServer } from "./proxies.ts";

/**
 * Connects to a host through the proxy. As in curl, the proxy resolves the host name for `socks5h` and `socks4a`.
 * Rejects with an error that has one of Node's codes and contains neither user name nor password.
 */
export async function openSocksTunnel(
  { url, login }: ProxyServer,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<Duplex> {
  const version = url.protocol.startsWith("socks4") ? 4 : 5;
  const looksUpHere = (url.protocol === "socks4:" || url.protocol === "socks5:") && isIP(host) === 0;
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: {
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port) || 1080,
        type: version,
        ...(login && { userId: login.userName, password: login.password }),
      },
      destination: { host: looksUpHere ? await addressOf(host, version) : host, port },
      command: "connect",
      timeout: timeoutMs,
    });
    // The TLS socket on top reports errors; this listener only keeps an error on the raw socket from ending the process.
    socket.on("error", () => {});
    return socket;
  } catch (error) {
    // Don't attach the original error: `socks` keeps the password in its options.
    const { message = "", code } = error as NodeJS.ErrnoException;
    const known = code ?? /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? (/timed out/.test(message) ? "ETIMEDOUT" : undefined);
    throw Object.assign(new Error(`The SOCKS proxy ${url.host} opened no connection to ${host}:${port}.`), {
      code: known ?? "ERR_PROXY_TUNNEL",
    });
  }
}

async function addressOf(host: string, version: 4 | 5): Promise<string> {
  const { address } = await lookup(host, version === 4 ? { family: 4 } : {});
  return address;
}
