import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { destinationOf, findProxies, proxyFor, readProxies } from "../../src/network/proxies.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { errorOf } from "../credentials/fixtures.ts";

const find = (environment: Environment, url = "https://sts.eu-west-1.amazonaws.com/") =>
  proxyFor(readProxies(environment), destinationOf(new URL(url)));
const origin = (environment: Environment, url?: string) => find(environment, url)?.url.origin;

describe(readProxies, () => {
  it.each([
    ["nothing", {}, undefined],
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://a:1" }, "http://a:1"],
    ["https_proxy", { https_proxy: "http://a:1" }, "http://a:1"],
    ["Https_Proxy", { Https_Proxy: "http://a:1" }, "http://a:1"],
    ["the lower-case variable first", { https_proxy: "http://a:1", HTTPS_PROXY: "http://b:1" }, "http://a:1"],
    ["no proxy when the lower-case variable is empty", { HTTPS_PROXY: "http://b:1", https_proxy: "" }, undefined],
    ["no proxy when all variables are empty", { HTTPS_PROXY: "" }, undefined],
    ["no HTTP_PROXY for https", { HTTP_PROXY: "http://a:1" }, undefined],
    ["ALL_PROXY last", { ALL_PROXY: "http://a:1" }, "http://a:1"],
    ["ALL_PROXY after the scheme's own variable", { ALL_PROXY: "http://a:1", HTTPS_PROXY: "http://b:1" }, "http://b:1"],
    ["a proxy without a scheme", { HTTPS_PROXY: "a:3128" }, "http://a:3128"],
    ["a proxy that begins with slashes", { HTTPS_PROXY: "//a:3128" }, "http://a:3128"],
    ["a proxy over TLS", { HTTPS_PROXY: "https://a" }, "https://a"],
    ["an IPv6 address", { HTTPS_PROXY: "http://[::1]:3128" }, "http://[::1]:3128"],
    ["a proxy surrounded by white space", { HTTPS_PROXY: " http://a:1 " }, "http://a:1"],
  ] as [string, Environment, string | undefined][])("reads %s", (_name, environment, expected) => {
    expect(origin(environment)).toBe(expected);
  });

  it("uses HTTP_PROXY for plain http only", () => {
    const environment = { HTTP_PROXY: "http://a:1", HTTPS_PROXY: "http://b:1" };
    expect(origin(environment, "http://x.test/")).toBe("http://a:1");
    expect(origin(environment, "https://x.test/")).toBe("http://b:1");
  });

  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
  it.each([
    ["me:pass@", "me:pass"],
    ["me@", "me:"],
    ["DOMAIN%5Cme:p%40ss%3A%23@", "DOMAIN\\me:p@ss:#"],
    ["me:100%@", "me:100%"],
    ["me:a%zz%41@", "me:a%zzA"],
    ["me:p@ss@", "me:p@ss"],
    ["me:grün@", "me:grün"],
    ["me:%ff@", "me:%ff"],
  ])("reads %s as credentials and removes it from the URL", (userinfo, pair) => {
    const proxy = find({ HTTPS_PROXY: `http://${userinfo}a:1` });
    expect(proxy).toEqual({ url: new URL("http://a:1"), authorization: basic(pair) });
  });

  it.each(["socks", "socks4", "socks4a", "socks5", "socks5h"])("accepts a proxy with scheme %s", (scheme) => {
    const url = new URL(`${scheme}://a:1080`);
    expect(find({ ALL_PROXY: `${scheme}://a:1080` })).toEqual({ url });
    const login = { userName: "me", password: "p@ss" };
    expect(find({ ALL_PROXY: `${scheme}://me:p%40ss@a:1080` })).toEqual({ url, login });
  });

  it("validates only the proxy that a request would use", () => {
    for (const value of ["socks9://a", "://"]) {
      expect(origin({ ALL_PROXY: value, HTTPS_PROXY: "http://b:1" })).toBe("http://b:1");
      expect(origin({ ALL_PROXY: value, NO_PROXY: "amazonaws.com" })).toBeUndefined();
      expect(origin({ HTTP_PROXY: value })).toBeUndefined();
    }
  });

  it("uses the system's proxy for a destination only when the environment sets none", async () => {
    const asked: string[] = [];
    const of = async (environment: Environment, address = "https://sts.amazonaws.com/x", answer = "http://s:1") => {
      const findSystemProxy = async (destination: string) => {
        asked.push(destination);
        return destination.includes("direct") ? undefined : answer;
      };
      const url = new URL(address);
      return proxyFor(await findProxies(url, { environment, findSystemProxy }), destinationOf(url))?.url.host;
    };
    expect(await of({})).toBe("s:1");
    expect(await of({}, "http://[::1]:8080/")).toBe("s:1");
    expect(await of({}, "https://direct.test/")).toBeUndefined();
    expect(asked).toEqual(["https://sts.amazonaws.com/", "http://[::1]:8080/", "https://direct.test/"]);
    expect(await of({ NO_PROXY: "amazonaws.com" })).toBeUndefined();
    expect(await of({ HTTP_PROXY: "http://e:1" })).toBeUndefined();
    expect(await of({ HTTPS_PROXY: "http://e:1" })).toBe("e:1");
    expect(await of({ HTTPS_PROXY: "" })).toBeUndefined();
    expect(asked).toHaveLength(3);
    await expect(of({}, "https://a/", "ftp://x")).rejects.toMatchObject({ code: "ProxyInvalid" });
  });

  const secret = "54321";
  it.each([
    "ftp://a",
    "http://",
    "://",
    "http://a:99999",
    `http://me:${secret}#x@a:1`,
    `http://me:${secret}/x@a:1`,
    `http://me:${secret}@`,
    `http://me:${secret}?x@a:1`,
    `http://me:${secret}/?x#y@a:1`,
    `socks6://me:${secret}@a:1`,
  ])("refuses %j without repeating it in the error", async (value) => {
    const error = await errorOf(() => find({ HTTPS_PROXY: value }));
    expect(error).toMatchObject({ code: "ProxyInvalid", details: { target: "HTTPS_PROXY" } });
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(secret);
  });
});

