import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheKey, cliFileName } from "../../src/cache/cache-key.ts";
import type { CacheEntry, CacheRequest } from "../../src/cache/cache-request.ts";
import { CredentialCache } from "../../src/cache/credential-cache.ts";
import { formatEntry } from "../../src/cache/entry-format.ts";
import { processName } from "../../src/platform/staged-file.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import {
  answer,
  cliRequest,
  hour,
  minute,
  ownRequest,
  roleArn,
  scratchDirectories,
  scratchDirectory,
  settledCache,
  start,
  type TestContext,
  testContext,
} from "./fixtures.ts";

/** Obtains entries and counts the fetches. */
function obtainer(cache: CredentialCache, context: TestContext = testContext()) {
  const counted = {
    fetches: 0,
    context,
    obtain: (request: CacheRequest, entry: CacheEntry = answer(), noCache = false) =>
      cache.obtain(request, {
        context,
        caller: "caller",
        noCache,
        fetch: async () => {
          counted.fetches += 1;
          return entry;
        },
      }),
  };
  return counted;
}

function cliPath(directories: { cli: string }, request: CacheRequest = cliRequest()): string {
  return join(directories.cli, cliFileName(request.cliKey ?? {}));
}

function ownPath(directories: { own: string }, request: CacheRequest = ownRequest()): string {
  return join(directories.own, `${cacheKey(request)}.json`);
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  // The file's time says when the AWS CLI received the entry.
  utimesSync(path, start / 1000, start / 1000);
}

/** An entry as the AWS CLI writes it. */
function entryOfCli(expiration = "2026-03-01T13:00:00+00:00", arn?: string): string {
  const { credentials, assumedRoleUser } = answer();
  return JSON.stringify({
    Credentials: {
      AccessKeyId: "ASIAOFCLI",
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: expiration,
    },
    AssumedRoleUser: { AssumedRoleId: assumedRoleUser?.assumedRoleId, Arn: arn ?? assumedRoleUser?.arn },
    ResponseMetadata: { HTTPStatusCode: 200 },
  });
}

