import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpRequest, httpRequest } from "../../src/network/http-request.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function serveRaw(talk: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => talk(socket));
  }).listen(0, "127.0.0.1");
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const get = (url: URL, more: Partial<HttpRequest> = {}) =>
  httpRequest({ method: "GET", url, timeoutMs: 5000, ...more });

describe(httpRequest, () => {
  it("sends the method, path, headers and body, and returns the response", async () => {
    const url = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        response.setHeader("x-answer", "yes");
        response.statusCode = 201;
        response.end(`${request.method} ${request.url} ${request.headers["x-asked"]} ${body}`);
      });
    });
    const answer = await httpRequest({
      method: "PUT",
      url: new URL("/a/b?c=d%20e", url),
      headers: { "x-asked": "q" },
      body: "grüß",
      timeoutMs: 5000,
    });
    expect(answer).toMatchObject({ status: 201, body: "PUT /a/b?c=d%20e q grüß" });
    expect(answer.headers["x-answer"]).toBe("yes");
  });

  it("joins a character split across two chunks", async () => {
    const euro = Buffer.from("€");
    const url = await serve((_request, response) => {
      response.write(euro.subarray(0, 1));
      setTimeout(() => response.end(euro.subarray(1)), 20);
    });
    expect((await get(url)).body).toBe("€");
  });

  it("returns redirects and server errors instead of acting on them", async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests++;
      response.writeHead(request.url === "/moved" ? 302 : 500, { location: "/elsewhere" }).end("x");
    });
    expect((await get(new URL("/moved", url))).status).toBe(302);
    expect((await get(url)).status).toBe(500);
    expect(requests).toBe(2);
  });

  it("times out when the server sends nothing", async () => {
    const url = await serve(() => {});
    await expect(get(url, { timeoutMs: 50 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });

  it("times out when bytes keep trickling in", async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(drip));
    });
    const start = Date.now();
    await expect(get(url, { timeoutMs: 200 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(Date.now() - start).toBeLessThan(20_000);
  });

  it("stops reading a body past its limit", async () => {
    let sent = 0;
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const pump = () => {
        while (!response.destroyed && sent < 1024 ** 3) {
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on("drain", pump);
      pump();
    });
    await expect(get(url, { maxBytes: 100_000 })).rejects.toMatchObject({ code: "ERR_BODY_TOO_LARGE" });
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  it("accepts a body of exactly the limit", async () => {
    const url = await serve((_request, response) => response.end("x".repeat(1000)));
    expect((await get(url, { maxBytes: 1000 })).body).toHaveLength(1000);
    await expect(get(url, { maxBytes: 999 })).rejects.toMatchObject({ code: "ERR_BODY_TOO_LARGE" });
  });

  it.each(["before", "while waiting", "while reading"])("is cancelled %s", async (moment) => {
    const abort = new AbortController();
    const url = await serve((_request, response) => {
      if (moment === "while reading") response.write("x");
      setTimeout(() => abort.abort(), 30);
    });
    if (moment === "before") abort.abort();
    await expect(get(url, { signal: abort.signal })).rejects.toMatchObject({ code: "ABORT_ERR" });
  });

  it("rejects with Node's code when the connection is refused", async () => {
    const url = await serve(() => {});
    for (const close of closers.splice(0)) close();
    await expect(get(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it.each([
    ["a connection that closes without a response", ""],
    ["a truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"],
    ["a truncated chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"],
    ["garbage", "\u0000\u0001 this is not HTTP\r\n\r\n"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X-Fill: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(5000)}\r\n`],
    ["a protocol switch", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
  ])("rejects with a code for %s", async (_name, answer) => {
    const url = await serveRaw((socket) => socket.end(answer));
    await expect(get(url)).rejects.toMatchObject({ code: expect.any(String) });
  });

  it.each([
    ["a line break in a header", { headers: { a: "b\r\nc: d" } }, "ERR_INVALID_CHAR"],
    ["a protocol other than HTTP", { url: new URL("ftp://127.0.0.1/") }, "ERR_INVALID_PROTOCOL"],
  ])("refuses %s", async (_name, more, code) => {
    const url = await serve((_request, response) => response.end());
    await expect(get(url, more)).rejects.toMatchObject({ code });
  });
});