const bypasses: [string, string, boolean][] = [
  ["*", "https://sts.amazonaws.com/", true],
  ["sts.amazonaws.com", "https://sts.amazonaws.com/", true],
  ["amazonaws.com", "https://sts.amazonaws.com/", true],
  [".amazonaws.com", "https://sts.amazonaws.com/", true],
  ["AmazonAWS.com", "https://sts.amazonaws.com/", true],
  ["aws.com", "https://sts.amazonaws.com/", false],
  [".sts.amazonaws.com", "https://sts.amazonaws.com/", true],
  ["a.test, amazonaws.com ,b.test", "https://sts.amazonaws.com/", true],
  ["a.test,,", "https://sts.amazonaws.com/", false],
  ["com.", "https://sts.amazonaws.com/", false],
  ["localhost,127.0.0.1", "http://127.0.0.1:4566/", true],
  ["localhost", "http://localhost:4566/", true],
  ["localhost:4566", "http://localhost:4566/", true],
  ["localhost:4567", "http://localhost:4566/", false],
  ["0.0.1", "http://127.0.0.1/", true],
  [",", "https://sts.amazonaws.com/", false],
  [".", "https://sts.amazonaws.com/", false],
];

describe(proxyFor, () => {
  it.each([
    ...bypasses,
    // Cases that botocore lacks: several entries separated by spaces, wildcards, the default port, brackets.
    ["a.test *.amazonaws.com", "https://sts.amazonaws.com/", true],
    ["*.amazonaws.com", "https://amazonaws.com/", true],
    ["a.test,*", "https://sts.amazonaws.com/", true],
    ["sts.amazonaws.com:443", "https://sts.amazonaws.com/", true],
    ["sts.amazonaws.com:80", "https://sts.amazonaws.com/", false],
    ["sts.amazonaws.com", "https://sts.amazonaws.com./", true],
    ["[::1]", "http://[::1]:4566/", true],
    ["[::1]:4566", "http://[::1]:4566/", true],
    ["[::1]:1", "http://[::1]:4566/", false],
    ["::1", "http://[::1]:4566/", true],
  ] as typeof bypasses)("with NO_PROXY=%s goes to %s directly: %s", (noProxy, url, direct) => {
    const environment = { HTTP_PROXY: "http://p:1", HTTPS_PROXY: "http://p:1", NO_PROXY: noProxy };
    expect(origin(environment, url)).toBe(direct ? undefined : "http://p:1");
  });

  const hasBotocore = spawnSync("python3", ["-c", "import botocore"]).status === 0;
  it.skipIf(!hasBotocore)("bypasses as botocore does (skipped without python3 and botocore)", () => {
    const script = `
import json, os, sys
from botocore.utils import should_bypass_proxies
result = []
for no_proxy, url, _ in json.load(sys.stdin):
    os.environ["NO_PROXY"] = no_proxy
    result.append(should_bypass_proxies(url))
print(json.dumps(result))
`;
    const { stdout } = spawnSync("python3", ["-c", script], { input: JSON.stringify(bypasses), encoding: "utf8" });
    const theirs: boolean[] = JSON.parse(stdout);
    expect(theirs).toEqual(bypasses.map(([, , direct]) => direct));
  });
});
