import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type RotationRequest, rotateKey } from "../../src/keys/rotate-key.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { RotatedKey } from "../../src/protocol/key-messages.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import type { Keychain } from "../../src/vault/keychain.ts";
import { homeOf, section } from "../assume-role/fixtures.ts";
import { codeOf, contextOf, errorOf, type TestContext } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import type { Fault } from "../sandbox/http/faults.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { worldWithUsers } from "../sandbox/world.ts";
import { memoryKeychain } from "./memory-keychain.ts";

const command = join(import.meta.dirname, "..", "..", "module", "core", "role-credentials.cjs");
const { jo, ann, root } = keysOf;
const sectionOf = (name: string, keys: Settings = jo) => section(name, keys);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

/** A home in the sandbox, with jo's keys as its default profile. */
function room({
  keychain,
  credentials = sectionOf("default"),
  config = "",
}: {
  keychain?: Keychain;
  credentials?: string;
  config?: string;
} = {}) {
  const home = homeOf(config, {}, credentials).directory;
  const environment = { HOME: home, ...sandbox.environment };
  const context = (): TestContext => contextOf(environment, { workingDirectory: home, now: Date.now });
  const core = new Core(keychain && { keychain }, { node: process.execPath, script: command });
  const handlers = createHandlers(core);
  return {
    home,
    environment,
    core,
    context,
    file: (name = "credentials") => readFileSync(join(home, ".aws", name), "utf8"),
    rotations: () => {
      try {
        return readFileSync(join(home, ".aws", "role-credentials", "settings.ini"), "utf8").trim();
      } catch {
        return "";
      }
    },
    rotate: async (profileName = "default", during = context(), more = {}) =>
      handlers["key/rotate"]({ profileName, ...more }, during),
    plan: async (profileName = "default") => handlers["key/rotate"]({ profileName, whatIf: true }, context()),
    /** The user whose keys a profile has, from STS: the keys work. */
    userOf: async (profileName = "default") => (await handlers["identity/get"]({ profileName }, context())).arn,
    store: async (profileName: string) =>
      handlers["profile/store"]({ profileName, settings: {}, vault: true }, context()),
  };
}

type Room = ReturnType<typeof room>;

const joArn = "arn:aws:iam::111111111111:user/jo";
const actions = () => sandbox.calls.map(({ action }) => action);
const keyIn = (text: string) => /aws_access_key_id = (\S+)/.exec(text)?.[1];

