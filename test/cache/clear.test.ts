import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cliFileName } from "../../src/cache/cache-key.ts";
import type { CacheRequest } from "../../src/cache/cache-request.ts";
import type { CredentialCache } from "../../src/cache/credential-cache.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { codeOf, contextOf } from "../credentials/fixtures.ts";
import {
  answer,
  cliRequest,
  ownRequest,
  roleArn,
  scratchDirectories,
  scratchDirectory,
  settledCache,
  start,
  testContext,
} from "./fixtures.ts";

const auditArn = "arn:aws:iam::123456789012:role/Audit";
const ofProd = cliRequest();
const tagged = ownRequest({ profileName: "tagged" });
const audit = cliRequest({
  cliKey: { RoleArn: auditArn },
  identity: { roleArn: auditArn },
  roleArn: auditArn,
  profileName: "audit",
});
const { roleArn: _, cliKey: __, ...plain } = cliRequest();
const session: CacheRequest = { ...plain, operation: "GetSessionToken", identity: { mfa: true }, profileName: "prod" };
const requests = { ofProd, tagged, audit, session };

async function filled() {
  const directories = scratchDirectories();
  const cache = settledCache(directories);
  for (const request of Object.values(requests)) await obtain(cache, request);
  return { directories, cache };
}

function obtain(cache: CredentialCache, request: CacheRequest) {
  const arn = request === audit ? "arn:aws:sts::123456789012:assumed-role/Audit/me" : undefined;
  const { assumedRoleUser, ...rest } = answer({ ...(arn && { arn }) });
  const entry = assumedRoleUser && request !== session ? { ...rest, assumedRoleUser } : rest;
  return cache.obtain(request, { context: testContext(), caller: "a", fetch: async () => entry });
}

function known(cache: CredentialCache): string[] {
  return Object.entries(requests)
    .filter(([, request]) => cache.lookup(request, testContext()) !== undefined)
    .map(([name]) => name);
}

