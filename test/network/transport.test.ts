import { copyFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import type { TlsOptions } from "node:tls";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { isTlsFailure } from "../../src/assume-role/sts/client-error.ts";
import { httpRequest } from "../../src/network/http-request.ts";
import { HttpsAgent } from "../../src/network/https-agent.ts";
import { readProxies } from "../../src/network/proxies.ts";
import { transport } from "../../src/network/transport.ts";
import { trustOf } from "../../src/network/trust.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { contextOf as anyContextOf, closedPort, serveRaw, temporaryDirectory } from "../credentials/fixtures.ts";
import { createClock } from "../sandbox/clock.ts";
import { type ProxyOptions, serveProxy as serveAnyProxy } from "../sandbox/http/proxy.ts";
import type { Call } from "../sandbox/http/recorder.ts";
import { listen } from "../sandbox/http/server.ts";
import { serveSocks } from "../sandbox/http/socks-proxy.ts";
import { createServerTls } from "../sandbox/tls/server-tls.ts";

/** Certificates for any host, and those of another authority. */
const [tls, foreign] = [createServerTls("good"), createServerTls("good")];
afterAll(() => {
  for (const { remove } of [tls, foreign]) remove();
});
const { caFile } = tls;
/** Only for loopback. */
const certificate = { cert: tls.options.cert, key: tls.options.key } as { cert: string; key: string };

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
});

const contextOf = (environment: Environment) => anyContextOf(environment, { workingDirectory: directory });

/** Sends one request over the transport for these settings. */
async function send(url: string, environment: Environment, settings: Settings = {}) {
  const { agent } = await transport(new URL(url), settings, contextOf(environment));
  const response = await httpRequest({ method: "GET", url: new URL(url), agent, timeoutMs: 5000 });
  return response.body;
}

/** Responds with the request line, host and proxy credentials that it received, and counts its connections. */
async function serve(secure: boolean, options: TlsOptions = tls.options) {
  const listener = ({ method, url, headers }: IncomingMessage, response: { end(body: string): void }) =>
    response.end([method, url, headers.host, headers["proxy-authorization"] ?? "-"].join(" "));
  const server = secure ? createTlsServer(options, listener) : createServer(listener);
  let connections = 0;
  server.on("connection", () => connections++);
  return { port: await portOf(server), connections: () => connections };
}

async function portOf(server: Server | TlsServer): Promise<number> {
  const running = await listen(server, "http", 0);
  onTestFinished(() => running.close());
  return running.port;
}

/** A proxy that sends every tunnel and request to one port, whatever host the client names. */
async function serveProxy(port: number, options: Partial<Pick<ProxyOptions, "tls" | "credentials">> = {}) {
  const calls: Call[] = [];
  const proxy = await serveAnyProxy({ calls, clock: createClock(), portFor: () => port, ...options });
  onTestFinished(() => proxy.close());
  return { ...proxy, seen: () => calls.map(({ method, path }) => `${method} ${path}`) };
}

const https = new URL("https://sts.test");

