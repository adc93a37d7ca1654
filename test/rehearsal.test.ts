import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Context } from "../src/protocol/context.ts";
import { rehearseRoles, rehearseSts } from "../src/rehearsal.ts";
import { type Core, createCore } from "../src/server/core.ts";
import { createHandlers } from "../src/server/handlers.ts";
import { leaveShortcut } from "../src/shortcut.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";

/** Who answered in the STS client, and where. */
const assumed: { url: string; accessKeyId: string | undefined }[] = [];
vi.mock("../src/assume-role/sts/client.ts", async (original) => {
  const client = await original<typeof import("../src/assume-role/sts/client.ts")>();
  const createSts: typeof client.createSts = (options) => {
    const sts = client.createSts(options);
    return {
      ...sts,
      async assumeRole(input) {
        const session = await sts.assumeRole(input);
        assumed.push({ url: options.url, accessKeyId: session.Credentials?.AccessKeyId });
        return session;
      },
    };
  };
  return { ...client, createSts };
});

const profile = (name: string, rest: string) => `[profile ${name}]\nregion = eu-west-1\n${rest}\n`;
const role = "role_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = base";

let sandbox: Sandbox;
let home: string;
let core: Core;
let said: string[];
let context: Context;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox?.close());
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  mkdirSync(join(home, ".aws"));
  const keys =
    "aws_access_key_id = AKIAJOEXAMPLE0000001\naws_secret_access_key = Jo/EXAMPLE+secret00000000000000000000001\n";
  writeFileSync(join(home, ".aws", "credentials"), `[base]\n${keys}`, { mode: 0o600 });
  writeFileSync(join(home, ".aws", "config"), profile("base", "") + profile("prod", role));
  writeFileSync(join(home, "core.cjs"), "");
  core = createCore();
  said = [];
  context = {
    environment: { HOME: home, ...sandbox.environment },
    workingDirectory: home,
    platform: process.platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  };
  // What was written in this moment may be written again in the same one.
  await sleep(80);
  sandbox.clearCalls();
  assumed.length = 0;
});
afterEach(() => {
  core.close();
  rmSync(home, { recursive: true, force: true });
});

const atOnce = async () => {};

/** An earlier session, which left a shortcut to the role. */
async function useBefore(): Promise<void> {
  const handlers = createHandlers(core, { leave: (...shortcut) => leaveShortcut(...shortcut, join(home, "core.cjs")) });
  for (const _ of [1, 2]) {
    await handlers["role/use"]({ profileName: "prod" }, context);
    await core.settled();
  }
  await new Promise(setImmediate);
  await core.settled();
  core.close();
  core = createCore();
  sandbox.clearCalls();
}

const filesOf = (folder: string) => readdirSync(folder, { recursive: true }).sort();

it("asks no STS but its own, as if it were where requests go, and writes nothing", async () => {
  const before = filesOf(home);
  await rehearseSts(core, context, atOnce);
  await core.settled();
  expect(assumed.length).toBeGreaterThan(8);
  for (const one of assumed)
    expect(one).toEqual({ url: `${sandbox.environment.AWS_ENDPOINT_URL_STS}/`, accessKeyId: "A" });
  expect(sandbox.calls).toEqual([]);
  expect(filesOf(home)).toEqual(before);
});

it("is ready for https, too", async () => {
  context = { ...context, environment: { HOME: home } };
  await rehearseSts(core, context, atOnce);
  for (const one of assumed) expect(one).toEqual({ url: "https://sts.us-east-1.amazonaws.com/", accessKeyId: "A" });
});

it("uses a role that is cached, and calls nobody", async () => {
  await useBefore();
  const before = filesOf(home);
  const lookedUp = vi.fn(core.resolution);
  await rehearseRoles({ ...core, resolution: lookedUp }, context, atOnce);
  expect(lookedUp.mock.calls.length).toBeGreaterThan(10);
  expect(lookedUp.mock.calls.every(([{ profileName }]) => profileName === "prod")).toBe(true);
  expect(sandbox.calls).toEqual([]);
  expect(filesOf(home)).toEqual(before);
});

it("does not fetch what is cached no longer", async () => {
  await useBefore();
  rmSync(join(home, ".aws", "cli"), { recursive: true });
  await rehearseRoles(core, context, atOnce);
  expect(sandbox.calls).toEqual([]);
});

it("does not run the program that a profile has become", async () => {
  await useBefore();
  const trace = join(home, "trace");
  writeFileSync(join(home, ".aws", "config"), profile("prod", `credential_process = /bin/sh -c "touch ${trace}"`));
  await rehearseRoles(core, context, atOnce);
  expect(readdirSync(home)).not.toContain("trace");
});

it("waits for its turn each time", async () => {
  await useBefore();
  const journeys = vi.fn(core.resolution);
  let isFree = () => {};
  const turn = () => new Promise<void>((resolve) => (isFree = resolve));
  const rehearsal = rehearseRoles({ ...core, resolution: journeys }, context, turn);
  await sleep(50);
  expect(journeys).not.toHaveBeenCalled();
  const timer = setInterval(() => isFree(), 1);
  await rehearsal;
  clearInterval(timer);
  expect(journeys).toHaveBeenCalled();
});
