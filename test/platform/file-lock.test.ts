import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../src/platform/file-lock.ts";
import { describeSelf, isGone } from "../../src/platform/process-identity.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";
import { readLock, writeLock } from "./lock-text.ts";
import { OtherProcesses } from "./other-process.ts";

let folder: string;
let path: string;
let others: OtherProcesses;
const context = { signal: new AbortController().signal };

beforeEach(() => {
  folder = temporaryDirectory();
  path = join(folder, "file");
  others = new OtherProcesses(folder);
});

afterEach(() => others.killAll());

const holder = `
import { writeFileSync } from "node:fs";
import { withLock } from "#src/platform/file-lock.ts";
await withLock(process.argv[2], { signal: new AbortController().signal }, async () => {
  console.log("held");
  await new Promise((resolve) => setTimeout(resolve, Number(process.argv[3])));
  if (process.argv[4]) writeFileSync(process.argv[4], "");
});
`;

describe(withLock.name, () => {
  it("returns the result of the work and leaves no lock behind", async () => {
    expect(await withLock(path, context, () => 42)).toBe(42);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("releases the lock if the work fails", async () => {
    await expect(withLock(path, context, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
    expect(await withLock(path, context, ({ held }) => held())).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("runs callers of one process one at a time, in order of arrival", async () => {
    const order: number[] = [];
    let inside = 0;
    const works = Array.from({ length: 50 }, (_, index) =>
      withLock(path, context, async () => {
        expect(++inside).toBe(1);
        await Promise.resolve();
        order.push(index);
        inside--;
      }),
    );
    await Promise.all(works);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it("locks different paths independently", async () => {
    await withLock(path, context, () => withLock(`${path}2`, context, () => {}));
  });

  it("waits until another process releases the lock", async () => {
    const marker = join(folder, "marker");
    const other = others.start(others.program(holder), path, "300", marker);
    await other.said("held");
    expect(existsSync(marker)).toBe(false);
    expect(await withLock(path, context, () => existsSync(marker))).toBe(true);
    expect(await other.ended).toBe(0);
  });

  it("takes over the lock of a killed process at once", async () => {
    const other = others.start(others.program(holder), path, "60000");
    await other.said("held");
    await other.kill();
    expect(readLock(`${path}.lock`)).toContain(`${other.child.pid} `);
    expect(await withLock(path, context, ({ held }) => held())).toBe(true);
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "takes over a lock whose process id now belongs to another process",
    async () => {
      const owner = describeSelf(1).split(" ");
      owner[1] = "1";
      writeLock(`${path}.lock`, owner.join(" "));
      expect(await withLock(path, context, ({ held }) => held())).toBe(true);
    },
  );

  it("takes over a lock file and an interrupted takeover", async () => {
    const gone = others.start(others.program("console.log('x')"));
    await gone.ended;
    const owner = describeSelf(1).replace(/^\d+ \d+/, `${gone.child.pid} 1`);
    writeFileSync(`${path}.lock`, owner);
    writeLock(`${path}.lock.breaking`, owner);
    expect(await withLock(path, context, ({ held }) => held())).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith("file"))).toEqual([]);
  });

  // Windows has no file that is a pipe.
  it.each(["a folder, as other tools lock", "a pipe"].slice(0, process.platform === "win32" ? 1 : 2))(
    "times out on %s and does not remove it",
    async (what) => {
      if (what === "a pipe") execFileSync("mkfifo", [`${path}.lock`]);
      else mkdirSync(`${path}.lock`);
      await expect(withLock(path, context, () => {}, { patience: 300 })).rejects.toMatchObject({
        code: "FileBusy",
        details: { action: expect.stringContaining(`${path}.lock`) },
      });
      expect(existsSync(`${path}.lock`)).toBe(true);
      rmSync(`${path}.lock`, { recursive: true });
      expect(await withLock(path, context, () => 1)).toBe(1);
    },
  );

  it("keeps a lock that is held for a long time", async () => {
    const other = others.start(others.program(holder), path, "60000");
    await other.said("held");
    const wait = withLock(path, context, () => {}, { patience: 6000 });
    await expect(wait).rejects.toMatchObject({ code: "FileBusy" });
  });

  it("keeps waiting while the lock changes hands", async () => {
    const lock = `${path}.lock`;
    let turn = 1000;
    const next = () => {
      rmSync(lock, { force: true });
      writeLock(lock, describeSelf(++turn));
    };
    next();
    // Far below the patience, even if timers are late.
    const turns = setInterval(next, 20);
    const started = performance.now();
    setTimeout(() => {
      clearInterval(turns);
      rmSync(lock);
    }, 3000);
    expect(await withLock(path, context, ({ held }) => held(), { patience: 1000 })).toBe(true);
    expect(performance.now() - started).toBeGreaterThan(2000);
  });

  it("gives up when it times out and when it is canceled", async () => {
    const other = others.start(others.program(holder), path, "60000");
    await other.said("held");
    await expect(withLock(path, context, () => {}, { patience: 50 })).rejects.toMatchObject({ code: "FileBusy" });
    const cancel = new AbortController();
    const first = withLock(path, { signal: cancel.signal }, () => {});
    const queued = withLock(path, { signal: cancel.signal }, () => {});
    cancel.abort();
    await expect(first).rejects.toMatchObject({ code: "Cancelled" });
    await expect(queued).rejects.toMatchObject({ code: "Cancelled" });
    await other.kill();
    expect(await withLock(path, context, () => 1)).toBe(1);
  });

  it("detects that it lost the lock", async () => {
    const states = await withLock(path, context, ({ held }) => {
      const before = held();
      rmSync(`${path}.lock`);
      writeLock(`${path}.lock`, "2 2 elsewhere 2");
      return [before, held()];
    });
    expect(states).toEqual([true, false]);
    expect(readLock(`${path}.lock`)).toBe("2 2 elsewhere 2");
  });

  it("reports that a lock cannot be created", async () => {
    await expect(withLock(join(path, "no", "folder"), context, () => {})).rejects.toMatchObject({
      code: "FileUnwritable",
    });
  });
});

it("a process describes itself within the 59 bytes that ext4 keeps in the link's inode", () => {
  const [pid, startTime, ...rest] = describeSelf(999_999).split(" ");
  // The largest process id of Linux, a start time after three years, and the longest word that a holder publishes.
  const longest = ["4194304", "9999999999", ...rest, "awaits-code"].join(" ");
  expect([pid, startTime].map(Number)).not.toContain(Number.NaN);
  expect(Buffer.byteLength(longest)).toBeLessThan(60);
});

describe(isGone.name, () => {
  it.skipIf(process.platform !== "linux")("is true for a zombie process", async () => {
    // The shell's child becomes a program that does not wait for the sleeper it inherits.
    const undertaker = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 30"]);
    const [output] = await once(undertaker.stdout, "data");
    const zombie = describeSelf(1).replace(/^\d+ \d+/, `${String(output).trim()} 0`);
    await expect.poll(() => isGone(zombie), { timeout: 20_000 }).toBe(true);
    undertaker.kill("SIGKILL");
  });

  it("distinguishes live from dead processes and does not guess about other machines", async () => {
    const child = others.start(others.program("setTimeout(() => {}, 60000); console.log('up')"));
    await child.said("up");
    const alive = describeSelf(1).replace(/^\d+ \d+/, `${child.child.pid} 0`);
    expect([isGone(describeSelf(1)), isGone(alive)]).toEqual([false, false]);
    await child.kill();
    expect([isGone(alive), isGone(alive.replace(/ [^ ]+ 1$/, " elsewhere 1")), isGone("junk"), isGone("")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

it.skipIf(!existsSync("/proc/self/stat"))("reads the start time after a program name with spaces and brackets", () => {
  const [, start] = describeSelf(0).split(" ");
  const stat = readFileSync("/proc/self/stat", "latin1");
  expect(stat).toContain(` ${start} `);
});
