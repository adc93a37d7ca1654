import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, quote, type Session } from "../powershell/session.ts";
import { builtModule, joAsParameters } from "./workplace.ts";

const importLate = `$env:ROLE_CREDENTIALS_START = 'late'; Import-Module ${quote(join(builtModule, "RoleCredentials.psd1"))}`;

describe.skipIf(process.platform === "win32")("the search for Node", () => {
  let folder: string;
  let session: Session;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "role-credentials-hostile-")));
    session = await openPowerShell();
    await session.run(`${importLate}; $path = $env:PATH`);
  });
  afterAll(async () => {
    await session?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => session.run("$env:PATH = $path; $env:ROLE_CREDENTIALS_NODE = $null"));

  function plant(name: string, text: string, mode = 0o644): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  /** The errors of a command that looks for Node with these variables. */
  async function errorsWith(variables: Readonly<Record<string, string>>) {
    const set = Object.entries(variables).map(([name, value]) => `$env:${name} = ${quote(value)}`);
    return (await session.run([...set, "Get-RoleProfile"].join("; "), { allowErrors: true })).errors;
  }

  it.each([
    ["there is no Node", "none/node", undefined, "NodeNotFound,RoleCredentials.GetRoleProfileCommand"],
    ["Node is not a program", "broken/node", "nonsense", "CoreNotStarted,RoleCredentials.GetRoleProfileCommand"],
  ])("fails with its own error if %s", async (_, name, text, id) => {
    if (text) plant(name, text, 0o755);
    expect(await errorsWith({ PATH: dirname(join(folder, name)) })).toMatchObject([
      { id, recommendedAction: expect.stringContaining("https://nodejs.org") },
    ]);
  });

  it("reports which Node is too old, which one is needed, and how to get it", async () => {
    const old = plant(
      "old/node",
      "#!/bin/sh\necho 'role-credentials needs Node.js 20.3 or later; this is v18.20.4 at /usr/bin/node.' >&2\nexit 1\n",
      0o755,
    );
    expect(await errorsWith({ PATH: [dirname(old), "/bin", "/usr/bin"].join(delimiter) })).toMatchObject([
      {
        id: "CoreFailed,RoleCredentials.GetRoleProfileCommand",
        target: old,
        // Before PowerShell 7.5, the advice follows.
        message: expect.stringMatching(
          /^Node\.js v18\.20\.4 at \S+ is too old: the module needs Node\.js 20\.3 or later\./,
        ),
        recommendedAction: expect.stringMatching(/https:\/\/nodejs\.org.*ROLE_CREDENTIALS_NODE/),
      },
    ]);
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

  it("skips an npm script next to a batch file, which Windows cannot run", async () => {
    plant("shim/node", "#!/bin/sh\n", 0o755);
    plant("shim/node.cmd", "@echo off\n");
    plant("real/node.exe", "", 0o755);
    const path = [join(folder, "shim"), join(folder, "real")];
    const found = await session.json<string[]>(`
      $programs = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.Programs')
      function Find($Method, $Path) {
        $env:PATH = $Path
        $types = [type[]]([string], [bool])
        $programs.GetMethod($Method, [System.Reflection.BindingFlags]'NonPublic, Static', $types).Invoke($null, @('node', $true))
      }
      "$(Find Find ${quote(path.join(delimiter))})"; "$(Find Find ${quote(path[0] ?? "")})"; "$(Find FindBatchFile ${quote(path[0] ?? "")})"
      $program = [RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.NodeProgram')
      $program.GetMethod('NotFound', [System.Reflection.BindingFlags]'NonPublic, Static').Invoke($null, @('/nodejs/node.cmd')).Message`);
    expect(found).toEqual([
      join(folder, "real", "node.exe"),
      "",
      join(folder, "shim", "node.cmd"),
      "Node.js is a batch file, which the module does not run: /nodejs/node.cmd",
    ]);
  });

  it("prefers the Node in ROLE_CREDENTIALS_NODE to the one on PATH", async () => {
    const broken = plant("broken/node", "nonsense", 0o755);
    expect(await errorsWith({ PATH: dirname(broken), ROLE_CREDENTIALS_NODE: process.execPath })).toEqual([]);
  });

  it("ignores Node's variables, and a node in the current folder or on a relative path", async () => {
    const marker = join(folder, "was-here");
    const evil = plant("evil.cjs", `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`);
    plant("node", `#!/bin/sh\ntouch ${marker}\n`, 0o755);
    plant("bin/node", `#!/bin/sh\ntouch ${marker}\n`, 0o755);
    for (const name of ["ini", "fs", "@aws-sdk/client-sts"])
      plant(`node_modules/${name}/index.js`, readFileSync(evil, "utf8"));
    const own = await openPowerShell({ cwd: folder });
    try {
      await own.run(`
        ${importLate}
        $path = $env:PATH
        foreach ($pair in @{
          NODE_OPTIONS = '--require ${evil}'; NODE_PATH = '${join(folder, "node_modules")}'; NODE_TLS_REJECT_UNAUTHORIZED = '0'
          LD_PRELOAD = '${join(folder, "nothing.so")}'; PATH = '${["", ".", "bin"].join(delimiter)}${delimiter}' + $path
        }.GetEnumerator()) { [System.Environment]::SetEnvironmentVariable($pair.Key, $pair.Value) }
        Set-RoleCredentials ${joAsParameters}`);
      expect(await own.json("(Get-RoleProfile).ProfileName")).toBe("default");
      expect(existsSync(marker)).toBe(false);
    } finally {
      await own.close();
    }
  });
});
