import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fromContainer } from "../../src/credentials/container.ts";
import type { HttpRequest } from "../../src/network/http-request.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { type Answer, closedPort, codeOf, contextOf, errorOf, serve, temporaryDirectory, textsOf } from "./fixtures.ts";

const credentials = {
  AccessKeyId: "ASIACONT",
  SecretAccessKey: "secret-of-container",
  Token: "token-of-container",
  Expiration: "2030-06-01T18:00:00Z",
  AccountId: "123456789012",
  RoleArn: "arn:aws:iam::123456789012:role/task",
};
const answer = { body: JSON.stringify(credentials) };

/** Records requests instead of sending them. */
function recorder() {
  const sent: HttpRequest[] = [];
  const send = async (request: HttpRequest) => {
    sent.push(request);
    return { status: 200, headers: {}, body: answer.body };
  };
  return { sent, send };
}

const casesFile = fileURLToPath(
  new URL("../../../shared/conformance/aws-sdk-php/container-uri-tests.json", import.meta.url),
);

interface SharedCase {
  description: string;
  env: Record<string, string>;
  token_file?: { type: "error" } | { type: "success"; content: string };
  expect:
    | { type: "error"; reason: string }
    | { type: "success"; request: { method: string; uri: string; headers: Record<string, string> } };
}

describe.skipIf(!existsSync(casesFile))(`the cases that the AWS SDKs share (skipped without ${casesFile})`, () => {
  const cases: SharedCase[] = existsSync(casesFile) ? JSON.parse(readFileSync(casesFile, "utf8")) : [];
  const failures: Readonly<Record<string, string>> = {
    "should reject forbidden host in full URI": "ContainerUriRefused",
    "should reject forbidden link-local host in full URI": "ContainerUriRefused",
    "should reject invalid token file path": "ContainerCredentialsFailed",
  };

  it("contain thirteen cases", () => {
    expect(cases).toHaveLength(13);
  });

  it.each(cases)("$description", async ({ description, env, token_file, expect: expected }) => {
    const environment = { ...env };
    if (environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) {
      const file = join(temporaryDirectory(), "token");
      if (token_file?.type === "success") writeFileSync(file, token_file.content);
      environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = file;
    }
    const { sent, send } = recorder();
    const provider = () => fromContainer(contextOf(environment), { send });

    if (expected.type === "error") {
      expect(await codeOf(provider)).toBe(failures[description]);
      expect(sent).toEqual([]);
      return;
    }
    expect((await provider()).accessKeyId).toBe("ASIACONT");
    expect(sent.map(({ method, url, headers }) => [method, url.href, headers?.Authorization])).toEqual([
      [expected.request.method, expected.request.uri, expected.request.headers.Authorization],
    ]);
  });
});

