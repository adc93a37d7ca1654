import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { cacheKey } from "../../src/cache/cache-key.ts";
import type { CacheEntry, CacheRequest, ObtainOptions } from "../../src/cache/cache-request.ts";
import { type CacheSettings, CredentialCache } from "../../src/cache/credential-cache.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { readLock } from "../platform/lock-text.ts";
import {
  answer,
  cliRequest,
  controlledFetch,
  needsCode,
  ownRequest,
  scratchDirectories,
  scratchDirectory,
  testContext,
} from "./fixtures.ts";

const request = cliRequest();

interface Caller extends Partial<ObtainOptions> {
  readonly request?: CacheRequest;
}

function ask(cache: CredentialCache, caller: string, fetch: ObtainOptions["fetch"], more: Caller = {}) {
  return cache.obtain(more.request ?? request, { context: testContext(), caller, fetch, ...more });
}

const withoutCode: ObtainOptions["fetch"] = () => Promise.reject(needsCode());
const wrongCode: ObtainOptions["fetch"] = () => Promise.reject(new RoleError("MfaCodeRejected", "No."));
const never: ObtainOptions["fetch"] = () => Promise.reject(new Error("this fetch must not be called"));

/** Whether and how a promise has settled, after every other task had its chance. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const late = sleep(30).then(() => "waiting");
  return Promise.race([promise.then(() => "answered", codeOf), late]);
}

function codeOf(error: unknown): string {
  return error instanceof RoleError ? error.code : String(error);
}

function twice<T>(value: T): [T, T] {
  return [value, value];
}

/** Two caches act like two processes: they share only the disk. */
function cachesFor(who: string, settings: CacheSettings = {}): [CredentialCache, CredentialCache] {
  if (who === "one process without a disk") return twice(new CredentialCache({}, settings));
  const directories = scratchDirectories();
  if (who === "one process") return twice(new CredentialCache(directories, settings));
  return [new CredentialCache(directories, settings), new CredentialCache(directories, settings)];
}

const everywhere = ["one process", "one process without a disk", "two processes"];

