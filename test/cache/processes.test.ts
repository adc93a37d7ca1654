import type { ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CacheRequest } from "../../src/cache/cache-request.ts";
import { OtherProcesses } from "../platform/other-process.ts";
import { amount } from "../stress/amount.ts";
import type { CacheProcessTask } from "./cache-process.ts";
import { cliRequest, ownRequest, scratchDirectories, scratchDirectory } from "./fixtures.ts";

const many = amount(8, 40);

let program: string;
let server: Server;
let seen: { fetch: number; hang: number; prompt: number };
let processes: OtherProcesses;

beforeAll(async () => {
  server = createServer((request, response) => {
    const what = request.url?.slice(1) as keyof typeof seen;
    seen[what] += 1;
    if (what === "hang") return;
    // Long enough for all processes to join.
    setTimeout(() => response.end(JSON.stringify({ n: seen.fetch })), 300);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  seen = { fetch: 0, hang: 0, prompt: 0 };
  processes = new OtherProcesses(scratchDirectory());
  program = processes.program(`import ${JSON.stringify(join(import.meta.dirname, "cache-process.ts"))};`);
});

afterEach(() => processes.killAll());

interface Started {
  readonly child: ChildProcess;
  /** The program's output. */
  readonly done: Promise<{ readonly accessKeyId: string }>;
}

function start(task: Omit<CacheProcessTask, "server">): Started {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running = processes.start(program, JSON.stringify({ ...task, server: url }));
  const done = running.ended.then((code) => {
    if (code !== 0 || running.errors !== "") throw new Error(`exit code ${code}: ${running.errors}`);
    return JSON.parse(running.output) as { accessKeyId: string };
  });
  done.catch(() => {});
  return { child: running.child, done };
}

function locksIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.includes(".lock"));
}

describe(`${many} concurrent processes`, () => {
  it.each<{ what: string; request: CacheRequest }>([
    { what: "in the AWS CLI's directory", request: cliRequest() },
    { what: "in the module's directory", request: ownRequest() },
  ])("cause one fetch, $what", async ({ request }) => {
    const directories = scratchDirectories();
    const started = Array.from({ length: many }, () => start({ directories, request, behavior: "fetches" }));
    const results = await Promise.all(started.map(({ done }) => done));
    expect(new Set(results.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ASIA1"]));
    expect(seen.fetch).toBe(1);
    expect(locksIn(directories.own)).toEqual([]);
  });

  it("cause one prompt and one fetch", async () => {
    const directories = scratchDirectories();
    const request = cliRequest();
    const started = Array.from({ length: many }, () => start({ directories, request, behavior: "needs a code" }));
    const results = await Promise.all(started.map(({ done }) => done));
    expect(new Set(results.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ASIA1"]));
    expect(seen).toMatchObject({ fetch: 1, prompt: 1 });
  });
});

describe("when the first process is killed", () => {
  it.each([
    { while: "it fetches", first: "hangs", others: "fetches" },
    { while: "the user types the code", first: "never types its code", others: "needs a code" },
  ] as const)("while $while, another takes over", async ({ first, others: behavior }) => {
    const directories = scratchDirectories();
    const request = cliRequest();
    const { child } = start({ directories, request, behavior: first });
    await expect.poll(() => seen.hang + seen.prompt).toBe(1);
    const waiting = Array.from({ length: 3 }, () => start({ directories, request, behavior }));
    await sleep(700);
    expect(seen.fetch).toBe(0);
    child.kill("SIGKILL");
    await Promise.all(waiting.map(({ done }) => done));
    expect(seen.fetch).toBe(1);
    expect(seen.prompt).toBeLessThanOrEqual(2);
    expect(locksIn(directories.own)).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("when the first process is suspended", () => {
  it("another takes over, and the first does no harm when it resumes", async () => {
    const directories = scratchDirectories();
    const request = cliRequest();
    const { child } = start({ directories, request, behavior: "hangs" });
    await expect.poll(() => seen.hang).toBe(1);
    child.kill("SIGSTOP");
    await start({ directories, request, behavior: "fetches" }).done;
    child.kill("SIGCONT");
    await sleep(600);
    expect(locksIn(directories.own)).toEqual([]);
  });
});
