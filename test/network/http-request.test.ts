import { describe, expect, it } from "vitest";
import { type HttpRequest, httpRequest } from "../../src/network/http-request.ts";
import { closedPort, serve, serveRaw } from "../credentials/fixtures.ts";

const get = (url: string, more: Partial<HttpRequest> = {}) =>
  httpRequest({ method: "GET", url: new URL(url), timeoutMs: 5000, ...more });

describe(httpRequest, () => {
  it("sends the method, path, headers and body, and returns the response", async () => {
    const { url } = await serve(({ method, path, headers, body }) => ({
      status: 201,
      headers: { "x-answer": "yes" },
      body: `${method} ${path} ${headers["x-asked"]} ${body}`,
    }));
    const answer = await get(`${url}/a/b?c=d%20e`, { method: "PUT", headers: { "x-asked": "q" }, body: "grüß" });
    expect(answer).toMatchObject({ status: 201, body: "PUT /a/b?c=d%20e q grüß" });
    expect(answer.headers["x-answer"]).toBe("yes");
  });

  it("joins a character split across two chunks", async () => {
    const euro = Buffer.from("€");
    const { url } = await serve((_, response) => {
      response.write(euro.subarray(0, 1));
      setTimeout(() => response.end(euro.subarray(1)), 20);
      return undefined;
    });
    expect((await get(url)).body).toBe("€");
  });

  it("returns redirects and server errors instead of acting on them", async () => {
    const { url, received } = await serve(({ path }) => ({
      status: path === "/moved" ? 302 : 500,
      headers: { location: "/elsewhere" },
    }));
    expect((await get(`${url}/moved`)).status).toBe(302);
    expect((await get(url)).status).toBe(500);
    expect(received).toHaveLength(2);
  });

  it("times out when the server sends nothing", async () => {
    const { url } = await serve(() => undefined);
    await expect(get(url, { timeoutMs: 50 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });

  it("times out when bytes keep trickling in", async () => {
    const { url } = await serve((_, response) => {
      const drip = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(drip));
      return undefined;
    });
    const start = Date.now();
    await expect(get(url, { timeoutMs: 200 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(Date.now() - start).toBeLessThan(20_000);
  });

  it("stops reading a body past its limit", async () => {
    let sent = 0;
    const { url } = await serve((_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const pump = () => {
        while (!response.destroyed && sent < 1024 ** 3) {
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on("drain", pump);
      pump();
      return undefined;
    });
    await expect(get(url, { maxBytes: 100_000 })).rejects.toMatchObject({ code: "ERR_BODY_TOO_LARGE" });
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  it("accepts a body of exactly the limit", async () => {
    const { url } = await serve(() => ({ body: "x".repeat(1000) }));
    expect((await get(url, { maxBytes: 1000 })).body).toHaveLength(1000);
    await expect(get(url, { maxBytes: 999 })).rejects.toMatchObject({ code: "ERR_BODY_TOO_LARGE" });
  });

  it.each(["before", "while waiting", "while reading"])("is canceled %s", async (moment) => {
    const abort = new AbortController();
    const { url } = await serve((_, response) => {
      if (moment === "while reading") response.write("x");
      setTimeout(() => abort.abort(), 30);
      return undefined;
    });
    if (moment === "before") abort.abort();
    await expect(get(url, { signal: abort.signal })).rejects.toMatchObject({ code: "ABORT_ERR" });
  });

  it("rejects with Node's code when the connection is refused", async () => {
    await expect(get(`http://127.0.0.1:${await closedPort()}`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it.each([
    ["a connection that closes without a response", ""],
    ["a truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"],
    ["a truncated chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"],
    ["garbage", "\u0000\u0001 this is not HTTP\r\n\r\n"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X-Fill: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(5000)}\r\n`],
    ["a protocol switch", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
  ])("rejects with a code for %s", async (_name, answer) => {
    const { url } = await serveRaw((socket) => socket.once("data", () => socket.end(answer)));
    await expect(get(url)).rejects.toMatchObject({ code: expect.any(String) });
  });

  it.each([
    ["a line break in a header", { headers: { a: "b\r\nc: d" } }, "ERR_INVALID_CHAR"],
    ["a protocol other than HTTP", { url: new URL("ftp://127.0.0.1/") }, "ERR_INVALID_PROTOCOL"],
  ])("refuses %s", async (_name, more, code) => {
    const { url } = await serve(() => ({}));
    await expect(get(url, more)).rejects.toMatchObject({ code });
  });
});