describe.each(everywhere)("in %s", (who) => {
  it("a hundred callers cause one fetch", async () => {
    const caches = cachesFor(who);
    const { fetch, calls, called, succeed } = controlledFetch();
    const asked = Array.from({ length: 100 }, (_, index) => ask(caches[index % 2] ?? caches[0], `${index}`, fetch));
    await called();
    await sleep(20);
    expect(calls()).toBe(1);
    const entry = answer();
    succeed(entry);
    expect(await Promise.all(asked)).toEqual(asked.map(() => entry));
    expect(calls()).toBe(1);
  });

  it("callers with other requests do not wait", async () => {
    const [one, two] = cachesFor(who);
    const slow = controlledFetch();
    const first = ask(one, "a", slow.fetch);
    const other = answer();
    expect(await ask(two, "b", async () => other, { request: ownRequest() })).toBe(other);
    slow.succeed();
    await first;
  });

  it("a canceled caller leaves at once, and the fetch continues for the others", async () => {
    const [one, two] = cachesFor(who);
    const leaving = new AbortController();
    const work = controlledFetch();
    const leader = ask(one, "leader", work.fetch, { context: testContext(leaving.signal) });
    await work.called();
    const others = [ask(one, "b", never), ask(two, "c", never)];
    leaving.abort();
    await expect(leader).rejects.toMatchObject({ code: "Cancelled" });
    expect(work.wasAborted()).toBe(false);
    work.succeed();
    expect((await Promise.all(others)).length).toBe(2);
  });

  it("a canceled waiter does not affect the others", async () => {
    const [one, two] = cachesFor(who);
    const leaving = new AbortController();
    const work = controlledFetch();
    const leader = ask(one, "leader", work.fetch);
    await work.called();
    const waiter = ask(two, "waiter", never, { context: testContext(leaving.signal) });
    const third = ask(two, "third", never);
    await sleep(10);
    leaving.abort();
    await expect(waiter).rejects.toMatchObject({ code: "Cancelled" });
    work.succeed();
    await Promise.all([leader, third]);
  });

  it("the fetch is aborted when all callers cancel, and the next caller fetches again", async () => {
    const [one, two] = cachesFor(who);
    const leaving = new AbortController();
    const work = controlledFetch();
    const context = testContext(leaving.signal);
    const all = [ask(one, "a", work.fetch, { context }), ask(one, "b", never, { context })];
    await work.called();
    leaving.abort();
    expect(await Promise.all(all.map((asked) => asked.catch(codeOf)))).toEqual(["Cancelled", "Cancelled"]);
    expect(work.wasAborted()).toBe(true);
    const entry = answer();
    const late = [ask(one, "c", async () => entry), ask(two, "d", async () => entry)];
    work.fail(new Error("called off"));
    expect(await Promise.all(late)).toEqual([entry, entry]);
  });

  it("another caller takes over when the leader has left and its fetch fails", async () => {
    const [one, two] = cachesFor(who);
    const leaving = new AbortController();
    const work = controlledFetch();
    const leader = ask(one, "a", work.fetch, { context: testContext(leaving.signal) });
    await work.called();
    const entry = answer();
    const others = [ask(one, "b", async () => entry), ask(two, "c", async () => entry)];
    leaving.abort();
    work.fail(new RoleError("Cancelled", "aborted"));
    await expect(leader).rejects.toMatchObject({ code: "Cancelled" });
    expect(await Promise.all(others)).toEqual([entry, entry]);
  });

  it("one caller is asked for the code, and all share the entry", async () => {
    const [one, two] = cachesFor(who);
    let prompts = 0;
    const prompt = async (): Promise<CacheEntry> => {
      prompts += 1;
      throw needsCode();
    };
    const first = ask(one, "first", prompt);
    const others = Array.from({ length: 20 }, (_, index) => ask(index % 2 ? one : two, `${index}`, prompt));
    await expect(first).rejects.toMatchObject({ code: "MfaRequired" });
    expect(await Promise.all(others.map(stateOf))).toEqual(others.map(() => "waiting"));
    const entry = answer();
    expect(await ask(one, "first", async () => entry, { hasCode: true })).toBe(entry);
    expect(await Promise.all(others)).toEqual(others.map(() => entry));
    expect(prompts).toBe(1);
  });

  it.each(["abandons its turn", "brings a wrong code", "is gone for too long"])(
    "the next caller is asked when the first %s",
    async (how) => {
      const [one, two] = how === "is gone for too long" ? cachesFor(who, { leaseMilliseconds: 100 }) : cachesFor(who);
      const asked: string[] = [];
      const askedOf = (caller: string) => async (): Promise<CacheEntry> => {
        asked.push(caller);
        throw needsCode();
      };
      await expect(ask(one, "first", askedOf("first"))).rejects.toMatchObject({ code: "MfaRequired" });
      const second = ask(two, "second", askedOf("second"));
      const third = ask(two, "third", askedOf("third"));
      if (how === "abandons its turn") {
        expect(await stateOf(second)).toBe("waiting");
        one.abandon("first");
      } else if (how === "brings a wrong code") {
        await expect(ask(one, "first", wrongCode, { hasCode: true })).rejects.toMatchObject({
          code: "MfaCodeRejected",
        });
      }
      await expect(second).rejects.toMatchObject({ code: "MfaRequired" });
      expect(asked).toEqual(["first", "second"]);
      if (how !== "is gone for too long") expect(await stateOf(third)).toBe("waiting");
      const entry = answer();
      await ask(two, "second", async () => entry, { hasCode: true });
      if (how !== "is gone for too long") expect(await third).toEqual(entry);
      else await third.catch(() => {});
    },
  );

  it("a caller with its own code does not wait for the prompt, and all share its entry", async () => {
    const [one, two] = cachesFor(who);
    await expect(ask(one, "first", withoutCode)).rejects.toMatchObject({ code: "MfaRequired" });
    const waiting = [ask(one, "second", withoutCode), ask(two, "third", withoutCode)];
    const entry = answer();
    expect(await ask(two, "scripted", async () => entry, { hasCode: true })).toBe(entry);
    expect(await Promise.all(waiting)).toEqual([entry, entry]);
    // The first caller's code is no longer needed.
    expect(await ask(one, "first", never, { hasCode: true })).toEqual(entry);
  });

  it("a wrong code of another caller does not end the first caller's turn", async () => {
    const [one, two] = cachesFor(who);
    await expect(ask(one, "first", withoutCode)).rejects.toMatchObject({ code: "MfaRequired" });
    const waiting = ask(two, "second", withoutCode);
    await expect(ask(two, "scripted", wrongCode, { hasCode: true })).rejects.toMatchObject({ code: "MfaCodeRejected" });
    expect(await stateOf(waiting)).toBe("waiting");
    const entry = answer();
    await ask(one, "first", async () => entry, { hasCode: true });
    expect(await waiting).toEqual(entry);
  });

  it("the first caller can be asked again for another device", async () => {
    const [one, two] = cachesFor(who);
    await expect(ask(one, "first", withoutCode)).rejects.toMatchObject({ code: "MfaRequired" });
    const waiting = ask(two, "second", withoutCode);
    for (const hasCode of [true, false]) {
      await expect(ask(one, "first", withoutCode, { hasCode })).rejects.toMatchObject({ code: "MfaRequired" });
      expect(await stateOf(waiting)).toBe("waiting");
    }
    const entry = answer();
    await ask(one, "first", async () => entry, { hasCode: true });
    expect(await waiting).toEqual(entry);
  });

  it("waiting for a prompt can be canceled", async () => {
    const [one, two] = cachesFor(who);
    const leaving = new AbortController();
    await expect(ask(one, "first", withoutCode)).rejects.toMatchObject({ code: "MfaRequired" });
    const waiting = ask(two, "second", never, { context: testContext(leaving.signal) });
    expect(await stateOf(waiting)).toBe("waiting");
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: "Cancelled" });
    const entry = answer();
    expect(await ask(one, "first", async () => entry, { hasCode: true })).toBe(entry);
  });
});