describe("a new entry", () => {
  it("is on disk once the cache has settled, but not before the response", async () => {
    const directories = scratchDirectories();
    const cache = new CredentialCache(directories);
    await obtainer(cache).obtain(cliRequest());
    expect(existsSync(directories.cli)).toBe(false);
    await cache.settled();
    expect(readdirSync(directories.cli)).toEqual([cliFileName({ RoleArn: roleArn })]);
    expect(readdirSync(directories.own).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  it("is not written if it is cleared first", async () => {
    const directories = scratchDirectories();
    const cache = new CredentialCache(directories);
    for (const request of [cliRequest(), ownRequest()]) await obtainer(cache).obtain(request);
    expect(cache.clear({ roleArn }, testContext())).toBe(2);
    await cache.settled();
    expect(entriesIn(directories)).toEqual([]);
  });

  it("names all profiles that requested it before it was written", async () => {
    const directories = scratchDirectories();
    const cache = new CredentialCache(directories);
    for (const profileName of ["one", "two"]) await obtainer(cache).obtain(cliRequest({ profileName }));
    await cache.settled();
    expect(new CredentialCache(directories).clear({ profileName: "two" }, testContext())).toBe(1);
  });
});

function entriesIn({ cli, own }: { readonly cli: string; readonly own: string }): string[] {
  return [cli, own]
    .flatMap((directory) => (existsSync(directory) ? readdirSync(directory) : []))
    .filter((name) => /^[0-9a-f]+\.json$/.test(name));
}

describe(CredentialCache, () => {
  it.each([
    { where: "the AWS CLI's directory", request: cliRequest(), path: cliPath },
    { where: "our directory", request: ownRequest(), path: ownPath },
  ])("fetches once, and finds the entry from another process in $where", async ({ request, path }) => {
    const directories = scratchDirectories();
    const first = obtainer(settledCache(directories));
    const entry = await first.obtain(request);
    expect(await first.obtain(request)).toBe(entry);
    expect(first.fetches).toBe(1);
    expect(existsSync(path(directories, request))).toBe(true);
    const second = obtainer(settledCache(directories));
    expect(await second.obtain(request)).toEqual(entry);
    expect(second.fetches).toBe(0);
  });

  it("looks an entry up without a fetch", async () => {
    const directories = scratchDirectories();
    const cache = settledCache(directories);
    const context = testContext();
    expect(cache.lookup(cliRequest(), context)).toBeUndefined();
    const entry = await obtainer(cache).obtain(cliRequest());
    expect(cache.lookup(cliRequest(), context)).toBe(entry);
    expect(settledCache(directories).lookup(cliRequest(), context)).toEqual(entry);
  });

  it("uses the AWS CLI's entry for the same role", async () => {
    const directories = scratchDirectories();
    put(cliPath(directories), entryOfCli());
    const { obtain } = obtainer(settledCache(directories));
    expect((await obtain(cliRequest())).credentials.accessKeyId).toBe("ASIAOFCLI");
  });

  it("rejects such an entry once AWS's clock is known and the entry has expired by it", async () => {
    const directories = scratchDirectories();
    let uptime = 0;
    const cache = new CredentialCache(directories, { monotonic: () => uptime });
    put(cliPath(directories), entryOfCli());
    expect(cache.lookup(cliRequest(), testContext())).toBeDefined();
    // AWS's clock is half an hour ahead of the local clock.
    const other = answer({ expiration: start + 90 * minute });
    await obtainer(cache).obtain(ownRequest(), { ...other, lifetime: hour });
    expect(cache.lookup(cliRequest(), testContext())).toBeDefined();
    uptime = 30 * minute;
    expect(cache.lookup(cliRequest(), testContext())).toBeUndefined();
    expect(new CredentialCache(directories).lookup(cliRequest(), testContext())).toBeDefined();
  });

  it("expires a session after the issuer's lifetime, whatever was requested", async () => {
    const directories = scratchDirectories();
    const late = { ...answer({ expiration: start + 2 * hour }), lifetime: 20 * minute };
    await obtainer(settledCache(directories)).obtain(ownRequest(), late);
    const context = testContext();
    expect(new CredentialCache(directories).lookup(ownRequest(), context)).toBeDefined();
    context.time += 20 * minute;
    expect(new CredentialCache(directories).lookup(ownRequest(), context)).toBeUndefined();
  });

  it("caches in memory without any directory", async () => {
    const counted = obtainer(settledCache({}));
    const entry = await counted.obtain(cliRequest());
    expect(await counted.obtain(cliRequest())).toBe(entry);
    expect(counted).toMatchObject({ fetches: 1, context: { lines: [] } });
  });

  it("fetches again and replaces an entry with too little time left", async () => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    await counted.obtain(cliRequest());
    counted.context.time = start + 45 * minute + 1;
    const renewed = await counted.obtain(cliRequest(), answer({ expiration: counted.context.time + hour }));
    expect(counted.fetches).toBe(2);
    expect(settledCache(directories).lookup(cliRequest(), counted.context)).toEqual({
      ...renewed,
      credentials: { ...renewed.credentials, expiration: new Date("2026-03-01T13:45:00Z") },
    });
  });

  it("neither reads nor writes with noCache", async () => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    const cached = await counted.obtain(cliRequest());
    const fresh = await counted.obtain(cliRequest(), answer(), true);
    expect(fresh).not.toEqual(cached);
    expect(await counted.obtain(cliRequest())).toBe(cached);
    expect(counted.fetches).toBe(2);
    rmSync(directories.cli, { recursive: true });
    await counted.obtain(cliRequest(), answer(), true);
    expect(existsSync(directories.cli)).toBe(false);
  });

  it("returns an expired response without storing it", async () => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    await counted.obtain(cliRequest(), answer({ expiration: start - 1 }));
    await counted.obtain(cliRequest(), answer({ expiration: Number.NaN }));
    expect(counted.fetches).toBe(2);
    expect(existsSync(directories.cli)).toBe(false);
  });

  it("stores nothing of a failed fetch", async () => {
    const directories = scratchDirectories();
    put(cliPath(directories), entryOfCli("2026-03-01T12:01:00Z"));
    const before = readFileSync(cliPath(directories), "utf8");
    const cache = settledCache(directories);
    const fetch = () => Promise.reject(new Error("reset"));
    await expect(cache.obtain(cliRequest(), { context: testContext(), caller: "a", fetch })).rejects.toThrow("reset");
    expect(readFileSync(cliPath(directories), "utf8")).toBe(before);
    expect(readdirSync(directories.own)).toEqual([]);
  });
});