async function served(respond: (count: number) => Answer | undefined = () => answer, more: Environment = {}) {
  let count = 0;
  const server = await serve(() => respond(++count));
  const context = contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/credentials?id=a%20b`, ...more });
  return { ...server, context, provider: () => fromContainer(context) };
}

describe(fromContainer, () => {
  it("reads credentials from an HTTP server", async () => {
    const { provider, received } = await served();
    expect(await provider()).toEqual({
      accessKeyId: "ASIACONT",
      secretAccessKey: "secret-of-container",
      sessionToken: "token-of-container",
      expiration: new Date("2030-06-01T18:00:00Z"),
      accountId: "123456789012",
    });
    expect(received).toMatchObject([{ method: "GET", path: "/credentials?id=a%20b" }]);
    expect(received[0]?.headers).not.toHaveProperty("authorization");
  });

  it("reads the token file at each call, and prefers it to the token", async () => {
    const file = join(temporaryDirectory(), "token");
    const { provider, received } = await served(undefined, {
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "not this",
    });
    writeFileSync(file, "first");
    await provider();
    writeFileSync(file, "second");
    await provider();
    expect(received.map(({ headers }) => headers.authorization)).toEqual(["first", "second"]);
  });

  it.each([
    ["a line feed", "a\nX-Evil: 1"],
    ["a line break", "a\r\nX-Evil: 1"],
    ["a trailing line feed", "secret-token\n"],
    ["a carriage return", "a\rb"],
    ["a NUL", "a\0b"],
    ["a character outside Latin-1", "a\u20acb"],
  ])("rejects a token with %s, from the variable and from the file", async (_what, token) => {
    const file = join(temporaryDirectory(), "token");
    writeFileSync(file, token);
    for (const more of [
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: token },
      { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file },
    ]) {
      const { provider, received } = await served(undefined, more);
      const error = await errorOf(provider);
      expect(error.code).toBe("ContainerCredentialsFailed");
      expect(textsOf(error)).not.toContain("secret-token");
      expect(received).toEqual([]);
    }
  });

  it.each([
    "http://192.168.1.1/",
    "http://169.254.170.3/",
    "http://169.254.169.254/latest",
    "http://[fd00:ec2::24]/",
    "http://example.com/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://127.0.0.1@example.com/",
    "http://user:password@127.0.0.1/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://2852039166/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "127.0.0.1/credentials",
    "/credentials",
  ])("rejects %s before any request", async (uri) => {
    const { sent, send } = recorder();
    const context = contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri });
    expect(await codeOf(() => fromContainer(context, { send }))).toBe("ContainerUriRefused");
    expect(sent).toEqual([]);
  });

  it.each([
    ["http://2130706433/x", "http://127.0.0.1/x"],
    ["http://0x7f.1/x", "http://127.0.0.1/x"],
    ["http://[0:0:0:0:0:0:0:1]/x", "http://[::1]/x"],
    ["http://LOCALHOST/x", "http://localhost/x"],
    ["http://[fd00:ec2::23]/x", "http://[fd00:ec2::23]/x"],
    ["https://example.com/x", "https://example.com/x"],
  ])("calls %s, which is %s", async (uri, asked) => {
    const { sent, send } = recorder();
    await fromContainer(contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }), { send });
    expect(sent.map(({ url }) => url.href)).toEqual([asked]);
  });

  it.each(["@evil.example/", ":80@evil.example/", ".evil.example/", "credentials", "http://evil.example/"])(
    "does not let a relative URI select another server: %s",
    async (relative) => {
      const context = contextOf({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative });
      expect(await codeOf(() => fromContainer(context))).toBe("ContainerUriRefused");
    },
  );

  it("prefers the relative URI, and ignores an empty one", async () => {
    const { sent, send } = recorder();
    const full = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1/full" };
    await fromContainer(contextOf({ ...full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/rel" }), { send });
    await fromContainer(contextOf({ ...full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "" }), { send });
    expect(sent.map(({ url }) => url.href)).toEqual(["http://169.254.170.2/rel", "http://127.0.0.1/full"]);
  });

  it("fails if the environment configures no container", async () => {
    expect(await codeOf(() => fromContainer(contextOf()))).toBe("ContainerCredentialsFailed");
  });

  it("follows no redirect", async () => {
    const { provider, received } = await served(() => ({ status: 302, headers: { location: "/elsewhere" } }));
    expect(await codeOf(provider)).toBe("ContainerCredentialsFailed");
    expect(received).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ["has status 500", { status: 500, body: "secret-of-container" }],
    ["has status 503", { status: 503, body: "secret-of-container" }],
    ["has status 429", { status: 429, body: "secret-of-container" }],
    ["is empty", { body: "" }],
    ["is cut off", { body: answer.body.slice(0, 80) }],
  ])("makes up to three attempts while the response %s", async (_what, bad) => {
    const recovering = await served((count) => (count < 3 ? bad : answer));
    expect((await recovering.provider()).accessKeyId).toBe("ASIACONT");
    const broken = await served(() => bad);
    const error = await errorOf(broken.provider);
    expect(error.code).toBe("ContainerCredentialsFailed");
    expect(textsOf(error)).not.toContain("secret-of-container");
    expect(broken.received).toHaveLength(3);
  });

  it("retries if the connection drops in the middle of a response", async () => {
    let count = 0;
    const server = await serve((_, response) => {
      if (++count > 2) return answer;
      response.writeHead(200, { "Content-Length": String(answer.body.length) });
      response.write(answer.body.slice(0, 40), () => response.destroy());
      return undefined;
    });
    const provider = () => fromContainer(contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url }));
    expect((await provider()).accessKeyId).toBe("ASIACONT");
    expect(count).toBe(3);
  });

  it.each([400, 401, 403, 404])("makes one attempt if the status is %i", async (status) => {
    const { provider, received } = await served(() => ({ status }));
    expect(await codeOf(provider)).toBe("ContainerCredentialsFailed");
    expect(received).toHaveLength(1);
  });

  it("fails if the connection is refused", async () => {
    const uri = `http://127.0.0.1:${await closedPort()}/secret-path?token=secret-query`;
    const error = await errorOf(() => fromContainer(contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })));
    expect(error.code).toBe("ContainerCredentialsFailed");
    expect(textsOf(error)).not.toMatch(/secret-path|secret-query/);
  });

  it("ends when the caller cancels a request without a response", async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: server.url };
    setTimeout(() => controller.abort(), 100);
    const start = performance.now();
    expect(await codeOf(() => fromContainer(contextOf(environment, { signal: controller.signal })))).toBe("Cancelled");
    // Three attempts would take six seconds.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it.each([
    ["text", "secret-of-container"],
    ["no secret", JSON.stringify({ ...credentials, SecretAccessKey: undefined })],
    ["no token", JSON.stringify({ ...credentials, Token: undefined })],
    ["no expiration", JSON.stringify({ ...credentials, Expiration: undefined })],
    ["a broken expiration", JSON.stringify({ ...credentials, Expiration: "soon" })],
    ["an array", JSON.stringify([credentials])],
    ["more than 64 KiB", JSON.stringify({ ...credentials, Padding: "x".repeat(70_000) })],
  ])("rejects a response with %s", async (_what, body) => {
    const { provider } = await served(() => ({ body }));
    const error = await errorOf(provider);
    expect(error.code).toBe("ContainerCredentialsFailed");
    expect(textsOf(error)).not.toContain("secret-of-container");
  });

  it("rejects expired credentials", async () => {
    const body = JSON.stringify({ ...credentials, Expiration: "2030-06-01T12:00:00Z" });
    const { provider } = await served(() => ({ body }));
    expect(await codeOf(provider)).toBe("CredentialsExpired");
  });

  it("checks the expiration by the server's clock, and reports the local clock's skew", async () => {
    const headers = { Date: "Sat, 01 Jun 2030 13:00:00 GMT" };
    const body = (Expiration: string) => JSON.stringify({ ...credentials, Expiration });
    const { provider } = await served(() => ({ headers, body: body("2030-06-01T12:30:00Z") }));
    expect(await codeOf(provider)).toBe("CredentialsExpired");
    const late = { Date: "Sat, 01 Jun 2030 11:00:00 GMT" };
    const behind = await served(() => ({ headers: late, body: body("2030-06-01T11:30:00Z") }));
    expect((await behind.provider()).accessKeyId).toBe(credentials.AccessKeyId);
  });

  it("returns expired credentials if STS decides", async () => {
    const body = JSON.stringify({ ...credentials, Expiration: "2009-02-13T23:31:30Z" });
    const { url } = await serve(() => ({ body }));
    const context = contextOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    const { expiration } = await fromContainer(context, { stsDecides: true });
    expect(expiration).toEqual(new Date("2009-02-13T23:31:30Z"));
  });
});