describe("a rotation", () => {
  it("creates a key, tests it, stores it, and deletes the old one, in this order", async () => {
    const { rotate, file, userOf, rotations } = room();
    const rotated = await rotate();
    expect(actions()).toEqual(["GetCallerIdentity", "CreateAccessKey", "GetCallerIdentity", "DeleteAccessKey"]);
    expect(rotated).toMatchObject({
      profileNames: ["default"],
      keyStore: "file",
      arn: joArn,
      resumed: false,
      warnings: [],
    });
    expect(rotated.oldAccessKeyId).toBe("****************0001");
    expect(keyIn(file())).not.toBe(jo.accessKeyId);
    expect(await userOf()).toBe(joArn);
    expect(rotations()).toBe("");
  });

  it("replaces the key in every profile that has it, and in no other", async () => {
    const { rotate, userOf, file } = room({
      credentials: sectionOf("default") + sectionOf("twin") + sectionOf("ann", ann),
    });
    const { profileNames } = await rotate("twin");
    expect(profileNames).toEqual(["default", "twin"]);
    expect(await userOf("default")).toBe(joArn);
    expect(await userOf("twin")).toBe(joArn);
    expect(file()).toContain(ann.secretAccessKey);
  });

  it("replaces the key in the home's files too when the environment names other ones", async () => {
    const { rotate, home, context, file, userOf } = room({
      credentials: `${sectionOf("default")}${sectionOf("twin")}`,
    });
    const other = join(home, "other");
    writeFileSync(other, sectionOf("default"), { mode: 0o600 });
    const during = context();
    const environment = { ...during.environment, AWS_SHARED_CREDENTIALS_FILE: other };
    const rotated = await rotate("default", { ...during, environment });
    expect(rotated).toMatchObject({ profileNames: ["default", "twin"], warnings: [] });
    expect(file()).not.toContain(jo.accessKeyId);
    expect(readFileSync(other, "utf8")).not.toContain(jo.accessKeyId);
    expect(await userOf("twin")).toBe(joArn);
  });

  it("replaces a key that two pairs of files share", async () => {
    const keychain = memoryKeychain();
    const { rotate, home, context, store, userOf } = room({
      keychain,
      credentials: `${sectionOf("default")}${sectionOf("twin")}`,
    });
    await store("twin");
    const during = context();
    const environment = { ...during.environment, AWS_CONFIG_FILE: join(home, "other") };
    expect(await rotate("default", { ...during, environment })).toMatchObject({ warnings: [] });
    expect(await userOf("twin")).toBe(joArn);
    expect(await userOf("default")).toBe(joArn);
  });

  it("keeps keys of the keychain in the keychain", async () => {
    const keychain = memoryKeychain();
    const { rotate, userOf, file, store } = room({ keychain });
    await store("default");
    expect(await rotate()).toMatchObject({ keyStore: "keychain" });
    expect(await userOf()).toBe(joArn);
    expect(file()).not.toContain("aws_access_key_id");
    expect([...keychain.entries.keys()]).toEqual([expect.not.stringContaining(jo.accessKeyId)]);
  });

  it("waits until AWS knows the new key", async () => {
    const unknown = { code: "InvalidClientTokenId", status: 403 };
    const { rotate, userOf } = room();
    sandbox.failNext({ action: "GetCallerIdentity", delayMs: 1 });
    sandbox.failNext({ action: "GetCallerIdentity", ...unknown, times: 2 });
    sandbox.failNext({ action: "DeleteAccessKey", ...unknown });
    expect((await rotate()).warnings).toEqual([]);
    expect(await userOf()).toBe(joArn);
  });

  it("makes no call with -WhatIf", async () => {
    const { plan, file } = room({ credentials: sectionOf("default") + sectionOf("twin") });
    expect(await plan()).toEqual({ profileNames: ["default", "twin"], keyStore: "file", warnings: [] });
    expect(sandbox.calls).toEqual([]);
    expect(keyIn(file())).toBe(jo.accessKeyId);
  });

  it("warns of the old key in the environment", async () => {
    const { rotate, environment } = room();
    const context = contextOf({ ...environment, AWS_ACCESS_KEY_ID: jo.accessKeyId }, { now: Date.now });
    expect((await rotate("default", context)).warnings[0]).toContain("AWS_ACCESS_KEY_ID");
  });

  it("says nothing secret", async () => {
    const { rotate, context, file } = room();
    const during = context();
    await rotate("default", during);
    const secret = /aws_secret_access_key = (\S+)/.exec(file())?.[1] ?? "none";
    expect(during.said.join("\n")).not.toContain(secret);
    expect(during.said.join("\n")).not.toContain(jo.secretAccessKey);
  });
});

describe("a rotation is refused", () => {
  const gone = { accessKeyId: "AKIAGONE", secretAccessKey: "x" };
  const prod = { roleArn: roleArn("Admin"), sourceProfile: "default" };
  it.each([
    ["for a role", section("profile prod", prod), "prod", "KeyNotRotatable"],
    ["for temporary keys", sectionOf("profile temp", { ...gone, accessKeyId: "ASIATEMP" }), "temp", "KeyNotRotatable"],
    ["for a root user", sectionOf("profile root", root), "root", "KeyNotRotatable"],
    ["for an unknown profile", "", "nobody", "ProfileNotFound"],
    ["for keys that AWS does not know", sectionOf("profile gone", gone), "gone", "CredentialsRejected"],
  ] as const)("%s", async (_, config, profileName, code) => {
    const { rotate } = room({ config });
    const error = await errorOf(() => rotate(profileName));
    expect(error.code).toBe(code);
    expect(error.details.action).toMatch(/\w+ \w+/);
    expect(actions()).not.toContain("CreateAccessKey");
  });

  it("without the permission, and nothing is left", async () => {
    const { rotate, file, rotations } = room({ credentials: sectionOf("default", ann) });
    // Ann has two keys and no permission; IAM looks at the permission first.
    expect(await codeOf(() => rotate())).toBe("AccessDenied");
    expect(keyIn(file())).toBe(ann.accessKeyId);
    expect(rotations()).toBe("");
  });

  it("with two keys, and the error describes the other one", async () => {
    await sandbox.close();
    const another = { id: "AKIAJOEXAMPLE0000002", secret: "x", created: "2025-01-02T03:04:05.000Z" };
    const world = worldWithUsers((user) =>
      user.name === "jo" ? { ...user, keys: [...(user.keys ?? []), another] } : user,
    );
    sandbox = await startSandbox({ world });
    const { rotate, userOf, rotations } = room();
    const error = await errorOf(() => rotate());
    expect(error.code).toBe("KeyLimitReached");
    expect(error.message).toContain("ends in 0002 and was created on 2025-01-02");
    expect(await userOf()).toBe(joArn);
    expect(rotations()).toBe("");
  });
});