describe("a session that cannot be refreshed", () => {
  const unreachable = () => Promise.reject(new RoleError("StsUnreachable", "STS is out of reach."));
  const kinds = [
    { what: "of this module", request: ownRequest(), isOfCli: false },
    { what: "shared with the AWS CLI", request: cliRequest(), isOfCli: false },
    { what: "of the AWS CLI", request: cliRequest(), isOfCli: true },
  ];

  it.each(
    kinds.flatMap((kind) =>
      [15, 14, 10, 9].flatMap((left) => [
        { ...kind, left, isRestarted: false },
        { ...kind, left, isRestarted: true },
      ]),
    ),
  )("$what has $left minutes left (another process: $isRestarted)", async ({ request, isOfCli, left, isRestarted }) => {
    const directories = scratchDirectories();
    let cache = settledCache(directories);
    const context = testContext();
    if (isOfCli) put(cliPath(directories), entryOfCli());
    const first = await obtainer(cache).obtain(request);
    if (isRestarted) cache = settledCache(directories);
    context.time = start + hour - left * minute;
    let fetches = 0;
    const fetch = () => {
      fetches += 1;
      return unreachable();
    };
    const again = () => cache.obtain(request, { context, caller: "caller", fetch });
    if (left >= 10) expect((await again()).credentials.accessKeyId).toBe(first.credentials.accessKeyId);
    else await expect(again()).rejects.toMatchObject({ code: "StsUnreachable" });
    expect(fetches).toBe(left < 15 ? 1 : 0);
    expect(context.lines.join()).toMatch(left < 15 && left >= 10 ? /session until 2026-03-01T13:00:00/ : /^$/);
    // The next request tries again.
    if (left === 14)
      expect((await obtainer(cache, context).obtain(request)).credentials).not.toEqual(first.credentials);
  });

  it("is used without any directory", async () => {
    const cache = settledCache({});
    const context = testContext();
    const first = await obtainer(cache).obtain(ownRequest());
    context.time = start + 46 * minute;
    expect(await cache.obtain(ownRequest(), { context, caller: "caller", fetch: unreachable })).toBe(first);
  });

  it.each(["AccessDenied", "MfaRequired", "SsoLoginRequired", "CredentialsExpired", "ClockSkew"] as const)(
    "is not used after %s",
    async (code) => {
      const cache = settledCache(scratchDirectories());
      const context = testContext();
      await obtainer(cache).obtain(ownRequest());
      context.time = start + 46 * minute;
      const fetch = () => Promise.reject(new RoleError(code, "No."));
      await expect(cache.obtain(ownRequest(), { context, caller: "caller", fetch })).rejects.toMatchObject({ code });
      cache.close();
    },
  );
});

