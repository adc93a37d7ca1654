import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { devNull, networkInterfaces } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Params } from "../../src/protocol/methods.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { homeOf, section } from "../assume-role/fixtures.ts";
import { codeOf, contextOf, errorOf, temporaryDirectory, textsOf } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

const run = promisify(execFile);
const [cli, boto3] = await Promise.all([
  run("aws", ["--version"]).then(
    () => true,
    () => false,
  ),
  run("python3", ["-c", "import boto3"]).then(
    () => true,
    () => false,
  ),
]);
if (!cli) console.warn("Skipped: the AWS CLI ('aws') is not installed.");
if (!boto3) console.warn("Skipped: boto3 is not installed.");

const phone = "arn:aws:iam::111111111111:mfa/jo";
const config = [
  section("default", { ...keysOf.ann, output: "text" }),
  section("profile base", keysOf.jo),
  section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base", durationSeconds: "900" }),
  section("profile secure", { roleArn: roleArn("MfaRequired"), sourceProfile: "base", mfaSerial: phone }),
].join("\n");

let sandbox: Sandbox;
let home: string;
let core: Core;
/** By how much the clocks of the core and of the sandbox are ahead. */
let elapsed = 0;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(() => {
  home = temporaryDirectory();
  mkdirSync(join(home, ".aws"));
  writeFileSync(join(home, ".aws", "config"), config, { mode: 0o600 });
  core = new Core();
});
afterEach(async () => {
  sandbox.clearFaults();
  core.close();
  await core.settled();
});

const context = () =>
  contextOf(
    { ...sandbox.environment, HOME: home, AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "eu-west-1" },
    { workingDirectory: home, now: () => Date.now() + elapsed },
  );
const pass = (milliseconds: number) => {
  elapsed += milliseconds;
  sandbox.advanceClock(milliseconds);
};

/** Uses the role as the cmdlets do, then opens an endpoint for it. */
async function open(params: UseRoleParams = { profileName: "prod" }, more: Partial<Params<"endpoint/open">> = {}) {
  const handlers = createHandlers(core);
  const request = { ...params, invocationId: "one" };
  const current = await handlers["role/use"](request, context());
  const endpoint = await handlers["endpoint/open"]({ request, current, ...more }, context());
  return { ...endpoint, current, close: () => handlers["endpoint/close"]({ url: endpoint.url }, context()) };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, string>;
}

function ask(url: string, headers: Record<string, string>, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: text === "" ? {} : (JSON.parse(text) as Record<string, string>),
      });
    });
    outgoing.on("error", reject).end();
  });
}

const get = ({ url, token }: { url: string; token: string }) => ask(url, { Authorization: token });

/** What Enter-Role -Serve sets for the programs that it starts. */
const childOf = ({ url, token, variables }: { url: string; token: string; variables: Record<string, string> }) => ({
  PATH: process.env.PATH ?? "",
  HOME: home,
  ...sandbox.environment,
  ...variables,
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
});