describe(transport, () => {
  it("returns the same object for the same settings, to any caller", async () => {
    const plain = await transport(https, {}, contextOf({}));
    expect(await transport(https, { region: "eu-west-1" }, contextOf({ PATH: "/" }))).toBe(plain);
    const [one, other] = await Promise.all(
      [1, 2].map(() => transport(https, {}, contextOf({ HTTPS_PROXY: "http://one:1" }))),
    );
    expect(one).toBe(other);

    const others = await Promise.all([
      transport(https, {}, contextOf({ HTTPS_PROXY: "http://p:1" })),
      transport(https, {}, contextOf({ HTTPS_PROXY: "http://p:2" })),
      transport(https, {}, contextOf({ HTTPS_PROXY: "http://a:b@p:1" })),
      transport(https, {}, contextOf({ HTTPS_PROXY: "http://p:1", NO_PROXY: "x" })),
      transport(https, { caBundle: caFile }, contextOf({})),
      transport(https, {}, contextOf({ NODE_EXTRA_CA_CERTS: caFile })),
      transport(https, {}, contextOf({ NODE_USE_SYSTEM_CA: "1" })),
      transport(new URL("http://sts.test"), {}, contextOf({})),
    ]);
    expect(new Set([plain, ...others]).size).toBe(1 + others.length);
  });

  it("returns a new object when the certificate file changes", async () => {
    const file = join(directory, "ca.pem");
    copyFileSync(caFile, file);
    const before = await transport(https, { caBundle: file }, contextOf({}));
    expect(await transport(https, { caBundle: file }, contextOf({}))).toBe(before);
    utimesSync(file, 1, 1);
    expect(await transport(https, { caBundle: file }, contextOf({}))).not.toBe(before);
  });

  it("limits how many transports it keeps", async () => {
    const first = await transport(https, {}, contextOf({ HTTPS_PROXY: "http://first:1" }));
    for (let port = 1; port <= 40; port++) await transport(https, {}, contextOf({ HTTPS_PROXY: `http://p:${port}` }));
    expect(await transport(https, {}, contextOf({ HTTPS_PROXY: "http://first:1" }))).not.toBe(first);
  });

  it("logs the proxy and certificates without the password", async () => {
    const context = contextOf({ HTTPS_PROXY: "http://me:hunter2@proxy.test:3128" });
    await transport(https, { caBundle: caFile }, context);
    const said = context.said.join("\n");
    expect(said).toContain("proxy.test:3128");
    expect(said).toContain(caFile);
    expect(said).not.toContain("hunter2");
  });

  it("keeps connections alive over http and https", async () => {
    for (const secure of [false, true]) {
      const { port, connections } = await serve(secure);
      const url = `http${secure ? "s" : ""}://localhost:${port}/`;
      for (let count = 0; count < 3; count++) await send(url, { AWS_CA_BUNDLE: caFile });
      expect(connections()).toBe(1);
    }
  });

  it("works with the SDK's request handler", async () => {
    const plain = await serve(false);
    const secure = await serve(true);
    for (const [protocol, { port, connections }] of [
      ["http:", plain],
      ["https:", secure],
    ] as const) {
      const way = await transport(new URL(`${protocol}//localhost:${port}`), { caBundle: caFile }, contextOf({}));
      const handler = new NodeHttpHandler({
        httpAgent: way.agent,
        httpsAgent: way.agent as HttpsAgent,
        connectionTimeout: way.connectionTimeoutMs,
        requestTimeout: way.requestTimeoutMs,
        throwOnRequestTimeout: true,
      });
      for (let count = 0; count < 2; count++) {
        const request = { protocol, hostname: "localhost", port, method: "POST", path: "/", headers: {}, query: {} };
        const { response } = await handler.handle(request as Parameters<typeof handler.handle>[0]);
        expect(response.statusCode).toBe(200);
        for await (const _ of response.body) void _;
      }
      expect(connections()).toBe(1);
    }
  });
});

