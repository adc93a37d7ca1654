import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useRole } from "../../src/assume-role/use-role.ts";
import type { RoleError } from "../../src/protocol/errors.ts";
import type { StoreProfileParams } from "../../src/protocol/profile-messages.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import type { Keychain } from "../../src/vault/keychain.ts";
import { homeOf } from "../assume-role/fixtures.ts";
import { contextOf, errorOf } from "../credentials/fixtures.ts";
import { programOrSkip } from "../identity-center/fixtures.ts";
import { openSecretService, unless, whyNoSecretService } from "../vault/secret-service.ts";
import { type MemoryKeychain, memoryKeychain } from "./memory-keychain.ts";

const command = join(import.meta.dirname, "..", "..", "module", "core", "role-credentials.cjs");
const old = { accessKeyId: "AKIAOLDEXAMPLE000001", secretAccessKey: "Old/EXAMPLE+secret" };
const inFile = `[old]\naws_access_key_id = ${old.accessKeyId}\naws_secret_access_key = ${old.secretAccessKey}\n\n[other]\nregion = eu-west-1\n`;

/** A home with the two files, and the handlers on it. */
function room(keychain: Keychain | undefined, config = "", credentials = inFile) {
  const home = homeOf(config, {}, credentials);
  const core = new Core(keychain && { keychain }, { node: process.execPath, script: command });
  const { "profile/store": store, "profile/remove": remove, "profile/get": get } = createHandlers(core);
  const context = contextOf({ HOME: home.directory }, { workingDirectory: home.directory });
  return {
    home: home.directory,
    file: (name: string) => readFileSync(join(home.directory, ".aws", name), "utf8"),
    store: async (params: Omit<StoreProfileParams, "settings"> & Partial<StoreProfileParams>) =>
      store({ settings: {}, vault: true, ...params }, context),
    remove: async (profileName: string, more = {}) =>
      remove({ profileName }, { ...context, environment: { ...context.environment, ...more } }),
    get: async (profileName: string) => get({ profileName }, context),
    use: async (profileName: string) => useRole({ profileName }, core.resolution({ profileName }, context), context),
  };
}

const lineOf = (key: string) => `${process.execPath} ${command} credential-process --keychain ${key}`;

describe("moving keys to the keychain", () => {
  it("leaves the profile with a line in their place, and every other byte", async () => {
    const keychain = memoryKeychain();
    const { store, file, use, get } = room(keychain);
    const changed = await store({ profileName: "old" });
    expect(changed.files).toHaveLength(2);
    expect(file("credentials")).toBe("[old]\n\n[other]\nregion = eu-west-1\n");
    expect(file("config").trim()).toBe(`[profile old]\ncredential_process = ${lineOf(old.accessKeyId)}`);
    expect([...keychain.entries.values()]).toEqual([old]);
    expect(await use("old")).toMatchObject(old);
    expect(await get("old")).toMatchObject({ keyStore: "keychain", settings: { accessKeyId: "****************0001" } });
  });

  it("does nothing when they are there", async () => {
    const { store } = room(memoryKeychain());
    await store({ profileName: "old" });
    expect(await store({ profileName: "old" })).toEqual({ files: [], warnings: [] });
  });

  it("changes nothing with -WhatIf, and asks no keychain", async () => {
    const { store, file } = room(memoryKeychain("read"));
    expect((await store({ profileName: "old", whatIf: true })).files).toHaveLength(2);
    expect(file("credentials")).toBe(inFile);
  });

  it.each(["read", "write"] as const)("leaves them in the file when the keychain refuses to %s", async (call) => {
    const { store, file } = room(memoryKeychain(call));
    const error = await store({ profileName: "old" }).catch((thrown: RoleError) => thrown);
    expect(error).toMatchObject({ code: "KeychainFailed" });
    expect(file("credentials")).toBe(inFile);
    expect(file("config")).toBe("");
  });

  it("takes them back out when another program changes them during the move", async () => {
    const keychain = memoryKeychain();
    let replace = () => {};
    const racing: Keychain = {
      ...keychain,
      async write(keys, context) {
        await keychain.write(keys, context);
        replace();
      },
    };
    const { store, home, file } = room(racing);
    const changed = inFile.replaceAll("OLD", "NEW");
    replace = () => writeFileSync(join(home, ".aws", "credentials"), changed);
    expect((await errorOf(() => store({ profileName: "old" }))).code).toBe("FileBusy");
    expect(keychain.entries.size).toBe(0);
    expect(file("credentials")).toBe(changed);
  });

  const center =
    "sso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = A\n";
  it.each([
    ["a role", "[profile old]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = old\n"],
    ["Identity Center", `[profile old]\n${center}`],
    ["another program", "[profile old]\ncredential_process = other\n"],
  ])("is refused for a profile with %s, which takes precedence", async (_, config) => {
    const { store, file } = room(memoryKeychain(), config);
    expect((await errorOf(() => store({ profileName: "old" }))).code).toBe("SourceConflict");
    expect(file("credentials")).toBe(inFile);
  });

  it("is refused with -ProfileLocation if the config file has the keys, which would stay", async () => {
    const keychain = memoryKeychain();
    const { store, home, file } = room(keychain, inFile.replace("[old]", "[profile old]"), "");
    const profileLocation = join(home, ".aws", "credentials");
    for (const settings of [{}, old])
      expect((await errorOf(() => store({ profileName: "old", profileLocation, settings }))).code).toBe(
        "SourceConflict",
      );
    expect(keychain.entries.size).toBe(0);
    expect(file("config")).toContain(old.secretAccessKey);
    expect((await store({ profileName: "old" })).files).toHaveLength(1);
  });

  it("is refused for a vault of SecretManagement with an MFA session, whose keys the caller would get", async () => {
    const { store } = room(
      memoryKeychain(),
      "[profile old]\nmfa_serial = arn:aws:iam::111111111111:mfa/jo\nmfa_session = true\n",
    );
    const secretVault = { name: "work", powerShell: "pwsh" };
    const error = await errorOf(() => store({ profileName: "old", vault: false, secretVault, whatIf: true }));
    expect(error).toMatchObject({
      code: "SourceConflict",
      details: { action: expect.stringContaining("-VaultName work") },
    });
  });

  it.each([
    ["without keys", "other", "ProfileIncomplete"],
    ["that does not exist", "nobody", "ProfileNotFound"],
  ])("is refused for a profile %s", async (_, profileName, code) => {
    const { store } = room(memoryKeychain());
    expect((await errorOf(() => store({ profileName }))).code).toBe(code);
  });
});