describe("a credentials endpoint", () => {
  it("serves the credentials in the format of containers", async () => {
    const endpoint = await open();
    const { status, headers, body } = await get(endpoint);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
    expect(body).toEqual({
      AccessKeyId: endpoint.current.accessKeyId,
      SecretAccessKey: endpoint.current.secretAccessKey,
      Token: endpoint.current.sessionToken,
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it("has an address on loopback, and a long random token", async () => {
    const [one, two] = [await open(), await open()];
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/credentials$/);
    expect(one.token).toMatch(/^[\w-]{43}$/);
    expect(one.token).not.toBe(two.token);
    expect((await ask(one.url, { Authorization: two.token })).status).toBe(401);
  });

  it("cannot be reached by another address of this machine", async () => {
    const { port } = new URL((await open()).url);
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one && !one.internal && one.family === "IPv4")
      .map((one) => one?.address ?? "");
    for (const host of [...others, "::1", "127.0.0.2"]) {
      const socket: Socket = connect({ host, port: Number(port) });
      const reached = await new Promise((resolve) =>
        socket.on("connect", () => resolve(true)).on("error", () => resolve(false)),
      );
      socket.destroy();
      expect(reached, host).toBe(false);
    }
  });

  it.each<[string, (token: string) => Record<string, string>, string, string, number]>([
    ["no token", () => ({}), "GET", "", 401],
    ["a wrong token", () => ({ Authorization: "x" }), "GET", "", 401],
    ["a token of the right length", (token) => ({ Authorization: `${token.slice(0, -1)}!` }), "GET", "", 401],
    ["the token with a scheme", (token) => ({ Authorization: `Bearer ${token}` }), "GET", "", 401],
    ["another host", (token) => ({ Authorization: token, Host: "evil.example" }), "GET", "", 403],
    ["a host that resolves to loopback", (token) => ({ Authorization: token, Host: "localhost" }), "GET", "", 403],
    ["POST", (token) => ({ Authorization: token }), "POST", "", 405],
    ["PUT", (token) => ({ Authorization: token }), "PUT", "", 405],
    ["OPTIONS without a token", () => ({ Origin: "https://evil.example" }), "OPTIONS", "", 401],
    ["another path", (token) => ({ Authorization: token }), "GET", "/other", 404],
    ["a query", (token) => ({ Authorization: token }), "GET", "?a=b", 404],
  ])("refuses %s", async (_, headers, method, suffix, status) => {
    const endpoint = await open();
    const answer = await ask(`${endpoint.url}${suffix}`, headers(endpoint.token), method);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer)).not.toContain(endpoint.current.secretAccessKey);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.body).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });

  it("survives connections that send nothing, garbage or too much", async () => {
    const endpoint = await open();
    const { port } = new URL(endpoint.url);
    const sockets = ["", "\0\0\0", `GET / HTTP/1.1\r\nA: ${"x".repeat(100_000)}`].map((text) => {
      const socket = connect({ host: "127.0.0.1", port: Number(port) });
      socket.on("error", () => {}).write(text);
      return socket;
    });
    expect((await get(endpoint)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ["sends nothing", ""],
    ["sends a header slowly", "GET /credentials HTTP/1.1\r\nA: "],
    ["has no token", "GET / HTTP/1.1\r\n\r\n"],
  ])(
    "ends a connection that %s, so that another user cannot take all places",
    async (_, text) => {
      const { port } = new URL((await open()).url);
      const socket = connect({ host: "127.0.0.1", port: Number(port) });
      socket.on("error", () => {}).resume();
      socket.write(text);
      await once(socket, "close", { signal: AbortSignal.timeout(20_000) });
    },
    30_000,
  );

  it("is gone when it is closed, and when the core ends", async () => {
    const [one, two] = [await open(), await open()];
    await one.close();
    await expect(get(one)).rejects.toThrow("ECONNREFUSED");
    expect((await get(two)).status).toBe(200);
    core.close();
    await expect(get(two)).rejects.toThrow("ECONNREFUSED");
  });

  it("closes an address that is not open without an error", async () => {
    const handlers = createHandlers(core);
    expect(await handlers["endpoint/close"]({ url: "http://127.0.0.1:1/credentials" }, context())).toEqual({});
  });

  it("gives programs the settings of the default profile, unless the environment has them", async () => {
    expect((await open()).variables).toEqual({ AWS_DEFAULT_OUTPUT: "text" });
  });
});

describe("renewal", () => {
  it("serves new credentials before the old ones expire, with one call for all", async () => {
    const endpoint = await open();
    expect((await get(endpoint)).body.AccessKeyId).toBe(endpoint.current.accessKeyId);
    pass(800_000);
    sandbox.clearCalls();
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(endpoint)));
    const keys = new Set(answers.map(({ body }) => body.AccessKeyId));
    expect(keys.size).toBe(1);
    expect(keys).not.toContain(endpoint.current.accessKeyId);
    expect(sandbox.calls.map(({ action }) => action)).toEqual(["AssumeRole"]);
  });

  it("calls STS only near the end, also without a cache", async () => {
    const endpoint = await open({ profileName: "prod", noCache: true });
    sandbox.clearCalls();
    await get(endpoint);
    await get(endpoint);
    expect(sandbox.calls).toEqual([]);
    pass(700_000);
    await get(endpoint);
    await get(endpoint);
    expect(sandbox.calls).toHaveLength(1);
  });

  it("serves the old credentials while STS fails, then says what failed, and recovers", async () => {
    const endpoint = await open({ profileName: "prod", noCache: true });
    pass(700_000);
    sandbox.failNext({ action: "AssumeRole", times: 20, status: 403, code: "AccessDenied", message: "no more" });
    expect((await get(endpoint)).body.AccessKeyId).toBe(endpoint.current.accessKeyId);
    pass(200_000);
    expect(await get(endpoint)).toMatchObject({ status: 400, body: { code: "AccessDenied" } });
    sandbox.clearFaults();
    expect((await get(endpoint)).status).toBe(200);
  });

  it("says what to do if it needs an MFA code, and finds the session that another process got with one", async () => {
    while (sandbox.isTotpUsed("jo")) pass(30_000);
    const request = { profileName: "secure", durationInSeconds: 900, tokenCode: sandbox.totp("jo") };
    const endpoint = await open(request);
    pass(901_000);
    const failed = await get(endpoint);
    expect(failed).toMatchObject({ status: 400, body: { code: "MfaRequired" } });
    expect(failed.body.message).toMatch(
      /A code from MFA device .*mfa\/jo is required.* Run Use-Role with the same parameters/,
    );
    const other = new Core();
    const useElsewhere = createHandlers(other)["role/use"];
    await useElsewhere({ ...request, tokenCode: sandbox.totp("jo") }, context());
    await other.settled();
    other.close();
    expect((await get(endpoint)).status).toBe(200);
  });

  it("does not serve another role if the profile changes", async () => {
    const endpoint = await open();
    writeFileSync(join(home, ".aws", "config"), config.replace("role/Admin", "role/TagRequired"));
    pass(800_000);
    expect((await get(endpoint)).body.AccessKeyId).toBe(endpoint.current.accessKeyId);
    pass(101_000);
    const { status, body } = await get(endpoint);
    expect(status).toBe(400);
    expect(body).not.toHaveProperty("SecretAccessKey");
  });
});

