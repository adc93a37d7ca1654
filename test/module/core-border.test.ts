import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPowerShell, quote, type Session } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { joAsParameters, openWorkplace, type Workplace } from "./workplace.ts";

const windows = process.platform === "win32";
const builtModule = join(import.meta.dirname, "..", "..", "module");

/** Imports the module without starting the core yet. */
function importQuietly(folder: string): string {
  const manifest = quote(join(folder, "RoleCredentials.psd1"));
  return `[System.Environment]::SetEnvironmentVariable('ROLE_CREDENTIALS_START', 'late'); Import-Module ${manifest}`;
}

interface Process {
  readonly pid: number;
  readonly state: string;
  readonly command: string;
}

function childrenOf(parent: number): Process[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, ppid, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parent ? [{ pid: Number(pid), state, command }] : [];
  });
}

const coresOf = async (session: Session) =>
  childrenOf(await session.json<number>("$PID")).filter(({ command }) => /\bserve$/.test(command));

async function coreOf(session: Session): Promise<number> {
  const [core, ...others] = await coresOf(session);
  expect(others).toEqual([]);
  if (!core) throw new Error("There is no core.");
  return core.pid;
}

/** Whether a process is alive. A zombie is not. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function waitUntil(is: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && !is(); tries++) await setTimeout(50);
  return is();
}

describe.skipIf(windows)("the core's process", () => {
  let work: Workplace;
  beforeEach(async () => {
    work = await openWorkplace();
  });
  afterEach(() => work.close());
  const useAdmin = `(Use-Role ${roleArn("Admin")} -NoCache).RoleArn`;

  it("serves all calls and all runspaces", async () => {
    await work.session.run("$null = Get-RoleProfile");
    const core = await coreOf(work.session);
    const manifest = quote(join(builtModule, "RoleCredentials.psd1"));
    await work.session.run(
      `1..5 | Microsoft.PowerShell.Core\\ForEach-Object -Parallel { Import-Module ${manifest}; $null = Get-RoleProfile; $null = ${useAdmin} }`,
    );
    expect(await coreOf(work.session)).toBe(core);
  });

  it("restarts after it was killed between two calls", async () => {
    await work.session.run(useAdmin);
    const killed = await coreOf(work.session);
    process.kill(killed, "SIGKILL");
    await waitUntil(() => !isRunning(killed));
    expect((await work.session.run(useAdmin)).stdout.trim()).toBe(roleArn("Admin"));
    expect(await coreOf(work.session)).not.toBe(killed);
  });

  it("causes one clear error and no zombie when it is killed during a call, and the next call works", async () => {
    await work.session.run("$null = Get-RoleProfile");
    const killed = await coreOf(work.session);
    work.sandbox.setLatency(20_000);
    const failing = work.session.run(useAdmin, { allowErrors: true });
    await waitUntil(() => work.sandbox.calls.length > 0);
    process.kill(killed, "SIGKILL");
    expect((await failing).errors).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.UseRoleCommand",
        category: "ResourceUnavailable",
        target: "role/use",
        recommendedAction: expect.stringContaining("Repeat"),
      },
    ]);
    work.sandbox.clearFaults();
    expect((await work.session.run(useAdmin)).stdout.trim()).toBe(roleArn("Admin"));
    const children = childrenOf(await work.session.json<number>("$PID"));
    expect(children.filter(({ state }) => state.startsWith("Z"))).toEqual([]);
    expect(children).toHaveLength(1);
  });

  it("is replaced silently, and the request for a role repeated once, when it was killed", async () => {
    const [killed, outcomes, core] = await work.session.json<[number, string[], number]>(`
      $null = Use-Role ${roleArn("Admin")}
      $id = { [RoleCredentials.RoleCore]::GetProcessId([RoleCredentials.CorePlace]::Own) }
      $first = & $id
      $outcomes = foreach ($round in 1..20) {
        [System.Diagnostics.Process]::GetProcessById((& $id)).Kill()
        try { (Use-Role ${roleArn("Admin")} -ErrorAction Stop).RoleArn } catch { "$_" }
      }
      , @($first, $outcomes, (& $id))`);
    expect(outcomes).toEqual(Array(20).fill(roleArn("Admin")));
    expect(core).not.toBe(killed);
  });

  it("ends when the module is removed, and keeps none of its folders open", async () => {
    await work.session.run("$null = Get-RoleProfile");
    const core = await coreOf(work.session);
    if (process.platform === "linux") expect(realpathSync(`/proc/${core}/cwd`)).toBe("/");
    await work.session.run("Microsoft.PowerShell.Core\\Remove-Module RoleCredentials");
    expect(await waitUntil(() => !isAlive(core))).toBe(true);
  });

  it.each([
    ["the current folder", "$null = $path.SetLocation($root)"],
    ["a folder of a custom drive", "$null = $path.SetLocation('own:/')"],
    ["a folder without a drive", '$null = $path.SetLocation("Microsoft.PowerShell.Core\\FileSystem::$root")'],
    [
      "the last file system folder, if the location is another provider",
      "$null = $path.SetLocation($root); $null = $path.SetLocation('env:')",
    ],
  ])("receives %s", async (_, goThere) => {
    const root = join(work.session.home, "here");
    mkdirSync(root);
    writeFileSync(join(root, "some.config"), "[profile here]\nregion = eu-west-1\n");
    const script = `
      $root = ${quote(root)}
      $path = $ExecutionContext.SessionState.Path
      $provider = $path.CurrentFileSystemLocation.Provider
      $null = $ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new('own', $provider, $root, '', $null), 'local')
      ${goThere}
      [System.Environment]::SetEnvironmentVariable('AWS_CONFIG_FILE', 'some.config')
      (Get-RoleProfile).ProfileName`;
    expect(await work.session.json(`$names = & { ${script} }; , @($names)`)).toEqual(["here", "default"]);
  });

  it("ends when PowerShell ends", async () => {
    await work.session.run("$null = Get-RoleProfile");
    const core = await coreOf(work.session);
    await work.session.close();
    expect(await waitUntil(() => !isAlive(core))).toBe(true);
  });

  it("ends when PowerShell is killed", async () => {
    await work.session.run("$null = Get-RoleProfile");
    const core = await coreOf(work.session);
    process.kill(await work.session.json<number>("$PID"), "SIGKILL");
    expect(await waitUntil(() => !isAlive(core))).toBe(true);
  });

  it("receives the caller's variables with each request, and has no secret in its arguments and environment", async () => {
    await work.session.run(`
      [System.Environment]::SetEnvironmentVariable('AWS_ACCESS_KEY_ID', 'AKIAJOEXAMPLE0000001')
      [System.Environment]::SetEnvironmentVariable('AWS_SECRET_ACCESS_KEY', 'Jo/EXAMPLE+secret00000000000000000000001')`);
    expect(await work.session.json(useAdmin)).toBe(roleArn("Admin"));
    const [core] = await coresOf(work.session);
    expect(core?.command.split(" ").slice(1)).toEqual([
      "--max-semi-space-size=1",
      "--optimize-for-size",
      join(builtModule, "core", "role-credentials.cjs"),
      "serve",
    ]);
    if (process.platform !== "linux") return;
    const environment = readFileSync(`/proc/${core?.pid}/environ`, "utf8").split("\0").filter(Boolean);
    for (const variable of environment) expect(variable).toMatch(/^(TEMP|TMP|TMPDIR|TZ)=/);
  });
});

describe.skipIf(windows)("the search for Node", () => {
  let folder: string;
  let marker: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "role-credentials-hostile-")));
    marker = join(folder, "was-here");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function plant(name: string, text: string, mode = 0o644): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  it("ignores Node's variables, and a node in the current folder or on a relative path", async () => {
    const evil = plant("evil.cjs", `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`);
    plant("node", `#!/bin/sh\ntouch ${marker}\n`, 0o755);
    plant("bin/node", `#!/bin/sh\ntouch ${marker}\n`, 0o755);
    for (const name of ["ini", "fs", "@aws-sdk/client-sts"])
      plant(`node_modules/${name}/index.js`, readFileSync(evil, "utf8"));
    const session = await openPowerShell({ cwd: folder });
    try {
      await session.run(`
        ${importQuietly(builtModule)}
        $path = [System.Environment]::GetEnvironmentVariable('PATH')
        foreach ($pair in @{
          NODE_OPTIONS = '--require ${evil}'; NODE_PATH = '${join(folder, "node_modules")}'; NODE_TLS_REJECT_UNAUTHORIZED = '0'
          LD_PRELOAD = '${join(folder, "nothing.so")}'; PATH = '${["", ".", "bin"].join(delimiter)}${delimiter}' + $path
        }.GetEnumerator()) { [System.Environment]::SetEnvironmentVariable($pair.Key, $pair.Value) }
        Set-RoleCredentials ${joAsParameters}`);
      expect(await session.json("(Get-RoleProfile).ProfileName")).toBe("default");
      expect(existsSync(marker)).toBe(false);
    } finally {
      await session.close();
    }
  });

  it.each([
    ["there is no Node", "", "NodeNotFound,RoleCredentials.GetRoleProfileCommand"],
    ["Node is not a program", "nonsense", "CoreNotStarted,RoleCredentials.GetRoleProfileCommand"],
  ])("fails with its own error if %s", async (_, text, id) => {
    if (text) plant("node", text, 0o755);
    const session = await openPowerShell();
    try {
      const { errors } = await session.run(
        `${importQuietly(builtModule)}; [System.Environment]::SetEnvironmentVariable('PATH', ${quote(folder)}); Get-RoleProfile`,
        { allowErrors: true },
      );
      expect(errors).toMatchObject([{ id, recommendedAction: expect.stringContaining("https://nodejs.org") }]);
    } finally {
      await session.close();
    }
  });

  it("skips an npm script next to a batch file, which Windows cannot run", async () => {
    plant("shim/node", "#!/bin/sh\n", 0o755);
    plant("shim/node.cmd", "@echo off\n");
    plant("real/node.exe", "", 0o755);
    const path = [join(folder, "shim"), join(folder, "real")];
    const session = await openPowerShell();
    const found = await session.json<string[]>(`
      ${importQuietly(builtModule)}
      $programs = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.Programs')
      function Find($Method, $Path) {
        $kept = [System.Environment]::GetEnvironmentVariable('PATH')
        [System.Environment]::SetEnvironmentVariable('PATH', $Path)
        $types = [type[]]([string], [bool])
        try { $programs.GetMethod($Method, [System.Reflection.BindingFlags]'NonPublic, Static', $types).Invoke($null, @('node', $true)) }
        finally { [System.Environment]::SetEnvironmentVariable('PATH', $kept) }
      }
      "$(Find Find ${quote(path.join(delimiter))})"; "$(Find Find ${quote(path[0] ?? "")})"; "$(Find FindBatchFile ${quote(path[0] ?? "")})"
      $place = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.CorePlace')
      $place.GetMethod('NodeNotFound', [System.Reflection.BindingFlags]'NonPublic, Static').Invoke($null, @('/nodejs/node.cmd')).Message`);
    await session.close();
    expect(found).toEqual([
      join(folder, "real", "node.exe"),
      "",
      join(folder, "shim", "node.cmd"),
      "Node.js on PATH is a batch file, which is not run: /nodejs/node.cmd",
    ]);
  });

  /** The errors of `Get-RoleProfile` if these variables are set after the import. */
  async function errorsWith(variables: Readonly<Record<string, string>>) {
    const session = await openPowerShell();
    try {
      const set = Object.entries(variables).map(
        ([name, value]) => `[System.Environment]::SetEnvironmentVariable('${name}', ${quote(value)})`,
      );
      const script = [importQuietly(builtModule), ...set, "Get-RoleProfile"].join("; ");
      return (await session.run(script, { allowErrors: true })).errors;
    } finally {
      await session.close();
    }
  }

  it("reports which Node is too old, which one is needed, and how to get it", async () => {
    const old = plant(
      "node",
      "#!/bin/sh\necho 'role-credentials needs Node.js 20 or later; this is v18.20.4 at /usr/bin/node.' >&2\nexit 1\n",
      0o755,
    );
    expect(await errorsWith({ PATH: `${folder}${delimiter}/bin${delimiter}/usr/bin` })).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.GetRoleProfileCommand",
        target: old,
        message: `Node.js v18.20.4 at ${old} is too old: the module needs Node.js 20 or later.`,
        recommendedAction: expect.stringMatching(/https:\/\/nodejs\.org.*ROLE_CREDENTIALS_NODE/),
      },
    ]);
  });

  it("prefers the Node in ROLE_CREDENTIALS_NODE to the one on PATH", async () => {
    plant("node", "nonsense", 0o755);
    expect(await errorsWith({ PATH: folder, ROLE_CREDENTIALS_NODE: process.execPath })).toEqual([]);
  });

  it.each([
    ["a relative path", "node"],
    ["a path that does not exist", "/no/such/node"],
  ])("refuses a ROLE_CREDENTIALS_NODE that is %s", async (_, named) => {
    expect(await errorsWith({ ROLE_CREDENTIALS_NODE: named })).toMatchObject([
      {
        id: "NodeNotFound,RoleCredentials.GetRoleProfileCommand",
        target: named,
        message: expect.stringContaining("ROLE_CREDENTIALS_NODE"),
        recommendedAction: expect.stringContaining("absolute path"),
      },
    ]);
  });
});

