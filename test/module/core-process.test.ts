import { appendFileSync, cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openPowerShell, quote, type Session } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { childrenOf, isRunning } from "./child-processes.ts";
import { FakeNode, type WrongAnswer } from "./fake-node.ts";
import { builtModule, openWorkplace, type Workplace } from "./workplace.ts";

// The two halves together: cmdlets in a real PowerShell, and the core that they start, kill, replace and share.

const manifest = quote(join(builtModule, "RoleCredentials.psd1"));
const admin = roleArn("Admin");
const useAdmin = `(Use-Role ${admin} -NoCache).RoleArn`;
const patience = { timeout: 30_000 };

const coresOf = async (session: Session) =>
  childrenOf(await session.json<number>("$PID")).filter(({ command }) => /serve$|fake\.cjs/.test(command));

async function coreOf(session: Session): Promise<number> {
  const [core, ...others] = await coresOf(session);
  expect(others).toEqual([]);
  if (!core) throw new Error("There is no core.");
  return core.pid;
}

async function ended(pid: number): Promise<boolean> {
  return await vi.waitUntil(() => !isRunning(pid), patience);
}

describe.skipIf(process.platform === "win32")("the core's process", () => {
  let work: Workplace;
  let fake: FakeNode;
  beforeAll(async () => {
    work = await openWorkplace({ module: false });
    fake = new FakeNode(join(work.session.home, "bin"));
    await work.session.run(
      `$env:PATH = ${quote(fake.folder + delimiter)} + $env:PATH; Import-Module ${manifest}; $null = Get-RoleProfile`,
    );
  });
  afterAll(() => work?.close());
  beforeEach(() => {
    work.sandbox.clearCalls();
    work.sandbox.clearFaults();
  });

  it("serves all calls and all runspaces", async () => {
    const core = await coreOf(work.session);
    await work.session.run(
      `1..5 | ForEach-Object -Parallel { Import-Module ${manifest}; $null = Get-RoleProfile; $null = ${useAdmin} }`,
    );
    expect(await coreOf(work.session)).toBe(core);
  });

  it("causes one clear error and no zombie when it is killed during a call, and the next call works", async () => {
    const killed = await coreOf(work.session);
    work.sandbox.failNext({ hang: true });
    const failing = work.session.run(useAdmin, { allowErrors: true });
    await vi.waitUntil(() => work.sandbox.calls.length > 0, patience);
    process.kill(killed, "SIGKILL");
    expect((await failing).errors).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.UseRoleCommand",
        category: "ResourceUnavailable",
        target: "role/use",
        recommendedAction: expect.stringContaining("Repeat"),
      },
    ]);
    expect(await work.session.json(useAdmin)).toBe(admin);
    const children = childrenOf(await work.session.json<number>("$PID"));
    expect(children.map(({ state }) => state)).toEqual([expect.not.stringContaining("Z")]);
  });

  it("is replaced silently, and the request for a role repeated once, when it was killed", async () => {
    const [killed, outcomes, core] = await work.session.json<[number, string[], number]>(`
      $null = Use-Role ${admin}
      $id = { [RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CoreFolder]::Own) }
      $first = & $id
      $outcomes = foreach ($round in 1..10) {
        [System.Diagnostics.Process]::GetProcessById((& $id)).Kill()
        try { (Use-Role ${admin} -ErrorAction Stop).RoleArn } catch { "$_" }
      }
      , @($first, $outcomes, (& $id))`);
    expect(outcomes).toEqual(Array(10).fill(admin));
    expect(core).not.toBe(killed);
  });

  it.each([
    ["the current folder", "Set-Location $root"],
    ["a folder of a custom drive", "Set-Location own:/"],
    ["a folder without a drive", 'Set-Location "Microsoft.PowerShell.Core\\FileSystem::$root"'],
    ["the last file system folder, if the location is another provider", "Set-Location $root; Set-Location env:"],
  ])("receives %s", async (_, goThere) => {
    const root = join(work.session.home, "here");
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, "some.config"), "[profile here]\nregion = eu-west-1\n");
    const script = `
      $root = ${quote(root)}
      $null = New-PSDrive own FileSystem $root
      $before = Get-Location
      $env:AWS_CONFIG_FILE = 'some.config'
      try { ${goThere}; (Get-RoleProfile).ProfileName } finally { $env:AWS_CONFIG_FILE = $null; Set-Location $before }`;
    expect(await work.session.json(`& { ${script} }`)).toEqual(["here", "default"]);
  });

  it("receives the caller's variables with each request, and has no secret in its arguments and environment", async () => {
    await work.session.run("$env:AWS_ACCESS_KEY_ID = 'AKIA'; $env:AWS_SECRET_ACCESS_KEY = 'secret'");
    const { errors } = await work.session.run(useAdmin, { allowErrors: true });
    expect(errors).toMatchObject([{ id: "CredentialsRejected,RoleCredentials.UseRoleCommand" }]);
    await work.session.run("$env:AWS_ACCESS_KEY_ID = $env:AWS_SECRET_ACCESS_KEY = $null");
    const [core] = await coresOf(work.session);
    expect(core?.command.split(" ").slice(-2)).toEqual([join(builtModule, "core", "role-credentials.cjs"), "serve"]);
    for (const word of core?.command.split(" ").slice(1, -2) ?? []) expect(word).toMatch(/^--/);
    if (process.platform !== "linux") return;
    // Not the working directory, which would keep a folder open.
    expect(realpathSync(`/proc/${core?.pid}/cwd`)).toBe("/");
    const environment = readFileSync(`/proc/${core?.pid}/environ`, "utf8").split("\0").filter(Boolean);
    // PWD is from the shell that starts the real Node.
    for (const variable of environment) expect(variable).toMatch(/^(HOME|USERPROFILE|TEMP|TMP|TMPDIR|TZ|PWD)=/);
  });

  const frame = '{"jsonrpc":"2.0","id":%,"result":{"profiles":[{"name":"é漢","settings":{},"isNew":[{}]}]}}\n';

  async function answerWith(wrong: WrongAnswer) {
    const core = await coreOf(work.session);
    process.kill(core, "SIGKILL");
    await ended(core);
    fake.be(wrong);
    await work.session.run(
      "$before = [RoleCredentials.RoleCore]::Patience; [RoleCredentials.RoleCore]::Patience = 3000",
    );
    const result = await work.session.run("(Get-RoleProfile).ProfileName", { allowErrors: true });
    await work.session.run("[RoleCredentials.RoleCore]::Patience = $before");
    expect(fake.wasUsed).toBe(true);
    return result;
  }

  // `npm run stress -- border` has all kinds.
  it.each<[what: string, wrong: WrongAnswer]>([
    ["garbage", { writes: ["\u0000\u0001lorem ipsum\nfoo\n"], after: "hangs" }],
    ["half a response and exits", { writes: [frame.slice(0, 30)], after: "exits" }],
    ["a name that is a number", { writes: [frame.replace('"é漢"', "1")], after: "hangs" }],
    ["a result that lacks a member", { writes: [frame.replace("profiles", "others")], after: "hangs" }],
    ["an unknown id", { writes: ['{"jsonrpc":"2.0","id":4711,"result":{}}\n'], after: "hangs" }],
    ["more than any response", { bytes: 100_000_000, writes: ["\n"], after: "hangs" }],
    ["nothing", { after: "hangs" }],
  ])("causes one error when it answers %s, ends, and is replaced", async (_, wrong) => {
    const { errors } = await answerWith(wrong);
    expect(errors).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.GetRoleProfileCommand",
        category: "ResourceUnavailable",
        message: expect.stringContaining("stopped before it answered profile/list"),
        recommendedAction: expect.stringContaining("Repeat"),
        terminating: false,
      },
    ]);
    expect(await work.session.json("(Get-RoleProfile).ProfileName")).toBe("default");
    await vi.waitUntil(async () => (await coresOf(work.session)).length === 1, patience);
  });

  it.each<[what: string, wrong: WrongAnswer]>([
    ["two responses in one chunk", { writes: [frame + frame], after: "answers pings" }],
    ["one response in many chunks", { writes: [frame], byteByByte: true, after: "answers pings" }],
  ])("may answer %s", async (_, answer) => {
    expect((await answerWith(answer)).stdout).toBe("é漢");
  });

  it.each(["role-credentials.cjs", "core.cjs", "assume-role.cjs", "socks.cjs"])(
    "is not started if %s is changed or missing",
    async (name) => {
      // A second copy of the module uses its own core.
      const copy = join(work.session.home, `copy of ${name}`);
      cpSync(builtModule, copy, { recursive: true, preserveTimestamps: true });
      const file = join(copy, "core", name);
      const failure = async () =>
        await work.session.json<string[]>(`
          $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
          $null = $other.AddScript('Import-Module $args[0]; Get-RoleProfile').AddArgument(${quote(join(copy, "RoleCredentials.psd1"))}).Invoke()
          $other.Streams.Error.FullyQualifiedErrorId; [string] $other.Streams.Error[0].TargetObject; $other.Streams.Error[0].ErrorDetails.RecommendedAction
          $other.Runspace.Dispose()`);
      appendFileSync(file, " ");
      const advice = expect.stringContaining("npm run build");
      expect(await failure()).toEqual(["CoreChanged,RoleCredentials.GetRoleProfileCommand", file, advice]);
      rmSync(file);
      expect(await failure()).toEqual(["CoreMissing,RoleCredentials.GetRoleProfileCommand", file, advice]);
    },
  );

  it("ends when the module is removed", async () => {
    const core = await coreOf(work.session);
    await work.session.run("Remove-Module RoleCredentials");
    expect(await ended(core)).toBe(true);
    await work.session.run(`Import-Module ${manifest}; $null = Get-RoleProfile`);
  });

  it("ends when PowerShell ends", async () => {
    const core = await coreOf(work.session);
    await work.session.close();
    expect(await ended(core)).toBe(true);
  });

  it("ends when PowerShell is killed", async () => {
    const session = await openPowerShell({ module: true });
    await session.run("$null = Get-RoleProfile");
    const core = await coreOf(session);
    process.kill(await session.json<number>("$PID"), "SIGKILL");
    expect(await ended(core)).toBe(true);
    await session.close();
  });
});
