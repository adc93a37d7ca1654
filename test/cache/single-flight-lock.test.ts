import { existsSync, lstatSync, mkdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  acquireSingleFlightLock,
  awaitingCode,
  fetching,
  type SingleFlightWait,
} from "../../src/cache/single-flight-lock.ts";
import type { Lock } from "../../src/platform/lock.ts";
import { readLock, writeLock } from "../platform/lock-text.ts";
import { scratchDirectory } from "./fixtures.ts";

/** Whether anything exists at the path. A lock is a dangling link. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function lockPath(): string {
  return join(scratchDirectory(), "role.lock");
}

function waiting(changes: Partial<SingleFlightWait> = {}): SingleFlightWait {
  return { signal: new AbortController().signal, isReady: () => false, mayPassPrompt: () => false, ...changes };
}

async function lockAt(path: string): Promise<Lock> {
  const lock = await acquireSingleFlightLock(path, waiting());
  if (typeof lock === "string") throw new Error(lock);
  return lock;
}

// test/platform/file-lock.test.ts has the rules of every lock. Concurrent, because some take seconds.
describe.concurrent(acquireSingleFlightLock.name, () => {
  it("ends the wait once the entry is there", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    expect(await acquireSingleFlightLock(path, waiting({ isReady: () => true }))).toBe("ready");
    lock.release();
  });

  it("ends the wait at once on abort", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const stop = new AbortController();
    const wait = acquireSingleFlightLock(path, waiting({ signal: stop.signal }));
    await sleep(300);
    stop.abort();
    expect(await wait).toBe("stopped");
    lock.release();
  });

  it("lets a caller with a code pass a prompt, but not a fetch", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const wait = acquireSingleFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([wait, sleep(50, "waiting")])).toBe("waiting");
    lock.publish(awaitingCode);
    expect(await wait).toBe("passed");
    lock.publish(fetching);
    const another = acquireSingleFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([another, sleep(50, "waiting")])).toBe("waiting");
    lock.release();
    const got = await another;
    if (typeof got === "object") got.release();
  });

  // All at once, because each takes seconds.
  it("is taken over within seconds if it is not renewed", async () => {
    const victim = join(scratchDirectory(), "victim");
    const cases: [whose: string, path: string][] = [
      ["another machine's", writeLock(lockPath(), `${process.pid} 0 elsewhere 1`)],
      ["an empty file", writeAt(lockPath(), "")],
      ["no process", writeAt(lockPath(), "-1 0 x 1")],
      ["a large file", writeAt(lockPath(), "F ".repeat(5_000))],
      ["a link that was planted", writeLock(lockPath(), victim)],
    ];
    const started = performance.now();
    const taken = await Promise.all(
      cases.map(async ([whose, path]) => {
        (await lockAt(path)).release();
        return { whose, isPatient: performance.now() - started > 3500, left: isThere(path) };
      }),
    );
    expect(taken).toEqual(cases.map(([whose]) => ({ whose, isPatient: true, left: false })));
    expect(existsSync(victim)).toBe(false);
  }, 30_000);

  it("is skipped if something else is in its place", async () => {
    const path = lockPath();
    mkdirSync(path);
    expect(await acquireSingleFlightLock(path, waiting({ isReady: () => true }))).toBe("ready");
    expect(await acquireSingleFlightLock(path, waiting())).toBe("none");
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it("is not released by a holder that lost it", async () => {
    const path = lockPath();
    const lost = await lockAt(path);
    unlinkSync(path);
    const next = await lockAt(path);
    lost.publish(awaitingCode);
    lost.release();
    expect(readLock(path)).not.toContain("awaits");
    next.release();
    expect(isThere(path)).toBe(false);
  });
});

function writeAt(path: string, text: string): string {
  writeFileSync(path, text);
  return path;
}
