import { describe, expect, it } from "vitest";
import { fromInstanceMetadata, regionFromInstanceMetadata } from "../../src/credentials/instance-metadata.ts";
import type { HttpRequest } from "../../src/network/http-request.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import {
  type Answer,
  closedPort,
  codeOf,
  contextOf,
  errorOf,
  noon,
  type Received,
  serve,
  textsOf,
} from "./fixtures.ts";

const credentials = {
  Code: "Success",
  LastUpdated: "2030-06-01T11:00:00Z",
  Type: "AWS-HMAC",
  AccessKeyId: "ASIAIMDS",
  SecretAccessKey: "secret-of-imds",
  Token: "token-of-imds",
  Expiration: "2030-06-01T17:00:00Z",
};
const list = "/latest/meta-data/iam/security-credentials/";

/** An IMDSv2 server that is strict about tokens; a response of `override` comes first. */
async function imds(override: (request: Received, count: number) => Answer | undefined | "silent" = () => undefined) {
  let count = 0;
  const tokens = new Set<string>();
  const server = await serve((request) => {
    const overridden = override(request, ++count);
    if (overridden === "silent") return undefined;
    if (overridden) return overridden;
    if (request.path === "/latest/api/token") {
      if (request.method !== "PUT") return { status: 405 };
      if (request.headers["x-aws-ec2-metadata-token-ttl-seconds"] !== "21600") return { status: 400 };
      const token = `token-${count}==`;
      tokens.add(token);
      return { body: token };
    }
    if (!tokens.has(String(request.headers["x-aws-ec2-metadata-token"]))) return { status: 401 };
    if (request.path === list) return { body: "web-role" };
    if (request.path === `${list}web-role`) return { body: JSON.stringify(credentials) };
    if (request.path === "/latest/meta-data/placement/region") return { body: "us-west-2" };
    return { status: 404 };
  });
  const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url };
  return { ...server, environment, provider: () => fromInstanceMetadata(contextOf(environment)) };
}

/** An IMDS with other credentials. */
const imdsWith = (answer: object | string) => {
  const body = typeof answer === "string" ? answer : JSON.stringify(answer);
  return imds(({ path }) => (path === `${list}web-role` ? { body } : undefined));
};

const asked = (received: Received[]) => received.map(({ method, path }) => `${method} ${path}`);
const invocationId = ["PUT /latest/api/token", `GET ${list}`, `GET ${list}web-role`];