describe("a rotation that fails keeps the old key, and takes the new one back", () => {
  /** Rotates the default profile's key, and answers for STS. */
  async function rotateAs({ core, context }: Room, identify: RotationRequest["identify"]): Promise<RoleError> {
    const resolution = core.resolution({ profileName: "default" }, context());
    const profile = resolution.shared.profile("default") ?? { name: "", settings: {} };
    const place = core.keyPlace(resolution.files, context());
    return errorOf(() => rotateKey({ profile, place, resolution, identify, patience: 600 }, context()));
  }

  it("when AWS never knows the new key", async () => {
    const here = room();
    const error = await rotateAs(here, async ({ accessKeyId }) => {
      if (accessKeyId === jo.accessKeyId) return { arn: joArn, account: "1", userId: "2" };
      throw new RoleError("CredentialsRejected", "AWS does not know the key");
    });
    expect(error.code).toBe("CredentialsRejected");
    expect(error.details.action).toContain("old key");
    expect(actions()).toEqual(["CreateAccessKey", "DeleteAccessKey"]);
    expect(keyIn(here.file())).toBe(jo.accessKeyId);
    expect(here.rotations()).toBe("");
    expect(await here.userOf()).toBe(joArn);
  });

  it("when the new key belongs to another user", async () => {
    const here = room();
    const arns = [joArn, "arn:aws:iam::111111111111:user/ann"];
    const error = await rotateAs(here, async () => ({ arn: arns.shift() ?? "", account: "1", userId: "2" }));
    expect(error.code).toBe("IamFailed");
    expect(actions()).toEqual(["CreateAccessKey", "DeleteAccessKey"]);
    expect(keyIn(here.file())).toBe(jo.accessKeyId);
  });

  it("when the keychain refuses the new key", async () => {
    const keychain = memoryKeychain();
    const { rotate, userOf, store } = room({ keychain });
    await store("default");
    keychain.refuse("write");
    const error = await errorOf(() => rotate());
    expect(error.code).toBe("KeychainFailed");
    expect(error.details.action).toContain("The new one was deleted");
    expect(actions().at(-1)).toBe("DeleteAccessKey");
    expect(await userOf()).toBe(joArn);
  });

  it("when another program changes the profile during the rotation", async () => {
    const here = room();
    const changed = sectionOf("default", ann);
    const error = await rotateAs(here, async ({ accessKeyId }) => {
      if (accessKeyId !== jo.accessKeyId) writeFileSync(join(here.home, ".aws", "credentials"), changed);
      return { arn: joArn, account: "1", userId: "2" };
    });
    expect(error.code).toBe("FileBusy");
    expect(here.file()).toBe(changed);
    expect(actions()).toEqual(["CreateAccessKey", "DeleteAccessKey"]);
    expect(sandbox.calls.at(-1)?.parameters.AccessKeyId).not.toBe(jo.accessKeyId);
  });

  it("and completes the next time if the new one could not be taken back", async () => {
    const keychain = memoryKeychain();
    const { rotate, userOf, store, rotations } = room({ keychain });
    await store("default");
    keychain.refuse("write");
    sandbox.failNext({ action: "DeleteAccessKey", code: "AccessDenied", status: 403 });
    const error = await errorOf(() => rotate());
    expect(error.details.action).toContain("Update-RoleKey again");
    expect(rotations()).not.toBe("");
    keychain.refuse(undefined);
    sandbox.clearCalls();
    await rotate();
    expect(actions()).toEqual([
      "GetCallerIdentity",
      "DeleteAccessKey",
      "CreateAccessKey",
      "GetCallerIdentity",
      "DeleteAccessKey",
    ]);
    expect(await userOf()).toBe(joArn);
    expect(rotations()).toBe("");
  });

  it("but not if one of two profiles has the new key already: the next rotation completes it", async () => {
    const keychain = memoryKeychain();
    const { rotate, userOf, store, rotations } = room({
      keychain,
      credentials: sectionOf("default") + sectionOf("twin"),
    });
    await store("default");
    await store("twin");
    keychain.refuse("write", 1);
    const error = await errorOf(() => rotate());
    expect(error.details.action).toContain("Both keys work");
    expect(await userOf("default")).toBe(joArn);
    keychain.refuse(undefined);
    const { resumed } = await rotate("twin");
    expect(resumed).toBe(true);
    expect(await userOf("default")).toBe(joArn);
    expect(await userOf("twin")).toBe(joArn);
    expect(rotations()).toBe("");
  });
});