describe("an entry of the AWS CLI", () => {
  const { durationSeconds: _, ...plain } = cliRequest();
  const named = { ...plain, cliKey: { RoleArn: roleArn, RoleSessionName: "me" } };
  const web: CacheRequest = { ...plain, operation: "AssumeRoleWithWebIdentity" };
  const sso: CacheRequest = {
    ...plain,
    operation: "GetRoleCredentials",
    cliKey: { roleName: "Admin", accountId: "123456789012", sessionName: "corp" },
  };
  const { roleArn: __, ...ofSso } = sso;

  const session = (name: string, account = "123456789012") => ({
    AssumedRoleUser: { AssumedRoleId: "AROA:me", Arn: `arn:aws:sts::${account}:assumed-role/${name}` },
  });
  const without = { AssumedRoleUser: undefined };
  const account = (AccountId: string) => ({ Credentials: { AccountId } });
  const webEntry = { SubjectFromWebIdentityToken: "a" };
  const ssoEntry = { ProviderType: "sso", ...without };

  it.each<[what: string, request: CacheRequest, change: Partial<Record<string, object | string>>, hit: boolean]>([
    ["as it is", plain, {}, true],
    ["without a session", plain, without, false],
    ["of another role", plain, session("Other/me"), false],
    ["of a role of the same name in another account", plain, session("Admin/me", "1"), false],
    ["of another session name than requested", named, session("Admin/you"), false],
    ["of the requested session name", named, {}, true],
    ["that names another account", plain, account("999999999999"), false],
    ["that names the account", plain, account("123456789012"), true],
    ["of a web identity", web, webEntry, true],
    ["of a web identity without a session", web, { ...webEntry, ...without }, false],
    ["of Identity Center", ofSso, ssoEntry, true],
    ["of Identity Center that names another account", ofSso, { ...ssoEntry, ...account("999999999999") }, false],
    ["of a role instead of Identity Center", ofSso, {}, false],
  ])("is a hit or a miss: %s", (_what, request, change, hit) => {
    const directories = scratchDirectories();
    const json = JSON.parse(entryOfCli());
    const credentials = { ...json.Credentials, ...(change.Credentials as object) };
    put(cliPath(directories, request), JSON.stringify({ ...json, ...change, Credentials: credentials }));
    expect(settledCache(directories).lookup(request, testContext()) !== undefined).toBe(hit);
  });
});

describe("requests that differ", () => {
  // cache-key.test.ts has every field in which they can differ.
  it.each([
    ["two of the AWS CLI", cliRequest(), cliRequest({ source: "AKIDOTHER/us" })],
    ["two of this module", ownRequest(), ownRequest({ source: "AKIDOTHER/us" })],
    ["one with the AWS CLI's key and one without", cliRequest(), ownRequest({ identity: { roleArn } })],
  ])("share no entry: %s", async (_, base, other) => {
    const directories = scratchDirectories();
    const cache = settledCache(directories);
    const counted = obtainer(cache);
    const one = await counted.obtain(base);
    const two = await counted.obtain(other);
    expect(counted.fetches).toBe(2);
    // Both remain in memory and on disk. Neither has replaced the other.
    for (const reader of [cache, settledCache(directories)]) {
      expect(reader.lookup(base, testContext())).toEqual(one);
      expect(reader.lookup(other, testContext())).toEqual(two);
    }
  });

  it("leave the AWS CLI's file to the first request until its entry expires", async () => {
    const directories = scratchDirectories();
    const mine = cliRequest();
    const other = cliRequest({ source: "AKIDOTHER/us" });
    const counted = obtainer(settledCache(directories));
    await counted.obtain(mine);
    const before = readFileSync(cliPath(directories), "utf8");
    await counted.obtain(other);
    expect(readFileSync(cliPath(directories), "utf8")).toBe(before);
    expect(existsSync(ownPath(directories, other))).toBe(true);
    counted.context.time = start + hour;
    await counted.obtain(other, answer({ expiration: start + 2 * hour }));
    expect(readFileSync(cliPath(directories), "utf8")).not.toBe(before);
  });
});