describe(fromInstanceMetadata, () => {
  it("requests a token, then the role, then its credentials", async () => {
    const { provider, received } = await imds();
    expect(await provider()).toEqual({
      accessKeyId: "ASIAIMDS",
      secretAccessKey: "secret-of-imds",
      sessionToken: "token-of-imds",
      expiration: new Date("2030-06-01T17:00:00Z"),
    });
    expect(asked(received)).toEqual(invocationId);
  });

  it("makes its requests at each call", async () => {
    const { provider, received } = await imds();
    await provider();
    await provider();
    expect(asked(received)).toEqual([...invocationId, ...invocationId]);
  });

  it("uses the account id if there is one", async () => {
    const { provider } = await imdsWith({ ...credentials, AccountId: "123456789012" });
    expect((await provider()).accountId).toBe("123456789012");
  });

  it("accepts a role name with a trailing line break", async () => {
    const { provider } = await imds(({ path }) => (path === list ? { body: "web-role\n" } : undefined));
    expect((await provider()).accessKeyId).toBe("ASIAIMDS");
  });

  it.each([403, 404, 405, 400])("never falls back to version 1 if the token request returns %i", async (status) => {
    const { provider, received } = await imds(({ method }) =>
      method === "PUT" ? { status } : { body: JSON.stringify(credentials) },
    );
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    expect(asked(received)).toEqual(["PUT /latest/api/token"]);
  });

  it.each(["", "a b", "a\u00e9"])("never falls back to version 1 if the token is %j", async (body) => {
    const { provider, received } = await imds(({ method }) => (method === "PUT" ? { body } : undefined));
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    // An empty token is retried, also only with version 2.
    expect(asked(received)).toEqual(Array(body === "" ? 4 : 1).fill("PUT /latest/api/token"));
  });

  it("requests a new token when IMDS no longer accepts the old one", async () => {
    const { provider, received } = await imds((_request, count) => (count === 2 ? { status: 401 } : undefined));
    expect((await provider()).accessKeyId).toBe("ASIAIMDS");
    expect(asked(received)).toEqual([
      "PUT /latest/api/token",
      `GET ${list}`,
      "PUT /latest/api/token",
      `GET ${list}`,
      `GET ${list}web-role`,
    ]);
  });

  it("does not request new tokens forever", async () => {
    const { provider, received } = await imds(({ method }) => (method === "GET" ? { status: 401 } : undefined));
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    expect(received).toHaveLength(4);
  });

  it("retries each step while IMDS is busy", async () => {
    const { provider, received } = await imds((_request, count) => (count % 2 === 1 ? { status: 503 } : undefined));
    expect((await provider()).accessKeyId).toBe("ASIAIMDS");
    expect(received).toHaveLength(6);
  });

  it.each([
    ["empty", ""],
    ["blank", "\n"],
    ["cut off", '{"Code":"Success","AccessKeyId":"ASIA'],
  ])("retries each step while the response is %s", async (_what, body) => {
    const isCredentials = (path: string) => path === `${list}web-role`;
    const { provider, received } = await imds(({ path }, count) =>
      count % 2 === 1 && (body.trim() === "" || isCredentials(path)) ? { body } : undefined,
    );
    expect((await provider()).accessKeyId).toBe("ASIAIMDS");
    expect(received.length).toBeGreaterThan(3);
  });

  it("gives up if the credentials stay empty", async () => {
    const { provider, received } = await imdsWith("");
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    expect(received).toHaveLength(2 + 4);
  });

  it.each<[string, Environment, number]>([
    ["four times by default", {}, 4],
    ["once when one attempt is configured", { AWS_METADATA_SERVICE_NUM_ATTEMPTS: "1" }, 1],
    ["twice when two are", { AWS_METADATA_SERVICE_NUM_ATTEMPTS: "2" }, 2],
  ])("calls an IMDS that stays busy %s", async (_what, more, times) => {
    const { environment, received } = await imds(() => ({ status: 500 }));
    expect(await codeOf(() => fromInstanceMetadata(contextOf({ ...environment, ...more })))).toBe(
      "InstanceMetadataFailed",
    );
    expect(received).toHaveLength(times);
  });

  it("waits a second for a silent IMDS, once", async () => {
    const { provider, received } = await imds(() => "silent");
    const start = performance.now();
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(received).toHaveLength(1);
  });

  it("calls a silent IMDS as often as configured", async () => {
    const { environment, received } = await imds((_request, count) => (count < 3 ? "silent" : undefined));
    const more = { AWS_METADATA_SERVICE_NUM_ATTEMPTS: "3" };
    expect((await fromInstanceMetadata(contextOf({ ...environment, ...more }))).accessKeyId).toBe("ASIAIMDS");
    expect(received).toHaveLength(5);
  });

  it("ends when the caller cancels", async () => {
    const { environment } = await imds(() => "silent");
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const context = contextOf({ ...environment, AWS_METADATA_SERVICE_TIMEOUT: "60" }, { signal: controller.signal });
    expect(await codeOf(() => fromInstanceMetadata(context))).toBe("Cancelled");
  });

  it("fails if the connection is refused", async () => {
    const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await closedPort()}` };
    expect(await codeOf(() => fromInstanceMetadata(contextOf(environment)))).toBe("InstanceMetadataFailed");
  });

  it("reports that the instance has no role", async () => {
    const { provider } = await imds(({ path }) => (path === list ? { status: 404, body: "<html>" } : undefined));
    const error = await errorOf(provider);
    expect(error.code).toBe("InstanceMetadataFailed");
    expect(error.message).toContain("no role");
  });

  it.each(["", "../../user-data", "a/b", "a?b", "<html>not a role</html>", "one\ntwo", "x".repeat(129)])(
    "rejects %j as the name of a role",
    async (body) => {
      const { provider, received } = await imds(({ path }) => (path === list ? { body } : undefined));
      expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
      expect(received).toHaveLength(body === "" ? 5 : 2);
    },
  );

  it.each([
    ["an error in place of credentials", { Code: "AssumeRoleUnauthorizedAccess", Message: "secret-of-imds" }],
    ["an error with credentials", { ...credentials, Code: "Failed" }],
    ["a code that is not a string", { ...credentials, Code: 1 }],
    ["no secret", { ...credentials, SecretAccessKey: undefined }],
    ["no token", { ...credentials, Token: undefined }],
    ["no expiration", { ...credentials, Expiration: undefined }],
    ["a broken expiration", { ...credentials, Expiration: "secret-of-imds" }],
    ["text", "secret-of-imds"],
  ])("rejects a response with %s", async (_what, answer) => {
    const { provider } = await imdsWith(answer);
    const error = await errorOf(provider);
    expect(error.code).toBe("InstanceMetadataFailed");
    expect(textsOf(error)).not.toContain("secret-of-imds");
  });

  it("names the error that IMDS reports", async () => {
    const { provider } = await imdsWith({ Code: "AssumeRoleUnauthorizedAccess" });
    expect((await errorOf(provider)).message).toContain("AssumeRoleUnauthorizedAccess");
  });

  it("follows no redirect", async () => {
    const { provider, received } = await imds(() => ({ status: 301, headers: { location: "/latest/api/token" } }));
    expect(await codeOf(provider)).toBe("InstanceMetadataFailed");
    expect(received).toHaveLength(1);
  });

  it("extends expired credentials by ten to fifteen minutes, with a message", async () => {
    const { environment } = await imdsWith({ ...credentials, Expiration: "2030-06-01T12:00:00Z" });
    const context = contextOf(environment);
    const { expiration } = await fromInstanceMetadata(context);
    expect(Number(expiration)).toBeGreaterThanOrEqual(noon + 10 * 60_000);
    expect(Number(expiration)).toBeLessThanOrEqual(noon + 15 * 60_000);
    expect(context.said.join()).toContain("expired");
  });

  it("keeps a future expiration, however near", async () => {
    const { provider } = await imdsWith({ ...credentials, Expiration: "2030-06-01T12:00:01Z" });
    expect((await provider()).expiration).toEqual(new Date("2030-06-01T12:00:01Z"));
  });

  it.each(["true", "TRUE", "True", " true "])("makes no request if AWS_EC2_METADATA_DISABLED is %j", async (value) => {
    const { environment, received } = await imds();
    const context = contextOf({ ...environment, AWS_EC2_METADATA_DISABLED: value });
    expect(await codeOf(() => fromInstanceMetadata(context))).toBe("InstanceMetadataFailed");
    expect(received).toEqual([]);
  });

  it("makes requests if AWS_EC2_METADATA_DISABLED has another value", async () => {
    const { environment } = await imds();
    const context = contextOf({ ...environment, AWS_EC2_METADATA_DISABLED: "false" });
    expect((await fromInstanceMetadata(context)).accessKeyId).toBe("ASIAIMDS");
  });

  const ipv6 = "http://[fd00:ec2::254]";
  it.each<[string, Environment, Settings, string, number]>([
    ["AWS's default address", {}, {}, "http://169.254.169.254", 1000],
    ["the IPv6 address", { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" }, {}, ipv6, 1000],
    ["the mode of the profile", {}, { ec2MetadataServiceEndpointMode: "ipv6" }, ipv6, 1000],
    [
      "the environment's mode before the profile's",
      { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPV4" },
      { ec2MetadataServiceEndpointMode: "IPv6" },
      "http://169.254.169.254",
      1000,
    ],
    [
      "an endpoint before any mode",
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://imds.test:81/", AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" },
      {},
      "http://imds.test:81",
      1000,
    ],
    [
      "the profile's endpoint, with a path, and its timeout",
      {},
      { ec2MetadataServiceEndpoint: "https://imds.test/prefix/", metadataServiceTimeout: "5" },
      "https://imds.test/prefix",
      5000,
    ],
    [
      "the environment's endpoint and timeout before the profile's",
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://a.test", AWS_METADATA_SERVICE_TIMEOUT: "2" },
      { ec2MetadataServiceEndpoint: "http://b.test", metadataServiceTimeout: "5" },
      "http://a.test",
      2000,
    ],
  ])("asks %s", async (_what, environment, settings, url, timeoutMs) => {
    const sent: HttpRequest[] = [];
    const send = async (request: HttpRequest) => {
      sent.push(request);
      return { status: 404, headers: {}, body: "" };
    };
    await codeOf(() => fromInstanceMetadata(contextOf(environment), { settings, send }));
    expect(sent.map((request) => [request.url.href, request.timeoutMs, request.agent])).toEqual([
      [`${url}/latest/api/token`, timeoutMs, undefined],
    ]);
  });

  it.each<[Environment, string]>([
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: "169.254.169.254" }, "EndpointInvalid"],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: "file:///tmp" }, "EndpointInvalid"],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://user:secret-of-imds@x.test" }, "EndpointInvalid"],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://x.test/?a=secret-of-imds" }, "EndpointInvalid"],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv5" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_TIMEOUT: "soon" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_TIMEOUT: "0" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_TIMEOUT: "-1" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_TIMEOUT: "9999" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_NUM_ATTEMPTS: "1.5" }, "SettingInvalid"],
    [{ AWS_METADATA_SERVICE_NUM_ATTEMPTS: "1000" }, "SettingInvalid"],
  ])("refuses %j", async (environment, code) => {
    const error = await errorOf(() => fromInstanceMetadata(contextOf(environment)));
    expect(error.code).toBe(code);
    expect(textsOf(error)).not.toContain("secret-of-imds");
  });
});

describe(regionFromInstanceMetadata, () => {
  it("returns the region of the instance", async () => {
    const { environment, received } = await imds();
    expect(await regionFromInstanceMetadata(contextOf(environment))).toBe("us-west-2");
    expect(asked(received)).toEqual(["PUT /latest/api/token", "GET /latest/meta-data/placement/region"]);
  });

  it.each(["", "us-west-2a/../x", "<html>", "evil.example/#"])(
    "returns undefined for the response %j",
    async (body) => {
      const { environment } = await imds(({ path }) => (path.endsWith("/region") ? { body } : undefined));
      expect(await regionFromInstanceMetadata(contextOf(environment))).toBeUndefined();
    },
  );

  it("returns undefined with a message if the connection is refused", async () => {
    const context = contextOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await closedPort()}` });
    expect(await regionFromInstanceMetadata(context)).toBeUndefined();
    expect(context.said).toHaveLength(1);
  });

  it("returns undefined if instance metadata is disabled", async () => {
    const { environment, received } = await imds();
    const context = contextOf({ ...environment, AWS_EC2_METADATA_DISABLED: "true" });
    expect(await regionFromInstanceMetadata(context)).toBeUndefined();
    expect(received).toEqual([]);
  });

  it("still reports an invalid setting and a canceled call", async () => {
    const broken = contextOf({ AWS_METADATA_SERVICE_TIMEOUT: "x" });
    expect(await codeOf(() => regionFromInstanceMetadata(broken))).toBe("SettingInvalid");
    const { environment } = await imds();
    const aborted = contextOf(environment, { signal: AbortSignal.abort() });
    expect(await codeOf(() => regionFromInstanceMetadata(aborted))).toBe("Cancelled");
  });
});