describe("clear", () => {
  it.each([
    { target: { all: true } as const, left: [], removed: 4 },
    { target: { profileName: "prod" }, left: ["tagged", "audit"], removed: 2 },
    { target: { profileName: "audit" }, left: ["ofProd", "tagged", "session"], removed: 1 },
    { target: { roleArn }, left: ["audit", "session"], removed: 2 },
    { target: { roleArn: auditArn }, left: ["ofProd", "tagged", "session"], removed: 1 },
    { target: { profileName: "constructor" }, left: ["ofProd", "tagged", "audit", "session"], removed: 0 },
    { target: { roleArn: `${roleArn}2` }, left: ["ofProd", "tagged", "audit", "session"], removed: 0 },
  ])("removes $target from memory and disk, and leaves $left", async ({ target, left, removed }) => {
    for (const who of ["the process that cached it", "another process"]) {
      const { directories, cache } = await filled();
      const clearing = who === "another process" ? settledCache(directories) : cache;
      expect(clearing.clear(target, testContext())).toBe(removed);
      expect(known(cache)).toEqual(left);
      expect(known(settledCache(directories))).toEqual(left);
    }
  });

  it("counts entries that were only in memory, and an entry only once", async () => {
    const cache = settledCache({});
    await obtain(cache, ofProd);
    expect(cache.clear({ profileName: "prod" }, testContext())).toBe(1);
    expect(cache.clear({ profileName: "prod" }, testContext())).toBe(0);
    expect(known(cache)).toEqual([]);
  });

  it.each([
    { who: "in the same process", cacheOf: (one: CredentialCache) => one },
    { who: "in another", cacheOf: (_: CredentialCache, directories: object) => settledCache(directories) },
  ])("finds an entry by every profile that used it $who", async ({ cacheOf }) => {
    for (const request of [ofProd, tagged]) {
      const { directories, cache } = await filled();
      await obtain(cacheOf(cache, directories), { ...request, profileName: "alias" });
      expect(settledCache(directories).clear({ profileName: "alias" }, testContext())).toBe(1);
      expect(cache.lookup(request, testContext())).toBeUndefined();
    }
  });

  it("finds an entry by the profiles that shared its fetch", async () => {
    const directories = scratchDirectories();
    const cache = settledCache(directories);
    await Promise.all(["one", "two", "three"].map((profileName) => obtain(cache, { ...ofProd, profileName })));
    expect(settledCache(directories).clear({ profileName: "three" }, testContext())).toBe(1);
  });

  describe("in the AWS CLI's directory", () => {
    const entryOfCli = JSON.stringify({
      Credentials: { AccessKeyId: "A", SecretAccessKey: "B", SessionToken: "C", Expiration: "2026-03-01T13:00:00UTC" },
      AssumedRoleUser: { Arn: "arn:aws:sts::123456789012:assumed-role/Admin/me", AssumedRoleId: "AROA:me" },
    });
    const foreign = {
      "notes.json": entryOfCli,
      "0000000000000000000000000000000000000000.json": "{}",
      "1111111111111111111111111111111111111111.json": '{"accessToken": "x"}',
      "2222222222222222222222222222222222222222.txt": entryOfCli,
    };

    function withEntries() {
      const directories = scratchDirectories();
      mkdirSync(directories.cli, { recursive: true });
      const put = (name: string, text: string) => {
        writeFileSync(join(directories.cli, name), text, { mode: 0o600 });
        utimesSync(join(directories.cli, name), start / 1000, start / 1000);
      };
      for (const [name, text] of Object.entries(foreign)) put(name, text);
      put(cliFileName({ RoleArn: roleArn }), entryOfCli);
      return { directories, cache: settledCache(directories) };
    }

    it.each([
      { target: { all: true } as const, gone: true },
      { target: { roleArn }, gone: true },
      { target: { roleArn: auditArn }, gone: false },
      { target: { profileName: "prod" }, gone: false },
      { target: { profileName: "prod", cliKeys: [{ RoleArn: roleArn }] }, gone: true },
      { target: { profileName: "prod", cliKeys: [{ RoleArn: auditArn }] }, gone: false },
    ])("removes the CLI's own role entry for $target ($gone), and no other file", ({ target, gone }) => {
      const { directories, cache } = withEntries();
      expect(cache.clear(target, testContext())).toBe(gone ? 1 : 0);
      expect(existsSync(join(directories.cli, cliFileName({ RoleArn: roleArn })))).toBe(!gone);
      expect(readdirSync(directories.cli)).toEqual(expect.arrayContaining(Object.keys(foreign)));
    });

    it("removes the CLI's entry that this process used for the profile", () => {
      const { cache } = withEntries();
      expect(cache.lookup(ofProd, testContext())).toBeDefined();
      expect(cache.clear({ profileName: "prod" }, testContext())).toBe(1);
    });
  });

  it("with all, removes the module's unreadable entries, and links without their targets", async () => {
    const { directories, cache } = await filled();
    const victim = join(scratchDirectory(), "victim");
    writeFileSync(victim, "x");
    writeFileSync(join(directories.own, `${"0".repeat(64)}.json`), "half");
    symlinkSync(victim, join(directories.own, `${"1".repeat(64)}.json`));
    writeFileSync(join(directories.own, "notes.txt"), "theirs");
    cache.clear({ all: true }, testContext());
    expect(readdirSync(directories.own).sort()).toEqual(["last-swept", "notes.txt"]);
    expect(existsSync(victim)).toBe(true);
  });

  it("removes nothing if the directories don't exist", () => {
    expect(settledCache(scratchDirectories()).clear({ all: true }, testContext())).toBe(0);
  });

  it("refuses a profile and a role together", async () => {
    const clear = createHandlers(new Core())["cache/clear"];
    const both = async () => clear({ profileName: "prod", roleArn }, contextOf());
    expect(await codeOf(both)).toBe("ParameterConflict");
  });
});