describe("a file in an entry's place", () => {
  const request = cliRequest();
  const own = ownRequest();
  const entryFor = (asked: CacheRequest, changes: object = {}) =>
    formatEntry(answer(), {
      cacheKey: cacheKey(asked),
      operation: asked.operation,
      obtainedAt: start,
      durationSeconds: 3600,
      profileNames: [],
      ...changes,
    });
  const expiring = (asked: CacheRequest, date: string) => entryFor(asked).replace("2026-03-01T13", date);
  const texts: [string, (asked: CacheRequest) => string][] = [
    ["an empty file", () => ""],
    ["half an entry", (asked) => entryFor(asked).slice(0, 200)],
    ["zeros", () => "\0".repeat(1000)],
    ["a foreign JSON", () => '{"accessToken": "x", "expiresAt": "2026-03-01T13:00:00Z"}'],
    ["an entry of another version", (asked) => entryFor(asked).replace('"Version":1', '"Version":2')],
    ["an entry from the future", (asked) => entryFor(asked, { obtainedAt: start + hour })],
    ["an entry that lasts for years", (asked) => expiring(asked, "2036-03-01T13")],
    ["an expired entry", (asked) => expiring(asked, "2026-03-01T11")],
    ["a megabyte", (asked) => entryFor(asked).padEnd(1 << 20, " ")],
  ];

  it.each([
    ...texts.map(([what, text]) => [`${what} in the AWS CLI's directory`, text, request] as const),
    ...texts.map(([what, text]) => [`${what} in ours`, text, own] as const),
    ["another request's entry in ours", () => entryFor(request), own] as const,
    ["an unmarked entry in ours", () => entryOfCli(), own] as const,
  ])("is a miss and is replaced: %s", async (_what, text, asked) => {
    const path = asked === own ? ownPath : cliPath;
    const directories = scratchDirectories();
    put(path(directories, asked), text(asked));
    const cache = settledCache(directories);
    expect(cache.lookup(asked, testContext())).toBeUndefined();
    const counted = obtainer(cache);
    const entry = await counted.obtain(asked);
    expect(counted).toMatchObject({ fetches: 1, context: { lines: [] } });
    expect(settledCache(directories).lookup(asked, testContext())).toEqual(entry);
    const other = asked === request ? ownPath(directories, asked) : undefined;
    expect(other && existsSync(other)).not.toBe(true);
  });

  const sessionOf = (role: string) => entryOfCli(undefined, `arn:${role}/me`);
  it.each([
    ["another role's session", sessionOf("aws:sts::123456789012:assumed-role/Other")],
    ["another account's session", sessionOf("aws:sts::210987654321:assumed-role/Admin")],
    ["another partition's session", sessionOf("aws-cn:sts::123456789012:assumed-role/Admin")],
    ["a web identity's session", entryOfCli().replace("{", '{"SubjectFromWebIdentityToken": "pod",')],
  ])("is kept while it is valid, and the new entry is written elsewhere: %s", async (_, text) => {
    const directories = scratchDirectories();
    put(cliPath(directories), text);
    const counted = obtainer(settledCache(directories));
    const entry = await counted.obtain(request);
    expect(counted.fetches).toBe(1);
    expect(readFileSync(cliPath(directories), "utf8")).toBe(text);
    expect(settledCache(directories).lookup(request, testContext())).toEqual(entry);
  });

  it.skipIf(process.platform === "win32").each(["the AWS CLI's", "ours"])(
    "is replaced and not followed if it is a link in %s directory",
    async (where) => {
      const directories = scratchDirectories();
      const asked = where === "ours" ? own : request;
      const path = where === "ours" ? ownPath(directories) : cliPath(directories);
      const victim = join(scratchDirectory(), "victim");
      writeFileSync(victim, entryFor(asked), { mode: 0o600 });
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(victim, path);
      const before = readFileSync(victim, "utf8");
      const counted = obtainer(settledCache(directories));
      await counted.obtain(asked);
      expect(counted.fetches).toBe(1);
      expect(lstatSync(path).isFile()).toBe(true);
      expect(readFileSync(victim, "utf8")).toBe(before);
    },
  );

  it.skipIf(process.platform === "win32")("is replaced if it is a dangling link", async () => {
    const directories = scratchDirectories();
    const victim = join(scratchDirectory(), "victim");
    mkdirSync(directories.cli, { recursive: true });
    symlinkSync(victim, cliPath(directories));
    await obtainer(settledCache(directories)).obtain(request);
    expect(existsSync(victim)).toBe(false);
  });

  it("is kept if it is a directory, and the entry is written to the module's directory", async () => {
    const directories = scratchDirectories();
    mkdirSync(join(cliPath(directories), "in the way"), { recursive: true });
    const counted = obtainer(settledCache(directories));
    const entry = await counted.obtain(request);
    expect(settledCache(directories).lookup(request, testContext())).toEqual(entry);
    expect(readdirSync(directories.cli)).toEqual([cliFileName(request.cliKey ?? {})]);
  });
});

