import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { acquireFlightLock, type LockWait, type SingleFlightLock } from "../../src/cache/single-flight-lock.ts";
import { scratchDirectory } from "./fixtures.ts";

function lockPath(): string {
  return join(scratchDirectory(), "role.lock");
}

function waiting(changes: Partial<LockWait> = {}): LockWait {
  return { signal: new AbortController().signal, isReady: () => false, mayPassPrompt: () => false, ...changes };
}

async function lockAt(path: string): Promise<SingleFlightLock> {
  const lock = await acquireFlightLock(path, waiting());
  if (typeof lock === "string") throw new Error(lock);
  return lock;
}

describe(acquireFlightLock, () => {
  it("is had by one at a time", async () => {
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
    expect(existsSync(path)).toBe(false);
  });

  it.skipIf(process.platform === "win32")("makes a file of 0600 under any umask", async () => {
    const before = process.umask(0);
    try {
      const path = lockPath();
      const lock = await lockAt(path);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      lock.release();
    } finally {
      process.umask(before);
    }
  });

  it("ends the wait when what it was wanted for is there", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    expect(await acquireFlightLock(path, waiting({ isReady: () => true }))).toBe("ready");
    lock.release();
  });

  it("ends the wait at once when told to stop", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const stop = new AbortController();
    const wait = acquireFlightLock(path, waiting({ signal: stop.signal }));
    await sleep(300);
    stop.abort();
    expect(await wait).toBe("stopped");
    lock.release();
  });

  it("lets a code pass a prompt, and nothing else", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const wait = acquireFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([wait, sleep(50, "waiting")])).toBe("waiting");
    lock.awaitCode(true);
    expect(await wait).toBe("passed");
    lock.awaitCode(false);
    const another = acquireFlightLock(path, waiting({ mayPassPrompt: () => true }));
    expect(await Promise.race([another, sleep(50, "waiting")])).toBe("waiting");
    lock.release();
    const got = await another;
    if (typeof got === "object") got.release();
  });

  it("stays with a holder that works for long", async () => {
    const path = lockPath();
    const lock = await lockAt(path);
    const wait = lockAt(path);
    expect(await Promise.race([wait, sleep(4_500, "waiting")])).toBe("waiting");
    lock.release();
    (await wait).release();
  });

  const dead = spawnSync(process.execPath, ["-e", ""]).pid;

  /** A lock as this machine writes it, with another process id. */
  async function lockOf(processId: number | string, where?: string): Promise<string> {
    const path = lockPath();
    const lock = await lockAt(path);
    const [state, , here] = readFileSync(path, "utf8").split(" ");
    lock.release();
    writeFileSync(path, `${state} ${processId} ${where ?? here}`);
    return path;
  }

  it("is taken at once from a process that died", async () => {
    const path = await lockOf(dead);
    const started = performance.now();
    const lock = await lockAt(path);
    // Less than the patience with one that no longer writes.
    expect(performance.now() - started).toBeLessThan(2_500);
    lock.release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("is taken at once from a process that died and was not buried", async () => {
    // The shell's child becomes a program that does not wait for the sleeper it inherits.
    const undertaker = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 30"]);
    const output = await new Promise<string>((resolve) =>
      undertaker.stdout.once("data", (text) => resolve(String(text))),
    );
    await sleep(300);
    const path = await lockOf(output.trim());
    const started = performance.now();
    const lock = await lockAt(path);
    // Less than the patience with one that no longer writes.
    expect(performance.now() - started).toBeLessThan(2_500);
    lock.release();
    undertaker.kill("SIGKILL");
  });

  // All at once, for each takes seconds.
  it("is taken within seconds from whoever does not write it any more", async () => {
    const victim = join(scratchDirectory(), "victim");
    const cases = [
      { whose: "a process whose number was given away", path: await lockOf(process.pid), seconds: [2.5, 20] },
      { whose: "another machine's", path: await lockOf(process.pid, "elsewhere"), seconds: [3.5, 20] },
      { whose: "nobody", path: writeAt(lockPath(), ""), seconds: [0.8, 20] },
      { whose: "no process", path: writeAt(lockPath(), "F -1"), seconds: [0.8, 20] },
      { whose: "a large file", path: writeAt(lockPath(), "F ".repeat(5_000)), seconds: [0.8, 20] },
      { whose: "a link that was planted", path: linkAt(lockPath(), victim), seconds: [0.8, 20] },
    ] as const;
    const started = performance.now();
    const taken = await Promise.all(
      cases.map(async ({ whose, path, seconds: [least, most] }) => {
        const lock = await lockAt(path);
        const took = (performance.now() - started) / 1000;
        lock.release();
        return { whose, inTime: took > least && took < most, left: existsSync(path) };
      }),
    );
    expect(taken).toEqual(cases.map(({ whose }) => ({ whose, inTime: true, left: false })));
    expect(existsSync(victim)).toBe(false);
  }, 30_000);

  it("does not take another machine's process for dead because that number is unknown here", async () => {
    const path = await lockOf(dead, `${hostname()}/another-boot`);
    const wait = acquireFlightLock(path, waiting({ signal: AbortSignal.timeout(1_000) }));
    expect(await wait).toBe("stopped");
    expect(existsSync(path)).toBe(true);
  });

  it("of a holder that lost it is not taken from the next one", async () => {
    const path = lockPath();
    const lost = await lockAt(path);
    const { unlinkSync } = await import("node:fs");
    unlinkSync(path);
    const next = await lockAt(path);
    lost.awaitCode(true);
    lost.release();
    expect(readFileSync(path, "utf8")).toMatch(/^F /);
    next.release();
    expect(existsSync(path)).toBe(false);
  });

  it("fails where no file can be made", async () => {
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