describe("a failure", () => {
  it("rejects all callers with the same request in this process", async () => {
    const cache = new CredentialCache(scratchDirectories());
    const work = controlledFetch();
    const all = Array.from({ length: 10 }, (_, index) => ask(cache, `${index}`, work.fetch));
    await work.called();
    work.fail(new RoleError("AccessDenied", "No."));
    expect(await Promise.all(all.map((asked) => asked.catch(codeOf)))).toEqual(all.map(() => "AccessDenied"));
    expect(work.calls()).toBe(1);
  });

  it("is not cached: the next caller fetches", async () => {
    const cache = new CredentialCache(scratchDirectories());
    await expect(ask(cache, "a", async () => Promise.reject(new RoleError("StsTimeout", "")))).rejects.toThrow();
    const entry = answer();
    expect(await ask(cache, "b", async () => entry)).toBe(entry);
  });

  it("of a code does not affect callers with another code or none", async () => {
    const cache = new CredentialCache(scratchDirectories());
    const work = controlledFetch();
    const wrong = ask(cache, "wrong", work.fetch, { hasCode: true });
    await work.called();
    const entry = answer();
    const right = ask(cache, "right", async () => entry, { hasCode: true });
    const none = ask(cache, "none", never);
    work.fail(new RoleError("MfaCodeRejected", ""));
    await expect(wrong).rejects.toMatchObject({ code: "MfaCodeRejected" });
    expect(await Promise.all([right, none])).toEqual([entry, entry]);
  });

  it("that is thrown synchronously rejects the caller too", async () => {
    const cache = new CredentialCache(scratchDirectories());
    const thrown = () => {
      throw new RoleError("ProfileIncomplete", "");
    };
    await expect(ask(cache, "a", thrown)).rejects.toMatchObject({ code: "ProfileIncomplete" });
  });
});