describe("a module with a different core", () => {
  let copy: string;
  let core: string;
  let session: Session;
  beforeEach(async () => {
    copy = realpathSync(mkdtempSync(join(tmpdir(), "role-credentials-copy-")));
    cpSync(builtModule, copy, { recursive: true, preserveTimestamps: true });
    core = join(copy, "core", "role-credentials.cjs");
    session = await openPowerShell();
  });
  afterEach(async () => {
    await session.close();
    rmSync(copy, { recursive: true, force: true });
  });

  const importCopy = () => importQuietly(copy);

  /** Replaces the core and its hash in the assembly, as an attacker who can sign the assembly could. */
  function replaceCore(program: string): void {
    const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    const before = hash(core);
    writeFileSync(core, program);
    const assembly = join(copy, "core", "RoleCredentials.dll");
    const bytes = readFileSync(assembly, "latin1");
    expect(bytes).toContain(before);
    writeFileSync(assembly, bytes.replace(before, hash(core)), "latin1");
  }

  it.each(["role-credentials.cjs", "core.cjs", "assume-role.cjs", "socks.cjs"])(
    "does not run a changed %s",
    async (name) => {
      appendFileSync(join(copy, "core", name), " ");
      const { errors } = await session.run(`${importCopy()}; Get-RoleProfile`, { allowErrors: true });
      expect(errors).toMatchObject([
        {
          id: "CoreChanged,RoleCredentials.GetRoleProfileCommand",
          target: expect.stringContaining(name),
          recommendedAction: expect.stringContaining("npm run build"),
        },
      ]);
    },
  );

  it("explains what to do if the core is missing", async () => {
    rmSync(core);
    const { errors } = await session.run(`${importCopy()}; Get-RoleProfile`, { allowErrors: true });
    expect(errors).toMatchObject([
      {
        id: "CoreMissing,RoleCredentials.GetRoleProfileCommand",
        recommendedAction: expect.stringContaining("npm run build"),
      },
    ]);
  });

  const answer = '{"jsonrpc":"2.0","id":1,"result":{"profiles":[]}}';
  it.each([
    ["non-JSON text", `out("garbage\\n")`],
    ["binary data", "out(Buffer.from([0, 255, 254, 10, 10]))"],
    ["half a response and ends", `out('${answer.slice(0, 30)}'); process.exit(0)`],
    ["broken JSON with the right id", `out('${answer.slice(0, -3)}\\n')`],
    ["a name that is a number", `out('${answer.replace("[]", '[{"name":1,"settings":{}}]')}\\n')`],
    ["a result that lacks a member", `out('${answer.replace("profiles", "others")}\\n')`],
    ["an incomplete object", `out('{"jsonrpc":"2.0","id":1,\\n')`],
    ["a response with an unknown id", `out('${answer.replace('"id":1', '"id":999')}\\n')`],
    ["a response with the wrong version", `out('${answer.replace("2.0", "1.0")}\\n')`],
    ["endless data", `setInterval(() => out("x".repeat(65536)), 1)`],
    ["nothing and ends", "process.exit(3)"],
    ["nothing and hangs", "setInterval(() => {}, 1000)"],
    ["nothing and stops reading", "process.stdin.pause()"],
    ["a Node error", 'throw new Error("no such thing")'],
  ])("reports once a core that sends %s, ends it, and continues with a new one", async (_, misbehave) => {
    cpSync(core, join(copy, "core", "real.cjs"));
    // On its first start it misbehaves at the first request.
    replaceCore(`
      const fs = require("node:fs");
      const marker = ${JSON.stringify(join(copy, "started"))};
      if (fs.existsSync(marker)) require("./real.cjs");
      else {
        fs.writeFileSync(marker, String(process.pid));
        const out = (data) => process.stdout.write(data);
        process.stdin.once("data", () => { ${misbehave} });
      }`);
    await session.run(
      `${importCopy()}; $patience = [RoleCredentials.RoleCore]::Patience; [RoleCredentials.RoleCore]::LongestAnswer = 1MB`,
    );

    // Short, but long enough for Node to start on a busy machine.
    const { errors } = await session.run("[RoleCredentials.RoleCore]::Patience = 2000; Get-RoleProfile", {
      allowErrors: true,
    });
    expect(errors).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.GetRoleProfileCommand",
        category: "ResourceUnavailable",
        message: expect.stringContaining("did not answer profile/list"),
        recommendedAction: expect.stringContaining("Repeat"),
        terminating: false,
      },
    ]);
    const pid = Number(readFileSync(join(copy, "started"), "utf8"));
    expect(await waitUntil(() => !isAlive(pid))).toBe(true);

    await session.run(`[RoleCredentials.RoleCore]::Patience = $patience; Set-RoleCredentials ${joAsParameters}`);
    expect(await session.json("(Get-RoleProfile).ProfileName")).toBe("default");
  });

  it("accepts two responses in one chunk, one response in many chunks, and unknown members", async () => {
    replaceCore(`
      let asked = 0;
      process.stdin.on("data", (data) => {
        for (const line of data.toString().split("\\n").filter(Boolean)) {
          const profiles = [{ name: "é漢" + ++asked, settings: {}, isNew: [{}] }];
          const answer = JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: { profiles } }) + "\\n";
          const bytes = Buffer.from(asked > 1 ? answer + answer : answer);
          const piece = asked > 1 ? bytes.length : 1;
          for (let at = 0; at < bytes.length; at += piece) require("node:fs").writeSync(1, bytes, at, piece);
        }
      });`);
    const names = await session.json(`${importCopy()}; foreach ($i in 1..3) { (Get-RoleProfile).ProfileName }`);
    expect(names).toEqual(["é漢1", "é漢2", "é漢3"]);
  });
});