describe.skipIf(process.platform === "win32")("files", () => {
  it("of this module that others can read are used, narrowed and reported once", async () => {
    const directories = scratchDirectories();
    await obtainer(settledCache(directories)).obtain(ownRequest());
    chmodSync(ownPath(directories), 0o644);
    const context = testContext();
    expect(settledCache(directories).lookup(ownRequest(), context)).toBeDefined();
    expect(context.lines).toHaveLength(1);
    expect(statSync(ownPath(directories)).mode & 0o777).toBe(0o600);
  });

  it("of the AWS CLI that others can read are used and reported, and keep their mode", () => {
    const directories = scratchDirectories();
    put(cliPath(directories), entryOfCli());
    chmodSync(cliPath(directories), 0o640);
    const context = testContext();
    expect(settledCache(directories).lookup(cliRequest(), context)).toBeDefined();
    expect(context.lines).toHaveLength(1);
    expect(statSync(cliPath(directories)).mode & 0o777).toBe(0o640);
  });

  it.skipIf(process.geteuid?.() !== 0)("of another user are misses and are replaced (as root only)", async () => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    await counted.obtain(ownRequest());
    chownSync(ownPath(directories), 65_534, 65_534);
    expect(new CredentialCache(directories).lookup(ownRequest(), testContext())).toBeUndefined();
    await obtainer(settledCache(directories)).obtain(ownRequest());
    expect(statSync(ownPath(directories)).uid).toBe(0);
  });

  it.each([0o620, 0o602])("that others can write (%o) are misses and are replaced", async (mode) => {
    const directories = scratchDirectories();
    put(cliPath(directories), entryOfCli());
    chmodSync(cliPath(directories), mode);
    const counted = obtainer(settledCache(directories));
    await counted.obtain(cliRequest());
    expect(counted.fetches).toBe(1);
    expect(statSync(cliPath(directories)).mode & 0o777).toBe(0o600);
  });

  it("do not change the mode of the AWS CLI's directory, but narrow the module's", async () => {
    const directories = scratchDirectories();
    for (const directory of Object.values(directories)) {
      mkdirSync(directory, { recursive: true });
      chmodSync(directory, 0o755);
    }
    const { obtain } = obtainer(settledCache(directories));
    await obtain(cliRequest());
    await obtain(ownRequest());
    expect(statSync(directories.cli).mode & 0o777).toBe(0o755);
    expect(statSync(directories.own).mode & 0o777).toBe(0o700);
  });

  it("contain no secret of the source and not the request", async () => {
    const directories = scratchDirectories();
    await obtainer(settledCache(directories)).obtain(ownRequest({ source: "canary-source", identity: { canary: 1 } }));
    const texts = readdirSync(directories.own).map((name) => readFileSync(join(directories.own, name), "utf8"));
    expect(texts.join()).not.toContain("canary");
  });
});

