import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { acquireFlightLock, awaitingCode, type FlightWait, fetching } from "../../src/cache/single-flight-lock.ts";
import type { Lock } from "../../src/platform/lock.ts";
import { describeSelf, isGone } from "../../src/platform/process-identity.ts";
import { readLock, writeLock } from "../platform/lock-text.ts";
import { scratchDirectory } from "./fixtures.ts";

/** Whether anything exists at the path. A lock is a dangling link. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function lockPath(): string {
  return join(scratchDirectory(), "role.lock");
}

function waiting(changes: Partial<FlightWait> = {}): FlightWait {
  return { signal: new AbortController().signal, isReady: () => false, mayPassPrompt: () => false, ...changes };
}

async function lockAt(path: string): Promise<Lock> {
  const lock = await acquireFlightLock(path, waiting());
  if (typeof lock === "string") throw new Error(lock);
  return lock;
}

// Concurrent, because some take seconds.
describe.concurrent(acquireFlightLock.name, () => {
  it("has one holder at a time", async () => {
    const path = lockPath();
    const first = await lockAt(path);
    let isFree = false;
    const second = lockAt(path).then((lock) => {
      expect(isFree).toBe(true);
      return lock;
    });
    await sleep(50);
    isFree = true;
    first.release();
    (await second).release();
    expect(isThere(path)).toBe(false);
  });

  it("ends the wait once the entry is there", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    expect(await acquireFlightLock(path, waiting({ isReady: () => true }))).toBe("ready");
    lock.release();
  });

  it("ends the wait at once on abort", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const stop = new AbortController();
    const wait = acquireFlightLock(path, waiting({ signal: stop.signal }));
    await sleep(300);
    stop.abort();
    expect(await wait).toBe("stopped");
    lock.release();
  });

  it("lets a caller with a code pass a prompt, but not a fetch", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const wait = acquireFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([wait, sleep(50, "waiting")])).toBe("waiting");
    lock.publish(awaitingCode);
    expect(await wait).toBe("passed");
    lock.publish(fetching);
    const another = acquireFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([another, sleep(50, "waiting")])).toBe("waiting");
    lock.release();
    const got = await another;
    if (typeof got === "object") got.release();
  });

  it("stays with a holder that works for a long time", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const wait = lockAt(path);
    expect(await Promise.race([wait, sleep(4_500, "waiting")])).toBe("waiting");
    lock.release();
    (await wait).release();
  });

  const dead = spawnSync(process.execPath, ["-e", ""]).pid;

  /** Another process's lock in this module's format. */
  function lockOf(processId: number | string, place?: string): string {
    const [, , here] = describeSelf(0).split(" ");
    const path = lockPath();
    return writeLock(path, `${processId} 0 ${place ?? here} 1`);
  }

  it("is taken over at once from a dead process", async () => {
    const path = lockOf(dead);
    const lock = await lockAt(path);
    lock.release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("treats a zombie process as gone", async () => {
    // The shell's child becomes a program that does not wait for the sleeper it inherits.
    const undertaker = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 30"]);
    const output = await new Promise<string>((resolve) =>
      undertaker.stdout.once("data", (text) => resolve(String(text))),
    );
    const [, , here] = describeSelf(0).split(" ");
    await expect.poll(() => isGone(`${output.trim()} 0 ${here} 1`), { timeout: 20_000 }).toBe(true);
    undertaker.kill("SIGKILL");
  });

  // All at once, because each takes seconds.
  it("is taken over within seconds if it is not renewed", async () => {
    const victim = join(scratchDirectory(), "victim");
    const cases = [
      { whose: "another machine's", path: lockOf(process.pid, "elsewhere"), least: 3.5 },
      { whose: "an empty file", path: writeAt(lockPath(), ""), least: 3.5 },
      { whose: "no process", path: writeAt(lockPath(), "-1 0 x 1"), least: 3.5 },
      { whose: "a large file", path: writeAt(lockPath(), "F ".repeat(5_000)), least: 3.5 },
      // On Windows, only an administrator makes links.
      ...(process.platform === "win32"
        ? []
        : [{ whose: "a link that was planted", path: linkAt(lockPath(), victim), least: 3.5 }]),
    ];
    const started = performance.now();
    const taken = await Promise.all(
      cases.map(async ({ whose, path, least }) => {
        const lock = await lockAt(path);
        const took = (performance.now() - started) / 1000;
        lock.release();
        return { whose, isPatient: took > least, left: isThere(path) };
      }),
    );
    expect(taken).toEqual(cases.map(({ whose }) => ({ whose, isPatient: true, left: false })));
    expect(existsSync(victim)).toBe(false);
  }, 30_000);

  it("does not treat another machine's process as dead", async () => {
    const path = lockOf(dead, `${hostname()}/another-boot`);
    const wait = acquireFlightLock(path, waiting({ signal: AbortSignal.timeout(1_000) }));
    expect(await wait).toBe("stopped");
    expect(isThere(path)).toBe(true);
  });

  it("is skipped if something else is in its place", async () => {
    const path = lockPath();
    mkdirSync(path);
    expect(await acquireFlightLock(path, waiting({ isReady: () => true }))).toBe("ready");
    expect(await acquireFlightLock(path, waiting())).toBe("none");
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it("is not released by a holder that lost it", async () => {
    const path = lockPath();
    const lost = await lockAt(path);
    const { unlinkSync } = await import("node:fs");
    unlinkSync(path);
    const next = await lockAt(path);
    lost.publish(awaitingCode);
    lost.release();
    expect(readLock(path)).not.toContain("awaits");
    next.release();
    expect(isThere(path)).toBe(false);
  });

  it("fails if no file can be created", async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "file"), "");
    for (const path of [join(directory, "file", "role.lock"), join(directory, "none", "role.lock")]) {
      await expect(acquireFlightLock(path, waiting())).rejects.toThrow();
    }
    mkdirSync(join(directory, "none"));
    (await lockAt(join(directory, "none", "role.lock"))).release();
  });
});

function linkAt(path: string, target: string): string {
  symlinkSync(target, path);
  return path;
}

function writeAt(path: string, text: string): string {
  writeFileSync(path, text);
  return path;
}
