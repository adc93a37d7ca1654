import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerAtOnce, questionOf } from "../src/first-requests.ts";
import type { Context, Environment } from "../src/protocol/context.ts";
import type { UseRoleParams, UseRoleResult } from "../src/protocol/methods.ts";
import { createCore } from "../src/server/core.ts";
import { createHandlers } from "../src/server/handlers.ts";
import { leaveShortcut, requestsLeft } from "../src/shortcut.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";

const config = `[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = default
`;
const keys =
  "[default]\naws_access_key_id = AKIAJOEXAMPLE0000001\naws_secret_access_key = Jo/EXAMPLE+secret00000000000000000000001\n";

let sandbox: Sandbox;
let home: string;
let environment: Environment;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox?.close());
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  mkdirSync(join(home, ".aws"));
  write("credentials", keys);
  write("config", config);
  writeFileSync(join(home, "core.cjs"), "");
  environment = { HOME: home, ...sandbox.environment };
  // What was written in this moment may be written again in the same one.
  await sleep(80);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(home, ".aws", name), text, { mode: 0o600 });
}

function contextOf(): Context {
  return {
    environment,
    workingDirectory: home,
    platform: process.platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => {},
  };
}

/** What a process of its own answers, one after another. */
async function session(...requests: UseRoleParams[]): Promise<UseRoleResult[]> {
  const core = createCore();
  const handlers = createHandlers(core, {
    leave: (question, variables, basis, result) =>
      leaveShortcut(question, variables, basis, result, join(home, "core.cjs")),
  });
  const context = contextOf();
  const results = [];
  for (const params of requests) results.push(await handlers["role/use"](params, context));
  await new Promise(setImmediate);
  await core.settled();
  core.close();
  return results;
}

function lineOf(params: UseRoleParams, { id = 1, method = "role/use", variables = environment } = {}): string {
  const context = { environment: variables, workingDirectory: home };
  return `${JSON.stringify({ jsonrpc: "2.0", id, method, params: { context, ...params } })}\n`;
}

function atOnce(text: string) {
  const lines: string[] = [];
  const { rest, used } = answerAtOnce(Buffer.from(text), (line) => lines.push(line), Date.now);
  return { answers: lines.map((line) => JSON.parse(line)), rest: rest.toString(), used };
}

describe(answerAtOnce, () => {
  it("gives what the core gave before, and says so to whom it is for", async () => {
    await session({ profileName: "prod" });
    const [result] = await session({ profileName: "prod", invocationId: "one" });
    const { answers, rest, used } = atOnce(lineOf({ profileName: "prod", invocationId: "another" }, { id: 7 }));
    expect(answers).toEqual([{ jsonrpc: "2.0", id: 7, result, notes: [expect.stringContaining("cached")] }]);
    expect([rest, used.length, used[0]?.result]).toEqual(["", 1, result]);
  });

  it("leaves the rest to the core, and what is cut off", async () => {
    await session({ profileName: "prod" });
    await session({ profileName: "prod" });
    const ping = lineOf({}, { id: 1, method: "core/ping" });
    const { answers, rest } = atOnce(`${ping}${lineOf({ profileName: "prod" }, { id: 2 })}garbage\n{"jsonrpc`);
    expect(answers.map(({ id }) => id)).toEqual([2]);
    expect(rest).toBe(`${ping}garbage\n{"jsonrpc`);
  });

  it.each<[string, () => void, Environment]>([
    ["the config file changed", () => write("config", config.replace("Admin", "Audit")), {}],
    ["the keys changed", () => write("credentials", keys.replace("0000001", "0000002")), {}],
    ["the entry is gone", () => rmSync(join(home, ".aws", "cli"), { recursive: true }), {}],
    ["the core is another", () => writeFileSync(join(home, "core.cjs"), "other"), {}],
    ["another endpoint is meant", () => {}, { AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1" }],
    ["a secret is in the environment", () => {}, { AWS_SECRET_ACCESS_KEY: "s" }],
  ])("leaves it to the core when %s", async (_, change, variables) => {
    await session({ profileName: "prod" });
    await session({ profileName: "prod" });
    expect(atOnce(lineOf({ profileName: "prod" })).rest).toBe("");
    change();
    const line = lineOf({ profileName: "prod" }, { variables: { ...environment, ...variables } });
    expect(atOnce(line)).toEqual({ answers: [], rest: line, used: [] });
  });

  it("tells requests apart that differ in anything", async () => {
    await session({ profileName: "prod" });
    await session({ profileName: "prod" });
    for (const params of [
      {},
      { profileName: "default" },
      { profileName: "prod", region: "us-east-1" },
      { profileName: "prod", roleSessionName: "jo" },
      { profileName: "prod", durationInSeconds: 900 },
    ])
      expect(atOnce(lineOf(params)).answers).toEqual([]);
  });
});

describe(questionOf, () => {
  it.each<UseRoleParams>([
    { credentials: { accessKeyId: "AKIA", secretAccessKey: "s" } },
    { tokenCode: "123456" },
    { tokenCodes: { "arn:aws:iam::111111111111:mfa/jo": "123456" } },
    { noCache: true },
    { profileLocation: "/elsewhere" },
  ])("is none for %j", (params) => {
    expect(questionOf({ profileName: "prod", ...params })).toBeUndefined();
  });
});

describe("shortcuts of a session", () => {
  it("are left for the first few requests, none of them secret, and for none that STS was asked for", async () => {
    const folder = join(home, ".aws", "role-credentials", "shortcuts");
    const roles = [0, 1, 2, 3].map((account) => ({ roleArn: `arn:aws:iam::10000000000${account}:role/Audit` }));
    const [first] = await session(...roles);
    expect(() => readdirSync(folder)).toThrow("ENOENT");
    await session(...roles, ...roles);
    expect(readdirSync(folder)).toHaveLength(3);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), "utf8");
      for (const secret of [first?.secretAccessKey, first?.sessionToken, "Jo/EXAMPLE"])
        expect(text).not.toContain(secret);
    }
    expect(requestsLeft(environment)).toEqual(expect.arrayContaining(roles.slice(0, 3)));
  });
});

describe("core/rehearse", () => {
  it("looks up what was asked before, and calls nobody, even where nothing is cached any more", async () => {
    await session({ profileName: "prod" });
    await session({ profileName: "prod" });
    sandbox.clearCalls();
    const core = createCore();
    const handlers = createHandlers(core);
    const context = contextOf();
    expect(await handlers["core/rehearse"]({}, context)).toMatchObject({ accessKeyId: "AKIAREHEARSAL" });
    expect(await handlers["role/use"]({ profileName: "prod" }, context)).toMatchObject({ profileName: "prod" });
    rmSync(join(home, ".aws", "cli"), { recursive: true });
    await handlers["core/rehearse"]({}, context);
    expect(sandbox.calls).toEqual([]);
    core.close();
  });
});