describe("a single-flight", () => {
  it("is not joined by a caller with noCache", async () => {
    const cache = new CredentialCache(scratchDirectories());
    const work = controlledFetch();
    const running = ask(cache, "a", work.fetch);
    await work.called();
    const own = answer();
    expect(await ask(cache, "b", async () => own, { noCache: true })).toBe(own);
    const entry = answer();
    work.succeed(entry);
    expect(await running).toBe(entry);
  });

  it("is not started for a caller that has already canceled", async () => {
    const cache = new CredentialCache(scratchDirectories());
    for (const noCache of [false, true]) {
      const context = testContext(AbortSignal.abort());
      await expect(ask(cache, "a", never, { context, noCache })).rejects.toMatchObject({ code: "Cancelled" });
    }
  });

  it("can wait for another single-flight, as the hops of a chain do", async () => {
    const cache = new CredentialCache(scratchDirectories());
    const source = ownRequest();
    let asked = 0;
    const withCode = { ready: false };
    const fetch = async (signal: AbortSignal): Promise<CacheEntry> => {
      const inner = async () => {
        asked += 1;
        if (!withCode.ready) throw needsCode();
        return answer();
      };
      const context = testContext(signal);
      await ask(cache, "jo", inner, { request: source, context, hasCode: withCode.ready });
      return answer();
    };
    await expect(ask(cache, "jo", fetch)).rejects.toMatchObject({ code: "MfaRequired" });
    const other = ask(cache, "other", never);
    expect(await stateOf(other)).toBe("waiting");
    withCode.ready = true;
    const entry = await ask(cache, "jo", fetch, { hasCode: true });
    expect(await other).toBe(entry);
    expect(asked).toBe(2);
  });

  it.each(["answered", "failed", "canceled", "abandoned", "closed"])("leaves no lock when it was %s", async (how) => {
    const directories = scratchDirectories();
    const cache = new CredentialCache(directories);
    const lock = join(directories.own, `${cacheKey(request)}.lock`);
    const leaving = new AbortController();
    const work = controlledFetch();
    const asked = ask(cache, "a", work.fetch, { context: testContext(leaving.signal) }).catch(codeOf);
    await work.called();
    expect(readLock(lock)).toBeTruthy();
    if (how === "answered") work.succeed();
    if (how === "failed") work.fail(new Error("no"));
    if (how === "abandoned") work.fail(needsCode());
    if (how === "canceled") {
      leaving.abort();
      work.fail(new Error("called off"));
    }
    if (how === "closed") cache.close();
    await asked;
    if (how === "abandoned") {
      expect(readLock(lock)).toBeTruthy();
      cache.abandon("a");
    }
    const locks = () => readdirSync(directories.own).filter((name) => name.includes(".lock"));
    await expect.poll(locks).toEqual([]);
  });

  it("ends for a waiter on another process as soon as any process has stored the entry", async () => {
    const directories = scratchDirectories();
    const [one, two] = [new CredentialCache(directories), new CredentialCache(directories)];
    const work = controlledFetch();
    const hanging = ask(one, "a", work.fetch);
    await work.called();
    const waiting = ask(two, "b", never);
    expect(await stateOf(waiting)).toBe("waiting");
    const entry = answer();
    // Without a directory for a lock, this cache does not wait.
    await ask(new CredentialCache({ cli: directories.cli }), "c", async () => entry);
    expect(await waiting).toEqual(entry);
    expect(await stateOf(hanging)).toBe("waiting");
    work.succeed();
    await hanging;
  });

  it("rejects waiting callers with Cancelled when the cache is closed", async () => {
    const [one, two] = cachesFor("two processes");
    const work = controlledFetch();
    const leader = ask(one, "a", work.fetch);
    await work.called();
    const waiting = ask(two, "b", never);
    await sleep(10);
    two.close();
    await expect(waiting).rejects.toMatchObject({ code: "Cancelled" });
    work.succeed();
    await leader;
  });

  it("continues without a lock if none can be created", async () => {
    const context = testContext();
    const blocked = join(scratchDirectory(), "file");
    writeFileSync(blocked, "");
    const cache = new CredentialCache({ own: join(blocked, "own") });
    const entry = answer();
    expect(await ask(cache, "a", async () => entry, { context })).toBe(entry);
    expect(context.lines.length).toBeGreaterThan(0);
  });
});