describe("a disk that cannot be written", () => {
  it("is reported for the lock and the entry, and the credentials are returned", async () => {
    const blocked = join(scratchDirectory(), "file");
    writeFileSync(blocked, "");
    const directories = { cli: join(blocked, "cli"), own: join(blocked, "own") };
    const counted = obtainer(settledCache(directories));
    const entry = await counted.obtain(cliRequest());
    expect(await counted.obtain(cliRequest())).toBe(entry);
    expect(counted.fetches).toBe(1);
    expect(counted.context.lines).toHaveLength(2);
    for (const line of counted.context.lines) {
      expect(line).not.toContain(entry.credentials.secretAccessKey);
      expect(line).not.toContain(entry.credentials.sessionToken);
    }
  });
});

describe("memory", () => {
  it.each([
    { what: "deleted", act: (path: string) => rmSync(path) },
    { what: "emptied", act: (path: string) => writeFileSync(path, "") },
    { what: "replaced by an older one", act: (path: string) => put(path, entryOfCli("2026-03-01T12:10:00Z")) },
  ])("notices that another process has $what the file", async ({ act }) => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    await counted.obtain(cliRequest());
    act(cliPath(directories));
    await counted.obtain(cliRequest());
    expect(counted.fetches).toBe(2);
  });

  it("uses an entry that the AWS CLI renewed", async () => {
    const directories = scratchDirectories();
    const counted = obtainer(settledCache(directories));
    await counted.obtain(cliRequest());
    put(cliPath(directories), entryOfCli());
    expect((await counted.obtain(cliRequest())).credentials.accessKeyId).toBe("ASIAOFCLI");
    expect(counted.fetches).toBe(1);
  });

  it("does not extend an entry when the clock is set back", async () => {
    let monotonic = 0;
    const cache = settledCache({}, { monotonic: () => monotonic });
    const counted = obtainer(cache);
    await counted.obtain(cliRequest());
    counted.context.time += 5 * minute;
    monotonic += 50 * minute;
    await counted.obtain(cliRequest(), answer({ expiration: start + 2 * hour }));
    expect(counted.fetches).toBe(2);
  });

  it.each([5 * minute, hour, 24 * hour])("returns no expired entry when the clock jumps by ±%d ms", async (jump) => {
    const counted = obtainer(settledCache(scratchDirectories()));
    const { credentials } = await counted.obtain(cliRequest());
    for (const offset of [jump, -jump, 2 * jump]) {
      counted.context.time = start + offset;
      const served = await counted.obtain(cliRequest(), answer({ expiration: counted.context.time + hour }));
      const left = served.credentials.expiration.getTime() - counted.context.time;
      expect(left).toBeGreaterThanOrEqual(15 * minute);
      if (jump > 5 * minute && offset === -jump) expect(served.credentials).not.toEqual(credentials);
    }
  });

  it("evicts the least recently used entry", async () => {
    const cache = settledCache({}, { capacity: 3 });
    const counted = obtainer(cache);
    const requests = ["a", "b", "c", "d"].map((source) => cliRequest({ source }));
    for (const request of requests.slice(0, 3)) await counted.obtain(request);
    await counted.obtain(requests[0] ?? cliRequest());
    await counted.obtain(requests[3] ?? cliRequest());
    expect(requests.map((request) => cache.lookup(request, testContext()) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

describe("sweeping", () => {
  it("removes the module's expired entries in both directories and nothing else", async () => {
    const directories = scratchDirectories();
    const context = testContext();
    const { obtain } = obtainer(settledCache(directories), context);
    await obtain(cliRequest());
    await obtain(ownRequest());
    const foreign = {
      "0123456789012345678901234567890123456789.json": entryOfCli("2026-01-01T00:00:00Z"),
      "session.db": "x",
      "notes.json": "{}",
    };
    for (const [name, text] of Object.entries(foreign)) put(join(directories.cli, name), text);
    put(join(directories.own, "notes.json"), "{}");
    const old = (start - hour) / 1000;
    for (const directory of Object.values(directories)) {
      for (const name of readdirSync(directory)) utimesSync(join(directory, name), old, old);
    }
    context.time = start + 3 * hour;
    const later = ownRequest({ source: "later" });
    await obtainer(settledCache(directories), context).obtain(later, answer({ expiration: start + 4 * hour }));
    expect(readdirSync(directories.cli).sort()).toEqual(Object.keys(foreign).sort());
    expect(readdirSync(directories.own).sort()).toEqual([`${cacheKey(later)}.json`, "last-swept", "notes.json"].sort());
  });

  it("looks for expired entries only once an hour", async () => {
    const directories = scratchDirectories();
    const context = testContext();
    await obtainer(settledCache(directories), context).obtain(ownRequest());
    const old = (start - hour) / 1000;
    utimesSync(ownPath(directories), old, old);
    put(ownPath(directories), readFileSync(ownPath(directories), "utf8").replace("2026-03-01T13", "2026-03-01T11"));
    utimesSync(ownPath(directories), old, old);
    await obtainer(settledCache(directories), context).obtain(ownRequest({ source: "second" }));
    expect(existsSync(ownPath(directories))).toBe(true);
  });

  it("removes only files that a killed process left", async () => {
    const directories = scratchDirectories();
    const stagedElsewhere = (name: string) => `.${name}.json.1-1-${"0".repeat(12)}-x.staged`;
    const [left, writing] = [stagedElsewhere("a"), stagedElsewhere("b")];
    for (const directory of Object.values(directories)) {
      put(join(directory, left), "secret");
      put(join(directory, writing), "being written");
      put(join(directory, "tmpabcdef.tmp"), "botocore's");
      put(join(directory, `${"0".repeat(64)}.lock`), "F 1 x");
      for (const name of [left, "tmpabcdef.tmp", `${"0".repeat(64)}.lock`]) {
        utimesSync(join(directory, name), (start - 2 * minute) / 1000, (start - 2 * minute) / 1000);
      }
      utimesSync(join(directory, writing), start / 1000 - 30, start / 1000 - 30);
    }
    await obtainer(settledCache(directories)).obtain(cliRequest());
    expect(readdirSync(directories.own).sort()).toEqual([writing, "last-swept", "tmpabcdef.tmp"]);
    expect(readdirSync(directories.cli)).toContain(`${"0".repeat(64)}.lock`);
    expect(readdirSync(directories.cli)).not.toContain(left);
  });

  it("removes a dead process's staged files at once and keeps those of live processes", async () => {
    const directories = scratchDirectories();
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const mine = processName();
    const names = {
      gone: `.entry.json.${mine.replace(/^[^-]+/, dead.toString(36))}-x.staged`,
      // The process id now belongs to another process.
      recycled: `.entry.json.${mine.replace(/-[^-]+-/, "-1-")}-x.staged`,
      writing: `.entry.json.${mine}-x.staged`,
      elsewhere: `.entry.json.${mine.replace(/[^-]+$/, "0".repeat(12))}-x.staged`,
    };
    for (const directory of Object.values(directories)) {
      for (const name of Object.values(names)) put(join(directory, name), "secret");
    }
    await obtainer(settledCache(directories)).obtain(cliRequest());
    const left = Object.values(directories).map((directory) =>
      readdirSync(directory)
        .filter((name) => name.startsWith("."))
        .sort(),
    );
    // Only Linux shows when a process started.
    const stay = [names.elsewhere, names.writing, ...(process.platform === "linux" ? [] : [names.recycled])].sort();
    expect(left).toEqual([stay, stay]);
  });

  it("removes the staged file of a process that was killed while it recorded a profile", async () => {
    const directories = scratchDirectories();
    await obtainer(settledCache(directories)).obtain(cliRequest());
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const stray = join(directories.cli, `.entry.json.${processName().replace(/^[^-]+/, dead.toString(36))}-x.staged`);
    put(stray, "secret");
    await obtainer(settledCache(directories)).obtain(cliRequest({ profileName: "another" }));
    expect(existsSync(stray)).toBe(false);
  });
});
