import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OtherProcesses } from "../platform/other-process.ts";
import { amount, figure, hasStrace, isFull } from "./amount.ts";
import { type FaultSubject, faultSubjects, filesIn, preamble } from "./fault-subjects.ts";

/** Every system call on a file or descriptor. */
const traced = [
  ["open", "openat", "read", "pread64", "write", "writev", "pwrite64", "close", "fsync", "fdatasync", "ftruncate"],
  ["rename", "renameat", "renameat2", "unlink", "unlinkat", "symlink", "symlinkat", "readlink", "readlinkat"],
  ["stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "getdents64"],
  ["mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "link", "linkat"],
].flat();

const faults = ["signal=KILL", "error=ENOSPC", "error=EIO", "error=EACCES", "error=EINTR"];
const begin = "/role-credentials-begins";
const end = "/role-credentials-ends";

describe.skipIf(!hasStrace()).each(faultSubjects)("a write of $what", (subject) => {
  let folder: string;
  let program: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    program = new OtherProcesses(folder).program(
      `${preamble(begin, end)}\n${subject.program}\nend();\nconsole.log(outcome);\n`,
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let homes = 0;
  function newHome(): string {
    const home = join(folder, `home-${++homes}`);
    mkdirSync(home);
    subject.prepare(home);
    return home;
  }

  async function traceWrite(home: string, ...options: string[]) {
    const child = spawn("strace", [
      ...["-f", "-e", `trace=?${traced.join(",?")}`, ...options],
      ...[process.execPath, program, home],
    ]);
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { stdout: stdout.trim(), stderr, isDead: isKilled(code, signal) };
  }

  /** Each system call between begin and end, by name and by its count among calls of that name in its thread. */
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
    "leaves each file with its old or its new content, whatever fails",
    async () => {
      const all = await callsOfOneWrite();
      const names = new Set(all.map(({ name }) => name));
      expect([...names]).toEqual(expect.arrayContaining([...subject.calls]));
      // The content is on the disk before it replaces the old file.
      const first = (wanted: string) => all.findIndex(({ name }) => name === wanted);
      if (subject.calls.includes("fsync")) expect(first("fsync")).toBeLessThan(first("rename"));
      // The short form kills the process at each call that changes the disk.
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
        const home = newHome();
        const inject = `inject=${name}:${fault}:when=${number}`;
        const { stdout, isDead, stderr } = await traceWrite(home, "-o", "/dev/null", "-e", inject);
        if (isDead) killed++;
        else if (!subject.endings.test(stdout)) throw new Error(`${what}: ${stdout} ${stderr}`);
        const outcome = isDead ? "killed" : stdout;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect([what, outcome, subject.flaw(home, outcome)]).toEqual([what, outcome, undefined]);

        const started = performance.now();
        await subject.again(home);
        const took = performance.now() - started;
        slowest = Math.max(slowest, took);
        expect([what, took < 5000, strangersIn(home, subject)]).toEqual([what, true, []]);
        rmSync(home, { recursive: true });
      }
      // A fault that was never injected would prove nothing.
      expect(killed).toBeGreaterThan(0.9 * chosen.filter(({ fault }) => fault === "signal=KILL").length);
      const ended = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(", ");
      figure(
        `faults: ${subject.what}: system calls; runs with one of ${isFull ? faults.length : 1} faults at one`,
        `${all.length}; ${chosen.length}`,
      );
      figure(`faults: ${subject.what}: results`, ended);
      figure(`faults: ${subject.what}: half-written files, lost files, files left behind`, 0);
      figure(`faults: ${subject.what}: the next run took at most`, `${Math.round(slowest)} ms`);
    },
    amount(180_000, 1_800_000),
  );
});

/** Whether the process was killed, by the fault or by Node itself, which aborts when messages between its own threads fail. */
function isKilled(code: unknown, signal: unknown): boolean {
  return code === 137 || code === 134 || signal === "SIGKILL" || signal === "SIGABRT";
}

/** Files that should not be there, or that others can read. */
function strangersIn(home: string, { left }: FaultSubject): string[] {
  const isOpen = (path: string) => {
    const status = lstatSync(join(home, path));
    // A lock is a symbolic link, which has no mode.
    return !status.isSymbolicLink() && (status.mode & 0o077) !== 0;
  };
  return filesIn(home).filter((path) => !left.includes(path) || isOpen(path));
}