describe("a key in the keychain", () => {
  const fresh = { accessKeyId: "AKIANEWEXAMPLE000001", secretAccessKey: "New/EXAMPLE+secret" };

  it("is replaced by a new one, and forgotten", async () => {
    const keychain = memoryKeychain();
    const { store, use } = room(keychain);
    await store({ profileName: "old" });
    await store({ profileName: "old", settings: fresh });
    expect([...keychain.entries.keys()]).toEqual([fresh.accessKeyId]);
    expect(await use("old")).toMatchObject(fresh);
  });

  it("is replaced by keys in the file, and forgotten", async () => {
    const keychain = memoryKeychain();
    const { store, file, get } = room(keychain);
    await store({ profileName: "old" });
    await store({ profileName: "old", settings: fresh, vault: false });
    expect(keychain.entries.size).toBe(0);
    expect(file("config")).not.toContain("credential_process");
    expect(await get("old")).toMatchObject({ keyStore: "file" });
  });

  it("stays while another profile uses it", async () => {
    const keychain = memoryKeychain();
    const { store, remove } = room(keychain);
    await store({ profileName: "old" });
    await store({ profileName: "twin", settings: old });
    await remove("old");
    expect(keychain.entries.size).toBe(1);
    await remove("twin");
    expect(keychain.entries.size).toBe(0);
  });

  it("stays while a profile of the home uses it and the environment names other files", async () => {
    const keychain = memoryKeychain();
    const { store, remove, home } = room(keychain);
    await store({ profileName: "old" });
    const other = join(home, "other");
    writeFileSync(other, `[profile twin]\ncredential_process = ${lineOf(old.accessKeyId)}\n`);
    await remove("twin", { AWS_CONFIG_FILE: other, AWS_SHARED_CREDENTIALS_FILE: join(home, "none") });
    expect(keychain.entries.size).toBe(1);
  });

  it.each([
    ["its entry is gone", (keychain: MemoryKeychain) => keychain.entries.clear()],
    [
      "its secret key was wrong",
      ({ entries }: MemoryKeychain) => entries.set(old.accessKeyId, { ...old, secretAccessKey: "Wrong" }),
    ],
  ])("is stored again if %s, although its line stays the same", async (_, spoil) => {
    const keychain = memoryKeychain();
    const { store, use } = room(keychain);
    await store({ profileName: "old" });
    spoil(keychain);
    const again = { profileName: "old", settings: old };
    expect((await store({ ...again, whatIf: true })).files).toEqual(["the keychain"]);
    expect((await store(again)).files).toEqual(["the keychain"]);
    expect(await use("old")).toMatchObject(old);
  });

  it("that cannot be removed is a warning", async () => {
    const keychain = memoryKeychain("remove");
    const { store, remove } = room(keychain);
    await store({ profileName: "old" });
    const { warnings } = await remove("old");
    expect(warnings[0]).toContain("****************0001");
  });

  it("that is gone is an error that says how to store it again", async () => {
    const keychain = memoryKeychain();
    const { store, use } = room(keychain);
    await store({ profileName: "old" });
    keychain.entries.clear();
    const error = await errorOf(() => use("old"));
    expect(error.code).toBe("KeychainKeyNotFound");
    expect(error.details.action).toContain("-StoreAs old");
  });
});

describe.skipIf(whyNoSecretService !== undefined)(`other AWS tools${unless}`, () => {
  const service = openSecretService();

  const script =
    "import boto3; c = boto3.Session(profile_name='old').get_credentials(); print(c.access_key, c.secret_key)";
  const cli = programOrSkip("aws", ["--version"], /aws-cli/);
  const boto3 = programOrSkip("python3", ["-c", "import boto3; print('boto3')"], /boto3/);

  it.skipIf(!cli)("get the keys: the AWS CLI", () =>
    expectKeys("aws", ["configure", "list", "--profile", "old"], /_key +\*+0001 .*\n *secret_key +\*+cret /),
  );
  it.skipIf(!boto3)("get the keys: boto3", () =>
    expectKeys("python3", ["-c", script], /^AKIAOLDEXAMPLE000001 Old.EXAMPLE.secret$/m),
  );

  async function expectKeys(program: string, args: readonly string[], shown: RegExp): Promise<void> {
    const { store, home } = room(undefined);
    await store({ profileName: "old" });
    const { PATH } = process.env;
    const environment = { PATH, HOME: home, ...service.environment };
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: environment });
    expect(stderr).toBe("");
    expect(stdout).toMatch(shown);
  }
});