describe("certificates", () => {
  it.each([
    ["AWS_CA_BUNDLE", { AWS_CA_BUNDLE: caFile }, {}],
    ["ca_bundle", {}, { caBundle: caFile }],
    ["a ca_bundle in the home directory", { HOME: dirname(caFile) }, { caBundle: `~/${basename(caFile)}` }],
    ["AWS_CA_BUNDLE before ca_bundle", { AWS_CA_BUNDLE: caFile }, { caBundle: "nowhere" }],
    ["ca_bundle before NODE_EXTRA_CA_CERTS", { NODE_EXTRA_CA_CERTS: "nowhere" }, { caBundle: caFile }],
    ["NODE_EXTRA_CA_CERTS", { NODE_EXTRA_CA_CERTS: caFile }, {}],
    ["REQUESTS_CA_BUNDLE", { REQUESTS_CA_BUNDLE: caFile }, {}],
    ["AWS_CA_BUNDLE before REQUESTS_CA_BUNDLE", { AWS_CA_BUNDLE: caFile, REQUESTS_CA_BUNDLE: "nowhere" }, {}],
    ["ca_bundle before REQUESTS_CA_BUNDLE", { REQUESTS_CA_BUNDLE: "nowhere" }, { caBundle: caFile }],
    [
      "NODE_EXTRA_CA_CERTS before REQUESTS_CA_BUNDLE",
      { NODE_EXTRA_CA_CERTS: caFile, REQUESTS_CA_BUNDLE: "nowhere" },
      {},
    ],
    ["REQUESTS_CA_BUNDLE before SSL_CERT_FILE", { REQUESTS_CA_BUNDLE: caFile, SSL_CERT_FILE: foreign.caFile }, {}],
    ["SSL_CERT_FILE", { SSL_CERT_FILE: caFile }, {}],
  ])("are trusted by %s", async (_name, environment, settings) => {
    const { port } = await serve(true);
    expect(await send(`https://localhost:${port}/`, environment, settings)).toMatch(/^GET/);
  });

  it("are found relative to the caller's directory", async () => {
    const { port } = await serve(true);
    copyFileSync(caFile, join(directory, "mine.pem"));
    expect(await send(`https://localhost:${port}/`, { AWS_CA_BUNDLE: "mine.pem" })).toMatch(/^GET/);
  });

  it("are read from a bundle with other text, CRLF and several certificates", async () => {
    const { port } = await serve(true);
    const pem = readFileSync(caFile, "utf8");
    const file = join(directory, "many.pem");
    const other = readFileSync(foreign.caFile, "utf8");
    writeFileSync(file, `\ufeff# ours\r\n${other}\nsubject=x\n${pem}`.replaceAll("\n", "\r\n"));
    expect(await send(`https://localhost:${port}/`, { AWS_CA_BUNDLE: file })).toMatch(/^GET/);
  });

  it.each([
    ["default settings, even with NODE_TLS_REJECT_UNAUTHORIZED=0", {}],
    ["a REQUESTS_CA_BUNDLE for another authority", { REQUESTS_CA_BUNDLE: foreign.caFile }],
    ["a bundle for another authority", { AWS_CA_BUNDLE: foreign.caFile }],
    ["a bundle that overrides the extra certificates", { AWS_CA_BUNDLE: foreign.caFile, NODE_EXTRA_CA_CERTS: caFile }],
    ["an SSL_CERT_FILE that does not exist", { SSL_CERT_FILE: "gone.pem" }],
  ])("are not trusted by %s", async (_name, environment) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const { port } = await serve(true);
    const sent = send(`https://localhost:${port}/`, environment);
    await expect(sent).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/),
    });
  });

  it("are not trusted by a request without an agent", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const { port } = await serve(true);
    const sent = httpRequest({ method: "GET", url: new URL(`https://localhost:${port}/`), timeoutMs: 5000 });
    await expect(sent).rejects.toMatchObject({ code: expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED)/) });
  });

  const certificates = readFileSync(caFile, "utf8");
  it("are trusted by the operating system's authorities, which are read only after a server is not trusted", async () => {
    const { port, connections } = await serve(true);
    let reads = 0;
    const systemAuthorities = () => {
      reads++;
      return [certificates];
    };
    const agent = new HttpsAgent({
      proxies: readProxies({}),
      trust: trustOf(undefined, { systemAuthorities }),
      connectTimeoutMs: 5000,
    });
    expect(reads).toBe(0);
    const get = () =>
      httpRequest({ method: "GET", url: new URL(`https://localhost:${port}/`), agent, timeoutMs: 5000 });
    expect((await Promise.all([get(), get(), get()])).map(({ status }) => status)).toEqual([200, 200, 200]);
    const before = connections();
    agent.destroy();
    expect((await get()).status).toBe(200);
    expect(connections()).toBe(before + 1);
  });

  it("from the operating system are ignored when a bundle replaces the authorities", async () => {
    const { port } = await serve(true);
    const bundle = { path: foreign.caFile, from: "AWS_CA_BUNDLE", additional: false, version: "1" };
    const trust = trustOf(bundle, { systemAuthorities: () => [certificates] });
    const agent = new HttpsAgent({ proxies: readProxies({}), trust, connectTimeoutMs: 5000 });
    const sent = httpRequest({ method: "GET", url: new URL(`https://localhost:${port}/`), agent, timeoutMs: 5000 });
    await expect(sent).rejects.toMatchObject({ code: expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED)/) });
  });

  it("with a 1,024-bit RSA key are refused even when their authority is trusted", async () => {
    const weak = createServerTls("weakKey");
    onTestFinished(weak.remove);
    const url = `https://localhost:${(await serve(true, weak.options)).port}/`;
    const error = (await send(url, { AWS_CA_BUNDLE: weak.caFile }).catch((thrown) => thrown)) as NodeJS.ErrnoException;
    expect(error).toBeInstanceOf(Error);
    expect(isTlsFailure(error.code ?? "")).toBe(true);
    expect(error.message).toMatch(/key too (small|weak)/i);
  });

  it("must match the requested host", async () => {
    const { port } = await serve(true, certificate);
    const proxy = await serveProxy(port);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const environment = { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: caFile };
    await expect(send("https://sts.evil.test/", environment)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("are verified over TLS 1.2 or later", async () => {
    const { agent } = await transport(https, {}, contextOf({}));
    expect((agent as HttpsAgent).options).toMatchObject({ minVersion: "TLSv1.2", rejectUnauthorized: true });
  });

  const pem = readFileSync(caFile, "utf8");
  it.each([
    ["a missing file", undefined],
    ["an empty file", ""],
    ["a file that is not PEM", "hello"],
    ["a private key", certificate.key],
    ["a broken certificate", pem.replace(/[A-Za-z0-9]{20}/, "!".repeat(20))],
    ["an invalid certificate after a valid one", pem + pem.replace(/MII/, "AAA")],
    ["a truncated certificate", pem + pem.slice(0, 200)],
    ["PEM in UTF-16, as Windows PowerShell writes it", Buffer.from(`\ufeff${pem}`, "utf16le")],
  ])("cause a clear error for %s", async (_name, content) => {
    const { port } = await serve(true);
    const file = join(directory, "bad.pem");
    if (content !== undefined) writeFileSync(file, content);
    await expect(send(`https://localhost:${port}/`, { AWS_CA_BUNDLE: file })).rejects.toMatchObject({
      code: "CaBundleInvalid",
      details: { target: file },
    });
  });

  it("cause a clear error for a directory, and for NODE_EXTRA_CA_CERTS too", async () => {
    await expect(transport(https, { caBundle: directory }, contextOf({}))).rejects.toMatchObject({
      code: "CaBundleInvalid",
    });
    await expect(transport(https, {}, contextOf({ NODE_EXTRA_CA_CERTS: "gone.pem" }))).rejects.toMatchObject({
      code: "CaBundleInvalid",
    });
  });
});

describe("SOCKS proxies", () => {
  async function socks(port: number, credentials?: string) {
    const portFor = (host: string) => (host === "refused.test" ? undefined : port);
    const proxy = await serveSocks({ portFor, ...(credentials !== undefined && { credentials }) });
    onTestFinished(proxy.close);
    return proxy;
  }

  it.each([false, true])("carry many requests over one connection (TLS: %s)", async (secure) => {
    const target = await serve(secure);
    const proxy = await socks(target.port, "me:p@ss");
    const environment = { ALL_PROXY: `socks5h://me:p%40ss@127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: caFile };
    const scheme = secure ? "https" : "http";
    for (let count = 0; count < 3; count++)
      expect(await send(`${scheme}://sts.example.test/a`, environment)).toBe("GET /a sts.example.test -");
    expect(proxy.seen).toEqual([`CONNECT sts.example.test:${secure ? 443 : 80} as me`]);
  });

  it("resolve the host name locally for socks5, and remotely for socks5h and socks", async () => {
    const target = await serve(false);
    const proxy = await socks(target.port);
    for (const scheme of ["socks5", "socks5h", "socks"])
      await send(`http://localhost:${target.port}/`, { HTTP_PROXY: `${scheme}://127.0.0.1:${proxy.port}` });
    const [first, ...others] = proxy.seen;
    expect(first).toMatch(/^CONNECT (127\.0\.0\.1|ipv6:0*1):/);
    expect(others).toEqual([`CONNECT localhost:${target.port}`, `CONNECT localhost:${target.port}`]);
  });

  it.each<[string, Environment]>([
    ["NO_PROXY", { NO_PROXY: "localhost" }],
    ["another proxy for the scheme", {}],
  ])("in ALL_PROXY are ignored when there is %s", async (_what, more) => {
    const target = await serve(false);
    const forward = await serveProxy(target.port);
    for (const all of ["socks5://127.0.0.1:1", "no proxy at all", "ftp://x"]) {
      const environment = { ALL_PROXY: all, HTTP_PROXY: forward.url, ...more };
      expect(await send(`http://localhost:${target.port}/`, environment)).toMatch(/^GET/);
    }
  });

  it("report a code and no password when they refuse or are unreachable", async () => {
    const proxy = await socks(1, "me:other");
    for (const [url, host, code] of [
      [`socks5h://me:hunter2@127.0.0.1:${proxy.port}`, "sts.example.test", "ERR_PROXY_TUNNEL"],
      [`socks5h://me:other@127.0.0.1:${proxy.port}`, "refused.test", "ERR_PROXY_TUNNEL"],
      ["socks5h://me:hunter2@127.0.0.1:1", "sts.example.test", "ECONNREFUSED"],
    ] as const) {
      for (const scheme of ["http", "https"]) {
        const error = await send(`${scheme}://${host}/`, { ALL_PROXY: url }).catch((thrown: Error) => thrown);
        expect(error).toMatchObject({ code });
        expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("hunter2");
      }
    }
  });
});

describe("the system's proxy", () => {
  it("carries requests when the environment sets no proxy", async () => {
    const target = await serve(true);
    const proxy = await serveProxy(target.port);
    const findSystemProxy = async () => proxy.url;
    const url = new URL("https://sts.example.test/");
    const context = { ...contextOf({ AWS_CA_BUNDLE: caFile }), findSystemProxy };
    const { agent } = await transport(url, {}, context);
    expect((await httpRequest({ method: "GET", url, agent, timeoutMs: 5000 })).status).toBe(200);
    expect(proxy.seen()).toHaveLength(1);
  });
});

describe("proxies", () => {
  const over = (secure: boolean) => (secure ? { tls: tls.options } : {});
  const withLogin = (url: string, login: string) => url.replace("//", `//${login}@`);

  it.each([false, true])("tunnel https, many requests per tunnel (TLS to the proxy: %s)", async (secure) => {
    const { port } = await serve(true);
    const proxy = await serveProxy(port, { ...over(secure), credentials: "me:p@ss" });
    const environment = { HTTPS_PROXY: withLogin(proxy.url, "me:p%40ss"), AWS_CA_BUNDLE: caFile };
    for (let count = 0; count < 3; count++) {
      // The name resolves nowhere, so only the proxy can connect to it. The server never receives the proxy's password.
      expect(await send("https://sts.example.test/a?b=c", environment)).toBe("GET /a?b=c sts.example.test -");
    }
    expect(proxy.seen()).toEqual(["CONNECT sts.example.test:443"]);
  });

  it.each([false, true])("receive the whole URL over http (TLS to the proxy: %s)", async (secure) => {
    const { port } = await serve(false);
    const proxy = await serveProxy(port, { ...over(secure), credentials: "me:p" });
    const environment = { HTTP_PROXY: withLogin(proxy.url, "me:p"), AWS_CA_BUNDLE: caFile };
    expect(await send("http://sts.example.test/a", environment)).toMatch(/^GET \/a sts\.example\.test /);
    expect(await send("http://sts.example.test:8080/a", environment)).toMatch(/^GET \/a sts\.example\.test:8080 /);
    expect(proxy.seen()).toEqual(["GET http://sts.example.test/a", "GET http://sts.example.test:8080/a"]);
  });

  it("are bypassed for hosts in no_proxy", async () => {
    for (const secure of [false, true]) {
      const { port } = await serve(secure);
      const proxy = await serveProxy(port);
      const { url } = proxy;
      const environment = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "localhost", AWS_CA_BUNDLE: caFile };
      await send(`http${secure ? "s" : ""}://localhost:${port}/`, environment);
      expect(proxy.seen()).toEqual([]);
      await send(`http${secure ? "s" : ""}://127.0.0.1:${port}/`, environment);
      expect(proxy.seen()).toHaveLength(1);
    }
  });

  it("report their status without the password when they refuse", async () => {
    const proxy = await serveProxy(1, { credentials: "me:other" });
    const environment = { HTTPS_PROXY: withLogin(proxy.url, "me:hunter2") };
    const error = await send("https://sts.example.test/", environment).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "ERR_PROXY_TUNNEL", message: expect.stringContaining("407") });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("hunter2");
  });

  it("report Node's code when they are unreachable", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const environment = { HTTP_PROXY: url, HTTPS_PROXY: url };
    await expect(send("https://sts.example.test/", environment)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(send("http://sts.example.test/", environment)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("report an error code when they hang up or send garbage", async () => {
    for (const answer of ["", "HTTP/1.1 2", "no http\r\n\r\n"]) {
      const { url } = await serveRaw((socket) => socket.once("data", () => socket.end(answer)));
      const environment = { HTTPS_PROXY: url };
      await expect(send("https://sts.example.test/", environment)).rejects.toMatchObject({ code: expect.any(String) });
    }
  });

  it("time out when they never answer, and the connection is closed", async () => {
    let closed = false;
    const proxy = await serveRaw((socket) => {
      socket.resume().on("close", () => {
        closed = true;
      });
    });
    const proxies = readProxies({ HTTPS_PROXY: proxy.url });
    const agent = new HttpsAgent({ proxies, trust: trustOf(undefined, {}), connectTimeoutMs: 100 });
    const url = new URL("https://sts.example.test/");
    await expect(httpRequest({ method: "GET", url, agent, timeoutMs: 5000 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
    });
    await expect.poll(() => closed).toBe(true);
  });

  it("cause no unhandled error when the request is canceled before the tunnel opens", async () => {
    const target = await serve(true);
    const abort = new AbortController();
    const slow = createServer();
    let opened: Socket | undefined;
    slow.on("connect", (_request, socket: Socket) => {
      onTestFinished(() => void socket.destroy());
      abort.abort();
      setTimeout(() => {
        const onward = connect(target.port, "127.0.0.1", () => socket.write("HTTP/1.1 200 Yes\r\n\r\n"));
        socket.on("error", () => {});
        onward.pipe(socket).pipe(onward);
        opened = socket;
      }, 50);
    });
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${await portOf(slow)}`, AWS_CA_BUNDLE: caFile };
    const { agent } = await transport(https, {}, contextOf(environment));
    const url = new URL("https://sts.example.test/");
    const canceled = httpRequest({ method: "GET", url, agent, timeoutMs: 5000, signal: abort.signal });
    await expect(canceled).rejects.toMatchObject({ code: "ABORT_ERR" });
    // And the agent still works.
    await expect.poll(() => opened).toBeDefined();
    const next = await httpRequest({ method: "GET", url, agent, timeoutMs: 5000 });
    expect(next.status).toBe(200);
  });

  it("must have a trusted certificate", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const plain = await serve(false);
    const proxy = await serveProxy(plain.port, { tls: tls.options });
    const { url } = proxy;
    const code = expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED)/);
    const environment = { HTTP_PROXY: url, HTTPS_PROXY: url };
    await expect(send("https://sts.example.test/", environment)).rejects.toMatchObject({ code });
    await expect(send("http://sts.example.test/", environment)).rejects.toMatchObject({ code });
    expect(proxy.seen()).toEqual([]);
  });
});
