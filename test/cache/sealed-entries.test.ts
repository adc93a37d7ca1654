import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { CacheEntry, CacheRequest } from "../../src/cache/cache-request.ts";
import { Core } from "../../src/server/core.ts";
import { type Cipher, cacheCipher, createCipher } from "../../src/vault/cache-cipher.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { memoryKeychain } from "../keys/memory-keychain.ts";
import { answer, cliRequest, ownRequest, scratchDirectories, settledCache, testContext } from "./fixtures.ts";

const cipher = createCipher(randomBytes(32));
let directories: ReturnType<typeof scratchDirectories>;
beforeEach(() => {
  directories = scratchDirectories();
});

/** Another process of the user. */
const anotherProcess = (seal?: { readonly cipher: Cipher | undefined }) =>
  settledCache(directories, seal ? { cipher: async () => seal.cipher } : {});

/** Obtains the entry, from the disk or by a fetch. */
async function obtain(request: CacheRequest, seal?: { readonly cipher: Cipher | undefined }) {
  const context = testContext();
  let fetched: CacheEntry | undefined;
  const entry = await anotherProcess(seal).obtain(request, {
    context,
    caller: "1",
    hasCode: false,
    fetch: async () => {
      fetched = answer();
      return fetched;
    },
  });
  return { entry, isHit: fetched === undefined };
}

const filesIn = (directory: string) =>
  existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")) : [];
const textIn = (directory: string) =>
  filesIn(directory)
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join();

describe("sealed entries of the module's own cache", () => {
  it("have no secret in the file, and are found again", async () => {
    const { entry } = await obtain(ownRequest(), { cipher });
    const text = textIn(directories.own);
    expect(text).toContain(entry.credentials.accessKeyId);
    expect(text).not.toContain(entry.credentials.secretAccessKey);
    expect(text).not.toContain(entry.credentials.sessionToken);
    const again = await obtain(ownRequest(), { cipher });
    expect(again.isHit).toBe(true);
    expect(again.entry.credentials).toEqual(entry.credentials);
  });

  it.each([
    ["without the key", undefined],
    ["with another key", { cipher: createCipher(randomBytes(32)) }],
    ["while the keychain is locked", { cipher: undefined }],
  ])("are not used %s", async (_, seal) => {
    await obtain(ownRequest(), { cipher });
    expect((await obtain(ownRequest(), seal)).isHit).toBe(false);
  });

  it("are not used with another access key", async () => {
    const { entry } = await obtain(ownRequest(), { cipher });
    const [name = ""] = filesIn(directories.own);
    const path = join(directories.own, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(entry.credentials.accessKeyId, "ASIAOTHER"), { mode: 0o600 });
    expect((await obtain(ownRequest(), { cipher })).isHit).toBe(false);
  });

  it("replace entries in plain text", async () => {
    const { entry } = await obtain(ownRequest());
    expect(textIn(directories.own)).toContain(entry.credentials.secretAccessKey);
    expect((await obtain(ownRequest(), { cipher })).isHit).toBe(false);
    expect(textIn(directories.own)).not.toContain("secret");
  });

  it("are not written while the keychain is locked", async () => {
    await obtain(ownRequest(), { cipher: undefined });
    expect(filesIn(directories.own)).toEqual([]);
  });

  it("are cleared by profile, without the key", async () => {
    await obtain(ownRequest({ profileName: "prod" }), { cipher });
    expect(anotherProcess().clear({ profileName: "prod" }, testContext())).toBe(1);
    expect(filesIn(directories.own)).toEqual([]);
  });

  it("record another profile that uses them, and stay sealed", async () => {
    await obtain(ownRequest({ profileName: "prod" }), { cipher });
    expect((await obtain(ownRequest({ profileName: "test" }), { cipher })).isHit).toBe(true);
    expect(textIn(directories.own)).toContain("test");
    expect(textIn(directories.own)).not.toMatch(/secret|token/);
  });
});

it("does not encrypt entries shared with the AWS CLI", async () => {
  const { entry } = await obtain(cliRequest(), { cipher });
  expect(textIn(directories.cli)).toContain(entry.credentials.secretAccessKey);
  expect((await obtain(cliRequest())).isHit).toBe(true);
});

describe("the key", () => {
  it("is created once, and kept in the keychain", async () => {
    const keychain = memoryKeychain();
    const first = await cacheCipher(keychain, contextOf());
    const second = await cacheCipher(keychain, contextOf());
    expect(second.open(first.seal("text", "about"), "about")).toBe("text");
    expect(second.open(first.seal("text", "about"), "other")).toBeUndefined();
    expect(second.open("nonsense", "about")).toBeUndefined();
    expect(keychain.entries.size).toBe(1);
  });

  it.each([
    ["is created", "vault = keychain", 1],
    ["is not created", "vault = false", 0],
    ["is not created", "", 0],
  ])("%s with the setting '%s'", async (_, line, count) => {
    const home = temporaryDirectory();
    mkdirSync(join(home, ".aws", "role-credentials"), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, ".aws", "role-credentials", "settings.ini"), `[cache]\n${line}\n`);
    const keychain = memoryKeychain();
    const context = contextOf({ HOME: home });
    const cache = new Core({ keychain }).cache(context);
    await cache.obtain(ownRequest(), { context, caller: "1", hasCode: false, fetch: async () => answer() });
    expect(keychain.entries.size).toBe(count);
  });
});
