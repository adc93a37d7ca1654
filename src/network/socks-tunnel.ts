/**
 * A connection through a SOCKS proxy. The build makes a bundle of its own of it, which is loaded when a request meets such a proxy.
 *
 * It uses `socks`, the client below socks-proxy-agent, because that agent prints the proxy's password when `DEBUG` is set.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { SocksClient } from "socks";
import type { ProxyServer } from "./proxies.ts";

/**
 * Opens a connection to a host beyond the proxy. As with curl, `socks5h` and `socks4a` let the proxy look up the host's name.
 * Rejects with an error that has a code of Node's and holds neither user name nor password.
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
    // The TLS socket on top reports what happens; this listener keeps an error below it from ending the process.
    socket.on("error", () => {});
    return socket;
  } catch (error) {
    // Not the error itself: that of `socks` carries the password in its options.
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