it("is refused for keys that do not expire", async () => {
  const error = await errorOf(() => open({ profileName: "base" }));
  expect(error.code).toBe("ServeNotPossible");
  expect(textsOf(error)).not.toContain(keysOf.jo.secretAccessKey);
});

describe("programs", () => {
  // They sign with the real time.
  beforeAll(async () => {
    await sandbox.close();
    sandbox = await startSandbox();
    elapsed = 0;
  });

  it("show the endpoint's message: the module's own core", async () => {
    const endpoint = await open();
    const child = homeOf("", { ...childOf(endpoint), AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.url}x` });
    const error = await errorOf(() => child.identity({}));
    expect(error).toMatchObject({
      code: "ContainerCredentialsFailed",
      message: expect.stringMatching(/404: The path is/),
    });
    const wrong = homeOf("", { ...childOf(endpoint), AWS_CONTAINER_AUTHORIZATION_TOKEN: "wrong" });
    expect(await codeOf(() => wrong.identity({}))).toBe("ContainerCredentialsFailed");
  });

  it.skipIf(!boto3)("renew their credentials through the endpoint: boto3", async () => {
    const endpoint = await open();
    const script = `
import sys, datetime, boto3, botocore.credentials as c
session = boto3.Session()
print(session.client("sts").get_caller_identity()["Arn"])
credentials = session.get_credentials()
print(credentials.method, credentials.get_frozen_credentials().access_key, flush=True)
sys.stdin.readline()
credentials._time_fetcher = lambda: c._local_now() + datetime.timedelta(seconds=800)
print(credentials.get_frozen_credentials().access_key, flush=True)
`;
    const child: ChildProcess = spawn("python3", ["-c", script], {
      env: childOf(endpoint),
      stdio: ["pipe", "pipe", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 60_000 }).toMatch(/container-role ASIA\w+\n/);
    expect(output).toContain(`container-role ${endpoint.current.accessKeyId}\n`);
    pass(800_000);
    child.stdin?.end("\n");
    await new Promise((resolve) => child.on("close", resolve));
    const [arn, , renewed] = output.trim().split("\n");
    expect(renewed).toMatch(/^ASIA/);
    expect(renewed).not.toBe(endpoint.current.accessKeyId);
    expect(arn).toMatch(/assumed-role\/Admin\//);
  });

  it.skipIf(!cli)("show the endpoint's message: the AWS CLI", async () => {
    while (sandbox.isTotpUsed("jo")) pass(30_000);
    const endpoint = await open({ profileName: "secure", durationInSeconds: 900, tokenCode: sandbox.totp("jo") });
    pass(901_000);
    const failed = await run("aws", ["sts", "get-caller-identity"], { env: childOf(endpoint) }).catch((error) => error);
    expect(failed.stderr).toContain("Run Use-Role with the same parameters");
  });
});
