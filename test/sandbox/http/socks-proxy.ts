import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface SocksProxy {
  readonly port: number;
  /** The requested target, such as `CONNECT sts.amazonaws.com:443`, with the user name if there is one. */
  readonly seen: string[];
  close(): void;
}

export interface SocksOptions {
  /** The loopback port to connect to instead of a host. Undefined refuses the host. */
  readonly portFor: (host: string, port: number) => number | undefined;
  /** `user:password` that clients must send (RFC 1929). */
  readonly credentials?: string;
}

/** A SOCKS5 proxy on loopback (RFC 1928) that supports CONNECT by name, IPv4 or IPv6. */
export async function serveSocks({ portFor, credentials }: SocksOptions): Promise<SocksProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    converse(client).catch(() => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  async function converse(client: Socket): Promise<void> {
    const read = reader(client);
    const [, methodCount = 0] = await read(2);
    const methods = await read(methodCount);
    const method = credentials === undefined ? 0 : 2;
    if (!methods.includes(method)) return void client.end(Buffer.from([5, 0xff]));
    client.write(Buffer.from([5, method]));
    let user = "";
    if (credentials !== undefined) {
      const [, length = 0] = await read(2);
      user = (await read(length)).toString();
      const password = (await read((await read(1))[0] ?? 0)).toString();
      const isRight = `${user}:${password}` === credentials;
      client.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return void client.end();
    }
    const [, , , kind] = await read(4);
    const host =
      kind === 3
        ? (await read((await read(1))[0] ?? 0)).toString()
        : kind === 1
          ? [...(await read(4))].join(".")
          : `ipv6:${(await read(16)).toString("hex")}`;
    const port = (await read(2)).readUInt16BE();
    seen.push(`CONNECT ${host}:${port}${user && ` as ${user}`}`);
    const target = portFor(host, port);
    if (target === undefined) return void client.end(Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
    const onward = connect(target, "127.0.0.1", () => {
      client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      read.release();
      onward.pipe(client).pipe(onward);
    });
    sockets.add(onward);
    onward.on("error", () => client.destroy());
  }

  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads exactly this many bytes. After `release`, the remaining bytes go to the next listener. */
function reader(socket: Socket): ((size: number) => Promise<Buffer>) & { release(): void } {
  let buffered = Buffer.alloc(0);
  let wake = () => {};
  const onData = (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake();
  };
  socket.on("data", onData);
  const read = async (size: number) => {
    while (buffered.length < size) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        socket.once("close", () => reject(new Error("closed")));
      });
    }
    const taken = buffered.subarray(0, size);
    buffered = buffered.subarray(size);
    return taken;
  };
  return Object.assign(read, {
    release() {
      socket.off("data", onData);
      if (buffered.length > 0) socket.unshift(buffered);
    },
  });
}
