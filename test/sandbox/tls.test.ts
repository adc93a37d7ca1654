import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request } from "node:https";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import { createAuthority } from "./tls/certificates.ts";
import { createServerTls, type TlsKind } from "./tls/server-tls.ts";

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

describe(createServerTls.name, () => {
  it.each<[TlsKind, string]>([
    ["good", "403"],
    ["wrongHost", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["expired", "CERT_HAS_EXPIRED"],
    ["notYetValid", "CERT_NOT_YET_VALID"],
    ["untrusted", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("serves a certificate that is %s", async (tls, outcome) => {
    sandbox = await startSandbox({ tls });
    const ca = readFileSync(sandbox.caFile ?? "", "utf8");
    const parameters = "/?Action=GetCallerIdentity&Version=2011-06-15";
    expect(await statusOf(sandbox.urls.sts + parameters, ca)).toBe(outcome);
  });

  it("requires clients to trust its authority explicitly, and leaves no files behind", async () => {
    const started = await startSandbox({ tls: true });
    expect(await statusOf(started.urls.signin, undefined)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(started.urls.imds).toMatch(/^http:/);
    await started.close();
    expect(existsSync(started.caFile ?? "")).toBe(false);
  });
});

describe(createAuthority.name, () => {
  it("issues certificates that OpenSSL reads and verifies, including dates after 2049", () => {
    const authority = createAuthority("Test CA", Date.UTC(2045, 0, 1));
    const ca = new X509Certificate(authority.cert);
    const leaf = new X509Certificate(authority.issue(["localhost", "127.0.0.1"], 0, Date.UTC(2051, 5, 1)).cert);
    expect(ca.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkHost("localhost")).toBe("localhost");
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(leaf.validTo).toBe("Jun  1 00:00:00 2051 GMT");
    expect(leaf.validFrom).toBe("Jan  1 00:00:00 1970 GMT");
  });
});

describe("the proxy", () => {
  const path = "/?Action=GetCallerIdentity&Version=2011-06-15";

  it("routes AWS's own https names to the sandbox", async () => {
    sandbox = await startSandbox({ tls: true });
    const socket = await tunnel(sandbox.urls.proxy, "sts.eu-west-1.amazonaws.com:443");
    const ca = readFileSync(sandbox.caFile ?? "", "utf8");
    const secure = connect({ socket, servername: "sts.eu-west-1.amazonaws.com", ca });
    await new Promise((resolve, reject) => secure.once("secureConnect", resolve).once("error", reject));
    secure.end(`GET ${path} HTTP/1.1\r\nHost: sts.eu-west-1.amazonaws.com\r\n\r\n`);
    await new Promise((resolve) => secure.resume().once("close", resolve));
    expect(sandbox.calls.map(({ service, host }) => [service, host])).toEqual([
      ["proxy", "sts.eu-west-1.amazonaws.com:443"],
      ["sts", "sts.eu-west-1.amazonaws.com"],
    ]);
  });

  it("proxies plain http to AWS's own names only", async () => {
    sandbox = await startSandbox();
    expect(await proxied(sandbox, `http://sts.amazonaws.com${path}`)).toBe(403);
    expect(await proxied(sandbox, "http://elsewhere.example/")).toBe(502);
  });
});

function statusOf(url: string, ca: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request(url, { ...(ca !== undefined && { ca }), agent: false }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });
}

function proxied({ urls }: Sandbox, url: string): Promise<number | undefined> {
  const { hostname, port } = new URL(urls.proxy);
  const host = new URL(url).host;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path: url, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("error", reject).end();
  });
}

function tunnel(proxy: string, target: string): Promise<Socket> {
  const { hostname, port } = new URL(proxy);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, method: "CONNECT", path: target, headers: { host: target } });
    outgoing.on("connect", (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(String(response.statusCode)));
    });
    outgoing.on("error", reject).end();
  });
}
