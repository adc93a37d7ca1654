import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { childrenOf, isRunning } from "../module/child-processes.ts";
import { FakeNode, type WrongAnswer } from "../module/fake-node.ts";
import { openWorkplace, type Workplace } from "../module/workplace.ts";
import { openCleanRoom, powerShellPath } from "../powershell/environment.ts";
import { quote, type ScriptError } from "../powershell/session.ts";
import { noTerminal, openTerminal } from "../powershell/terminal.ts";
import { openOwnSandbox } from "../sandbox/open-sandbox.ts";
import { amount, figure, randomFrom, seed } from "./amount.ts";

const manifest = join(import.meta.dirname, "..", "..", "module", "RoleCredentials.psd1");
const admin = "arn:aws:iam::123456789012:role/Admin";

describe.skipIf(process.platform !== "linux")("the border", () => {
  let place: Workplace;
  let fake: FakeNode;
  let shell: number;

  beforeAll(async () => {
    const room = openCleanRoom();
    fake = new FakeNode(join(room.home, "bin"));
    place = await openWorkplace({ module: false, env: { PATH: [fake.folder, process.env.PATH].join(delimiter) } });
    // Only these tests send requests to the core, so this disables the warm-up that an import starts.
    await place.session.run(
      `[System.Environment]::SetEnvironmentVariable('ROLE_CREDENTIALS_START', 'late'); Import-Module ${quote(manifest)}`,
    );
    await place.session.run("[RoleCredentials.RoleCore]::Patience = 2000");
    shell = await place.session.json<number>("$PID");
    await place.session.run("$null = Get-RoleProfile");
    return () => room.remove();
  });

  afterAll(() => place?.close());

  const cores = () =>
    childrenOf(shell).filter(({ command, state }) => state === "Z" || /serve|fake\.cjs/.test(command));

  async function endCores(): Promise<void> {
    for (const { pid } of cores()) process.kill(pid, "SIGKILL");
    // PowerShell notices the exit once it has reaped the process.
    while (cores().length > 0) await sleep(10);
    await sleep(50);
  }

  /** One call: its error, if any, and its duration. */
  async function call(script = "$null = Get-RoleProfile"): Promise<{ error: ScriptError | undefined; took: number }> {
    const started = performance.now();
    const { errors } = await place.session.run(script, { allowErrors: true });
    return { error: errors[0], took: performance.now() - started };
  }

  const frame = '{"jsonrpc":"2.0","id":%,"result":{"profiles":[]}}\n';
  const wrongs: [what: string, wrong: WrongAnswer, succeeds?: boolean][] = [
    ["garbage", { writes: ["\u0000\u0001lorem ipsum\nfoo\n"], after: "hangs" }],
    ["binary data", { writes: ["\u0000\u00ff\ufffe\n\n"], after: "hangs" }],
    ["the wrong version", { writes: [frame.replace("2.0", "1.0")], after: "hangs" }],
    ["JSON that is not a response", { writes: ["[1,2]\n"], after: "hangs" }],
    ["another object", { writes: ['{"id":%}\n'], after: "hangs" }],
    ["a truncated response", { writes: ['{"jsonrpc":"2.0","id":%,]]\n'], after: "hangs" }],
    ["half a frame, then exits", { writes: [frame.slice(0, 30)], after: "exits" }],
    ["half a frame, then hangs", { writes: [frame.slice(0, 30)], after: "hangs" }],
    ["two frames in one write", { writes: [frame + frame], after: "answers pings" }, true],
    ["a frame, one character at a time", { writes: [...frame], after: "answers pings" }, true],
    [
      "the response to an earlier request first",
      { writes: ['{"jsonrpc":"2.0","id":0,"result":{}}\n', frame], after: "hangs" },
      true,
    ],
    ["100 MB without a line break", { bytes: 100_000_000, writes: ["\n"], after: "hangs" }],
    ["the wrong id", { writes: ['{"jsonrpc":"2.0","id":4711,"result":{"profiles":[]}}\n'], after: "hangs" }],
    ["an invalid id", { writes: ['{"jsonrpc":"2.0","id":"1","result":{}}\n'], after: "hangs" }],
    [
      "an unterminated id",
      { writes: ['{"jsonrpc":"2.0","id":99999999999999999999999,"result":{}}\n'], after: "hangs" },
    ],
    ["neither a result nor an error", { writes: ['{"jsonrpc":"2.0","id":%,"x":1}\n'], after: "answers pings" }],
    ["an invalid result", { writes: ['{"jsonrpc":"2.0","id":%,"result":[1]}\n'], after: "answers pings" }],
    ["an empty error", { writes: ['{"jsonrpc":"2.0","id":%,"error":{}}\n'], after: "answers pings" }],
    ["an unknown kind of error", { writes: ['{"jsonrpc":"2.0","id":%,"error":"no"}\n'], after: "answers pings" }],
    [
      "an error with an unknown category",
      {
        writes: ['{"jsonrpc":"2.0","id":%,"error":{"message":"m","data":{"id":"X","category":"Nonsense"}}}\n'],
        after: "answers pings",
      },
    ],
    [
      "JSON nested a thousand levels deep",
      { writes: [`{"jsonrpc":"2.0","id":%,"result":${"[".repeat(1000)}${"]".repeat(1000)}}\n`], after: "hangs" },
    ],
    ["nothing", { after: "hangs" }],
    ["nothing, then closes its output", { after: "closes its output" }],
    ["nothing, then exits", { after: "exits" }],
  ];

  it.each(wrongs)("a core that answers %s causes at most one error", async (what, wrong, succeeds = false) => {
    await endCores();
    fake.be(wrong);
    const { error, took } = await call();
    expect(error && { id: error.id, hasAction: !!error.recommendedAction }).toEqual(
      succeeds ? undefined : { id: "CoreFailed,RoleCredentials.GetRoleProfileCommand", hasAction: true },
    );
    expect(took).toBeLessThan(10_000);
    // After valid answers the fake core stays in use, so end it before the next call.
    if (succeeds) await endCores();
    expect((await call()).error).toBeUndefined();
    expect(cores().map(({ state }) => state)).toEqual([expect.not.stringContaining("Z")]);
    figure(`border: a core that answers ${what}, error after`, `${Math.round(took)} ms`);
  });

  it(`recovers from a core that is killed at any moment (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const times = amount(8, 50);
    let failed = 0;
    let longest = 0;
    for (let time = 0; time < times; time++) {
      const killing = (async () => {
        await sleep(random() * 60);
        for (const { pid } of cores()) process.kill(pid, "SIGKILL");
      })();
      const calls = [
        await call(`foreach ($n in 1..4) { $null = Use-Role -RoleArn ${admin}${time % 2 ? " -NoCache" : ""} }`),
      ];
      await killing;
      // A core that is killed between calls fails the next call.
      for (let next = 0; next < 2; next++) calls.push(await call(`$null = Use-Role -RoleArn ${admin}`));
      const errors = calls.flatMap(({ error }) => error?.id ?? []);
      expect([[], ["CoreFailed,RoleCredentials.UseRoleCommand"]]).toContainEqual(errors);
      expect(calls[2]?.error).toBeUndefined();
      failed += errors.length;
      longest = Math.max(longest, ...calls.map(({ took }) => took));
    }
    expect(cores().map(({ state }) => state)).toEqual([expect.not.stringContaining("Z")]);
    expect(longest).toBeLessThan(10_000);
    figure(`border: killed ${times} times: failed calls, all with CoreFailed`, failed);
    figure("border: killed: longest call", `${Math.round(longest)} ms`);
  });

  it("does not leak handles over many calls", async () => {
    const calls = amount(200, 1000);
    const handles = () => readdirSync(`/proc/${shell}/fd`).length;
    const some = (count: number) =>
      call(
        `foreach ($n in 1..${count}) { $null = Get-RoleProfile; try { $null = Use-Role -ProfileName none } catch { }; $null = Use-Role -RoleArn ${admin} }; [System.GC]::Collect()`,
      );
    // The first calls and the first crash make .NET load the assemblies that they need.
    await endCores();
    await call();
    await some(5);
    const before = handles();
    const [core] = cores();
    const coreHandles = () => readdirSync(`/proc/${core?.pid}/fd`).length;
    const coreBefore = coreHandles();
    expect((await some(calls / 3)).error).toBeUndefined();
    expect(handles()).toBeLessThanOrEqual(before + 3);
    expect(coreHandles()).toBeLessThanOrEqual(coreBefore + 3);
    expect(cores().map(({ pid }) => pid)).toEqual([core?.pid]);
    // A crash of the core leaks no handles either. Each assembly that .NET loads in between adds two.
    const deaths = amount(10, 20);
    for (let time = 0; time < deaths; time++) {
      await endCores();
      await call();
    }
    expect(handles()).toBeLessThan(before + deaths);
    figure(
      `border: handles of PowerShell before and after ${calls} calls and ${deaths} crashes`,
      `${before}, ${handles()}`,
    );
  });
});

describe.skipIf(process.platform !== "linux")("the core exits when PowerShell exits", () => {
  /** A PowerShell with a core. Its process may differ from the one that was started, because a .NET tool's pwsh is a launcher. */
  async function start(ending: string): Promise<{ child: ChildProcess; shell: number; core: number }> {
    const room = openCleanRoom();
    onTestFinished(() => room.remove());
    const file = join(room.home, "script.ps1");
    writeFileSync(
      file,
      `Import-Module ${quote(manifest)}; $null = Get-RoleProfile; [Console]::WriteLine("pid=$PID="); ${ending}`,
    );
    const child = spawn(powerShellPath(), ["-NoLogo", "-NoProfile", "-File", file], { env: room.env });
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const shell = Number(await vi.waitUntil(() => /pid=(\d+)=/.exec(output)?.[1], { timeout: 60_000 }));
    const core = childrenOf(shell).find(({ command }) => command.includes("serve"))?.pid ?? 0;
    expect(core).toBeGreaterThan(0);
    return { child, shell, core };
  }

  async function gone(pid: number): Promise<number> {
    const started = performance.now();
    while (performance.now() - started < 20_000) {
      if (!isRunning(pid)) return performance.now() - started;
      await sleep(10);
    }
    return Number.POSITIVE_INFINITY;
  }

  it.each<[string, ending: string, end: (child: ChildProcess, shell: number) => void]>([
    ["that reaches the end of its script", "$null = [Console]::In.ReadLine()", (child) => child.stdin?.end("\n")],
    ["that exits with a code", "$null = [Console]::In.ReadLine(); exit 3", (child) => child.stdin?.end("\n")],
    [
      "that is killed",
      "while ($true) { [System.Threading.Thread]::Sleep(100) }",
      (_, shell) => void process.kill(shell, "SIGKILL"),
    ],
    [
      "that is terminated",
      "while ($true) { [System.Threading.Thread]::Sleep(100) }",
      (_, shell) => void process.kill(shell, "SIGTERM"),
    ],
    [
      "that crashes",
      "$null = [Console]::In.ReadLine(); [System.Environment]::FailFast('x')",
      (child) => child.stdin?.end("\n"),
    ],
  ])("one %s", async (what, ending, end) => {
    const { child, shell, core } = await start(ending);
    const ended = once(child, "exit");
    end(child, shell);
    await ended;
    const took = await gone(core);
    expect(took).toBeLessThan(20_000);
    figure(`border: PowerShell ${what}: the core is gone after`, `${Math.round(took)} ms`);
  });
});

describe.skipIf(process.platform !== "linux" || noTerminal !== undefined)("Ctrl+C", () => {
  it("stops the pipeline but not the core", async () => {
    const sandbox = await openOwnSandbox();
    const terminal = openTerminal([
      ...["-NoExit", "-Command"],
      // PSReadLine draws the line, which fails at a terminal without a size.
      `if (Get-Module PSReadLine) { Remove-Module PSReadLine }; Import-Module ${quote(manifest)}`,
    ]);
    onTestFinished(() => terminal.close());
    const run = async (command: string, shown: RegExp) => {
      terminal.type(`${command}\r`);
      await terminal.waitFor(shown);
    };
    await terminal.waitFor(/PS [^>]*> /);
    await run(`$env:AWS_ENDPOINT_URL_STS = ${quote(sandbox.urls.sts)}; 'a' + 'b'`, /ab/);
    await run(`$null = Get-RoleProfile; "pid=$PID="`, /pid=\d+=/);
    const shell = Number(/pid=(\d+)=/.exec(terminal.screen)?.[1]);
    const cores = () =>
      childrenOf(shell)
        .filter(({ command }) => command.includes("serve"))
        .map(({ pid }) => pid);
    const [core] = cores();
    sandbox.failNext({ hang: true });
    terminal.type(
      'Use-Role -RoleArn arn:aws:iam::123456789012:role/Admin -AccessKey AKIAJOEXAMPLE0000001 -SecretKey ("Jo/EXAMPLE+secret0000" + "0000000000000000001")\r',
    );
    await vi.waitUntil(() => sandbox.calls.length > 0, { timeout: 20_000 });
    const started = performance.now();
    terminal.type("\u0003");
    await run("'go' + 'on'", /goon/);
    const took = performance.now() - started;
    expect(took).toBeLessThan(20_000);
    await run("$null = Get-RoleProfile; 'al' + 'ive'", /alive/);
    expect(core).toBeDefined();
    expect(cores()).toEqual([core]);
    figure("border: Ctrl+C: the prompt is back after", `${Math.round(took)} ms`);
  });
});
