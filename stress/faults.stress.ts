import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../src/context.ts";
import { type Changes, storeProfile } from "../src/files/store.ts";
import { contextSource, OtherProcesses } from "../test/files/other-process.ts";
import { amount, figure, isFull } from "./amount.ts";

/** What strace can do here: it may be missing, or forbidden. */
const noStrace = process.platform !== "linux" || spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status !== 0;

const context: Context = {
  environment: {},
  workingDirectory: "/",
  platform: process.platform,
  now: Date.now,
  signal: new AbortController().signal,
  say: () => {},
};

const changes: Changes = { accessKeyId: "AKIANEWEXAMPLE000001", secretAccessKey: "new/EXAMPLE", region: "eu-west-1" };
const old = {
  config: "# mine\n[default]\nregion = us-east-1\n\n[profile other]\noutput = json\n",
  credentials:
    "[default]\naws_access_key_id = AKIAOLDEXAMPLE000001\naws_secret_access_key = old/EXAMPLE # c\n[other]\n",
};
/** What an undisturbed write makes of it. */
const wanted = { config: "", credentials: "" };

/** Whatever touches a file or a descriptor. */
const traced = [
  ["open", "openat", "read", "pread64", "write", "writev", "pwrite64", "close", "fsync", "fdatasync", "ftruncate"],
  ["rename", "renameat", "renameat2", "unlink", "unlinkat", "symlink", "symlinkat", "readlink", "readlinkat"],
  ["stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "getdents64"],
  ["mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "link", "linkat"],
].flat();

const faults = ["signal=KILL", "error=ENOSPC", "error=EIO", "error=EACCES", "error=EINTR"];

describe.skipIf(noStrace)("a write of both files", () => {
  let folder: string;
  let program: string;
  let others: OtherProcesses;
  const begin = "/role-credentials-begins";
  const end = "/role-credentials-ends";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    others = new OtherProcesses(folder);
    program = others.program(`
import { existsSync } from "node:fs";
import { storeProfile } from "#src/files/store.ts";
${contextSource}
const [, , config, credentials, changes] = process.argv;
existsSync("${begin}");
const outcome = await storeProfile("default", JSON.parse(changes), context, { config, credentials }).then(
  () => "stored",
  (error) => (error.name === "RoleError" ? error.code : "not ours: " + error.stack),
);
existsSync("${end}");
console.log(outcome);
`);
    const at = newHome();
    await storeProfile("default", changes, context, at);
    for (const name of ["config", "credentials"] as const) wanted[name] = readFileSync(at[name], "utf8");
    expect(wanted.config).toBe(old.config.replace("us-east-1", "eu-west-1"));
    expect(wanted.credentials).toMatch(/AKIANEWEXAMPLE000001(?:.|\n)*new\/EXAMPLE/);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let homes = 0;
  function newHome() {
    const home = join(folder, `home-${++homes}`, ".aws");
    mkdirSync(home, { recursive: true, mode: 0o700 });
    for (const name of ["config", "credentials"] as const) writeFileSync(join(home, name), old[name], { mode: 0o600 });
    return { home, config: join(home, "config"), credentials: join(home, "credentials") };
  }

  async function traceWrite(at: ReturnType<typeof newHome>, ...options: string[]) {
    const child = spawn("strace", [
      ...["-f", "-e", `trace=?${traced.join(",?")}`, ...options],
      ...[process.execPath, program, at.config, at.credentials, JSON.stringify(changes)],
    ]);
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { stdout: stdout.trim(), stderr, isDead: isKilled(code, signal) };
  }

  /** By us, or by Node: what its own threads say to each other fails too, and then it gives up. */
  function isKilled(code: unknown, signal: unknown): boolean {
    return code === 137 || code === 134 || signal === "SIGKILL" || signal === "SIGABRT";
  }

  /** Each system call between begin and end, by its name and its number among those of that name in its thread. */
  async function callsOfOneWrite(): Promise<{ name: string; number: number }[]> {
    const log = join(folder, "log");
    await traceWrite(newHome(), "-o", log);
    const counts = new Map<string, number>();
    const calls: { name: string; number: number }[] = [];
    let isWithin = false;
    for (const line of readFileSync(log, "latin1").split("\n")) {
      const [, thread, name] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
      if (!thread || !name) continue;
      if (line.includes(end)) isWithin = false;
      const key = `${thread} ${name}`;
      const number = (counts.get(key) ?? 0) + 1;
      counts.set(key, number);
      if (isWithin) calls.push({ name, number });
      if (line.includes(begin)) isWithin = true;
    }
    return [...new Map(calls.map((call) => [`${call.name} ${call.number}`, call])).values()];
  }

  it(
    "leaves each file as it was or as it should be, whatever fails in it",
    async () => {
      const all = await callsOfOneWrite();
      expect(all.length).toBeGreaterThan(20);
      const names = new Set(all.map(({ name }) => name));
      expect([...names]).toEqual(expect.arrayContaining(["openat", "write", "rename", "symlink", "unlink"]));
      // The short form: what changes something on the disk, killed there.
      const changing = /^(?:write|fsync|rename|symlink|unlink|close)$/;
      const cases = all
        .filter(({ name }) => isFull || changing.test(name))
        .flatMap((call) => (isFull ? faults : ["signal=KILL"]).map((fault) => ({ ...call, fault })));
      const chosen = isFull ? cases : cases.filter((_, index) => index % 2 === 0);
      const outcomes = new Map<string, number>();
      let slowest = 0;
      let killed = 0;

      for (const { name, number, fault } of chosen) {
        const what = `${fault} at ${name} ${number}`;
        const at = newHome();
        const { stdout, isDead, stderr } = await traceWrite(
          at,
          "-o",
          "/dev/null",
          "-e",
          `inject=${name}:${fault}:when=${number}`,
        );
        const outcome = isDead ? "killed" : stdout;
        if (isDead) killed++;
        if (!/^(?:killed|stored|File(?:Unwritable|Unreadable|Busy))$/.test(outcome))
          throw new Error(`${what}: ${stdout} ${stderr}`);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        for (const file of ["config", "credentials"] as const) {
          const content = readFileSync(at[file], "utf8");
          const isWhole = content === wanted[file] || (content === old[file] && outcome !== "stored");
          if (!isWhole) throw new Error(`${what}: ${outcome}, and ${file} is ${JSON.stringify(content)}`);
        }

        const started = performance.now();
        await storeProfile("default", { ...changes, output: "text" }, context, at);
        const took = performance.now() - started;
        slowest = Math.max(slowest, took);
        expect([what, took < 5000, readdirSync(at.home).sort()]).toEqual([what, true, ["config", "credentials"]]);
        expect(readFileSync(at.credentials, "utf8")).toBe(wanted.credentials);
        rmSync(at.home, { recursive: true });
      }
      // A fault that never came would prove nothing.
      expect(killed).toBeGreaterThan(0.9 * chosen.filter(({ fault }) => fault === "signal=KILL").length);
      figure(`faults: system calls of a write of both files`, all.length);
      figure(`faults: runs with one of ${isFull ? faults.length : 1} faults at one call`, chosen.length);
      for (const [outcome, count] of outcomes) figure(`faults: ended as: ${outcome}`, count);
      figure("faults: half-written files, lost files, files left behind", 0);
      figure("faults: the next write took at most", `${Math.round(slowest)} ms`);
    },
    amount(60_000, 1_800_000),
  );
});