it("warns when the old key cannot be deleted, and the next rotation deletes it", async () => {
  const { rotate, userOf, rotations } = room();
  sandbox.failNext({ action: "DeleteAccessKey", code: "AccessDenied", status: 403 });
  const { warnings } = await rotate();
  expect(warnings[0]).toContain("still works");
  expect(await userOf()).toBe(joArn);
  sandbox.clearCalls();
  expect(await rotate()).toMatchObject({ resumed: true, warnings: [], oldAccessKeyId: "****************0001" });
  expect(actions()).toEqual(["GetCallerIdentity", "DeleteAccessKey"]);
  expect(rotations()).toBe("");
});

it("completes a rotation that has stored the new key in another file only", async () => {
  const keychain = memoryKeychain();
  const { rotate, userOf, store, home, context, rotations } = room({ keychain });
  await store("default");
  const profileLocation = join(home, "elsewhere", "credentials");
  mkdirSync(join(home, "elsewhere"));
  writeFileSync(profileLocation, sectionOf("default"), { mode: 0o600 });
  keychain.refuse("write");
  await errorOf(() => rotate("default", context(), { profileLocation }));
  expect(readFileSync(profileLocation, "utf8")).not.toContain(jo.accessKeyId);
  keychain.refuse(undefined);
  expect(await rotate()).toMatchObject({ resumed: true, warnings: [] });
  expect(await userOf()).toBe(joArn);
  expect([...keychain.entries.keys()]).toEqual([keyIn(readFileSync(profileLocation, "utf8"))]);
  expect(rotations()).toBe("");
});

describe("a rotation that is killed", () => {
  /** Rotates in a process, and kills it when the given call is the last one. */
  async function kill(environment: Record<string, string | undefined>, calls: readonly string[]): Promise<void> {
    const program = spawn(process.execPath, [command, "serve"], { stdio: ["pipe", "ignore", "inherit"], env: {} });
    const context = { environment, workingDirectory: "/" };
    const request = { jsonrpc: "2.0", id: 1, method: "key/rotate", params: { profileName: "default", context } };
    program.stdin.write(`${JSON.stringify(request)}\n`);
    await vi.waitFor(() => expect(actions()).toEqual(calls), { timeout: 30_000, interval: 20 });
    const ended = once(program, "exit");
    program.kill("SIGKILL");
    await ended;
  }

  // A slow response: AWS has acted, and the process does not know yet.
  const slow: Fault = { bytesPerSecond: 1 };
  const first = ["GetCallerIdentity", "CreateAccessKey"];
  const second = [...first, "GetCallerIdentity"];
  const last = [...second, "DeleteAccessKey"];
  it.each<[string, Fault[], string[], string?]>([
    ["before it began", [{ action: "GetCallerIdentity", hang: true }], ["GetCallerIdentity"]],
    ["before AWS created the key", [{ action: "CreateAccessKey", hang: true }], first],
    ["after AWS created the key", [{ action: "CreateAccessKey", ...slow }], first, "KeyLimitReached"],
    [
      "while the key was tested",
      [
        { action: "GetCallerIdentity", delayMs: 1 },
        { action: "GetCallerIdentity", hang: true },
      ],
      second,
    ],
    ["before AWS deleted the old key", [{ action: "DeleteAccessKey", hang: true }], last],
    ["after AWS deleted the old key", [{ action: "DeleteAccessKey", ...slow }], last],
  ])("%s leaves a key that works, and the next rotation completes it", async (_, faults, calls, code) => {
    const { environment, userOf, rotate, rotations } = room();
    for (const fault of faults) sandbox.failNext(fault);
    await kill(environment, calls);
    sandbox.clearFaults();
    expect(await userOf()).toBe(joArn);

    if (code) {
      const error = await errorOf(() => rotate());
      expect(error.code).toBe(code);
      expect(error.message).toContain("interrupted");
      expect(await userOf()).toBe(joArn);
      return;
    }
    const rotated: RotatedKey = await rotate();
    expect(rotated.warnings).toEqual([]);
    expect(await userOf()).toBe(joArn);
    expect(rotations()).toBe("");
    // One key is left, so that the next rotation has room.
    await rotate();
    expect(await userOf()).toBe(joArn);
  });
});
