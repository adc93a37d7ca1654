import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { section } from "../assume-role/fixtures.ts";
import { type CleanRoom, openCleanRoom, powerShellPath } from "../powershell/environment.ts";
import { quote } from "../powershell/session.ts";
import { keysOf } from "../sandbox/clients.ts";
import { openOwnSandbox, openSandbox } from "../sandbox/open-sandbox.ts";
import { figure } from "./amount.ts";

const source = join(import.meta.dirname, "..", "..", "module");
const admin = "arn:aws:iam::123456789012:role/Admin";

const sandbox = await openSandbox();
let room: CleanRoom;
/** Anything planted writes to this file when it runs. */
let marker: string;
/** A copy of the module, below folders where tests plant files. */
let module: string;

beforeEach(() => {
  room = openCleanRoom({ ...sandbox.environment, AWS_REGION: "eu-west-1" });
  marker = join(room.home, "marker");
  module = join(room.home, "a", "b", "RoleCredentials");
  cpSync(source, module, { recursive: true, preserveTimestamps: true });
  mkdirSync(join(room.home, ".aws"), { mode: 0o700 });
  writeFileSync(join(room.home, ".aws", "credentials"), section("default", keysOf.jo), { mode: 0o600 });
});

afterEach(() => room.remove());

async function run(command: string, args: readonly string[], env: Record<string, string>, cwd = room.home) {
  const child = spawn(command, args, { env: { ...room.env, ...env }, cwd });
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout: stdout.trim(), stderr: stderr.trim() };
}

/** The result of Use-Role, which is the ARN of its session or the id of its error, and the core's command line. */
async function useRole(env: Record<string, string> = {}, before = "", cwd = room.home) {
  const script = join(room.home, "script.ps1");
  writeFileSync(
    script,
    `$ErrorActionPreference = 'Stop'
${before}
Import-Module ${quote(join(module, "RoleCredentials.psd1"))}
try { [Console]::WriteLine((Use-Role -RoleArn ${admin} -NoCache).AssumedRoleUser.Arn -replace '/[^/]*$') }
catch { [Console]::WriteLine($_.FullyQualifiedErrorId + ' ' + $_) }
foreach ($folder in [System.IO.Directory]::GetDirectories('/proc')) {
    try {
        if ([System.IO.File]::ReadAllText("$folder/stat") -notmatch "\\) [A-Z] $PID ") { continue }
        [Console]::WriteLine([System.IO.File]::ReadAllText("$folder/cmdline").Replace([char]0, ' '))
        [Console]::WriteLine([System.IO.File]::ReadAllText("$folder/environ").Replace([char]0, ' '))
        [Console]::WriteLine([System.IO.File]::ReadAllText("$folder/maps").Contains('planted'))
    } catch { }
}`,
  );
  const { stdout, stderr } = await run(powerShellPath(), ["-NoLogo", "-NoProfile", "-File", script], env, cwd);
  const [result = "", command = "", environment = "", hasPlanted] = stdout.split("\n");
  return { result, command, environment, hasPlanted, stderr };
}

const plantedSource = () =>
  `require("node:fs").appendFileSync(${JSON.stringify(marker)}, process.argv.join(" ") + "\\n"); module.exports = {};\n`;

/** A Node module for each name that the core was bundled from, and for other likely names. */
function plantModules(folder: string): void {
  const ofBundle = ["ini", "undici", "@aws-sdk/client-sts", "@smithy/node-http-handler", "assume-role.cjs"];
  for (const name of [...ofBundle, "fs", "bufferutil"]) {
    const at = join(folder, "node_modules", name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "package.json"), `{"name":"${name}","main":"index.js"}`);
    writeFileSync(join(at, "index.js"), plantedSource());
  }
}

function plantProgram(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\necho "$@" >> ${marker}\nexit 1\n`);
  chmodSync(join(folder, name), 0o755);
}

const role = "arn:aws:sts::123456789012:assumed-role/Admin";

describe.skipIf(process.platform !== "linux")("the module's environment", () => {
  it.each<[what: string, plant: () => Record<string, string>]>([
    ["NODE_OPTIONS that loads a file", () => ({ NODE_OPTIONS: `--require ${planted()}` })],
    ["NODE_OPTIONS that opens a debugger", () => ({ NODE_OPTIONS: "--inspect=127.0.0.1:0" })],
    [
      "NODE_PATH",
      () => {
        plantModules(room.home);
        return { NODE_PATH: join(room.home, "node_modules") };
      },
    ],
    [
      "NODE_DEBUG, NODE_REPL_EXTERNAL_MODULE, OPENSSL_CONF and SSLKEYLOGFILE",
      () => ({
        NODE_DEBUG: "http,tls,net,fs",
        NODE_REPL_EXTERNAL_MODULE: planted(),
        OPENSSL_CONF: join(room.home, "none"),
        SSLKEYLOGFILE: join(room.home, "keys"),
      }),
    ],
    [
      "node_modules in every parent",
      () => {
        for (let at = join(module, "core"); at.startsWith(room.home); at = dirname(at)) plantModules(at);
        return {};
      },
    ],
    [
      "a node in the current directory and in relative folders of PATH",
      () => {
        for (const folder of ["", "bin"]) plantProgram(join(room.home, folder), "node");
        return { PATH: `:.:bin:./bin:${room.env.PATH}:` };
      },
    ],
    [
      "modules of the same name on PSModulePath",
      () => {
        for (const name of ["RoleCredentials", "RoleCore", "Microsoft.PowerShell.Core", "AWS.Tools.Common"]) {
          const folder = join(room.home, "modules", name);
          mkdirSync(folder, { recursive: true });
          writeFileSync(
            join(folder, `${name}.psm1`),
            `[System.IO.File]::AppendAllText(${quote(marker)}, '${name}')\nfunction Use-Role {}\nfunction Invoke-Core {}\nfunction Set-AWSCredential {}`,
          );
        }
        return { PSModulePath: join(room.home, "modules") };
      },
    ],
    [
      "a program for every name that the module could call",
      () => {
        for (const name of ["sh", "cat", "aws", "pwsh", "which", "uname"]) plantProgram(join(room.home, "early"), name);
        return { PATH: `${join(room.home, "early")}:${room.env.PATH}` };
      },
    ],
  ])("%s has no effect", async (what, plant) => {
    const { result, command, environment, stderr } = await useRole(plant());
    expect({ result, stderr }).toEqual({ result: role, stderr: "" });
    expect(existsSync(marker) ? readFileSync(marker, "utf8") : "").toBe("");
    // An absolute path, so that it means the same to every process.
    const [program, ...args] = command.trim().split(" ");
    expect(args.slice(0, -2)).toEqual(["--max-semi-space-size=1"]);
    expect([program, ...args.slice(-2)]).toEqual([
      process.execPath,
      join(module, "core", "role-credentials.cjs"),
      "serve",
    ]);
    expect(environment.replace(/(?:TEMP|TMP|TMPDIR|TZ|HOME|USERPROFILE)=\S*/g, "").trim()).toBe("");
    figure(`surroundings: ${what}`, "no effect");
  });

  it("does not give LD_PRELOAD to the core", async () => {
    const library = findLibrary();
    const { result, environment, hasPlanted } = await useRole(
      {},
      `[System.Environment]::SetEnvironmentVariable('LD_PRELOAD', ${quote(library)})`,
    );
    expect([result, environment.includes("LD_PRELOAD"), hasPlanted]).toEqual([role, false, "False"]);
  });

  it.each(["untrusted", "expired", "wrongHost"] as const)(
    "NODE_TLS_REJECT_UNAUTHORIZED=0 does not make the module trust a server whose certificate is %s",
    async (kind) => {
      const bad = await openOwnSandbox({ tls: kind });
      const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", AWS_ENDPOINT_URL_STS: bad.urls.sts };
      const caFile = bad.caFile && kind !== "untrusted" ? { AWS_CA_BUNDLE: bad.caFile } : {};
      expect((await useRole({ ...env, ...caFile })).result).toMatch(/^TlsFailed,RoleCredentials.UseRoleCommand /);
      const byCommand = await credentialProcess({ ...env, ...caFile });
      expect(byCommand).toMatchObject({ stdout: "", stderr: expect.stringContaining("TlsFailed") });
      expect(bad.calls).toEqual([]);
    },
  );

  it.each<[what: string, file: string, change: (path: string) => void, id: string]>([
    ["a modified start-up file", "role-credentials.cjs", (path) => appendFileSync(path, " "), "CoreChanged"],
    ["a modified core", "core.cjs", (path) => appendFileSync(path, plantedSource()), "CoreChanged"],
    ["a modified STS client", "assume-role.cjs", (path) => appendFileSync(path, plantedSource()), "CoreChanged"],
    ["a missing core", "role-credentials.cjs", (path) => rmSync(path), "CoreMissing"],
  ])("%s is not run", async (_, file, change, id) => {
    change(join(module, "core", file));
    const { result, command } = await useRole();
    expect(result).toMatch(new RegExp(`^${id},RoleCredentials.UseRoleCommand `));
    expect([command, existsSync(marker)]).toEqual(["", false]);
  });

  it("reports a Node that is too old", async () => {
    const folder = join(room.home, "old");
    mkdirSync(folder);
    const patch = join(folder, "patch.cjs");
    writeFileSync(
      patch,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.0" } });`,
    );
    writeFileSync(join(folder, "node"), `#!/bin/sh\nexec ${process.execPath} --require ${patch} "$@"\n`);
    chmodSync(join(folder, "node"), 0o755);
    const { result } = await useRole({ PATH: `${folder}:${room.env.PATH}` });
    expect(result).toMatch(/^CoreFailed,RoleCredentials.UseRoleCommand .*Node\.js 20/);
  });

  it("reports a missing Node", async () => {
    const { result } = await useRole({}, "$env:PATH = '/nowhere:.'");
    expect(result).toMatch(/^NodeNotFound,RoleCredentials.UseRoleCommand /);
  });
});

describe.skipIf(process.platform !== "linux")("the command's environment", () => {
  it("has no effect, as far as Node allows", async () => {
    plantModules(room.home);
    for (let at = join(module, "core"); at.startsWith(room.home); at = dirname(at)) plantModules(at);
    plantProgram(room.home, "node");
    const { stdout, stderr } = await credentialProcess({
      NODE_PATH: join(room.home, "node_modules"),
      PATH: `:.:${room.env.PATH}`,
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1 });
    expect(existsSync(marker)).toBe(false);
  });
});

function credentialProcess(env: Record<string, string>) {
  const args = [join(module, "core", "role-credentials.cjs"), "credential-process", "--role-arn", admin, "--no-cache"];
  return run(process.execPath, args, env);
}

function planted(): string {
  const path = join(room.home, "planted.cjs");
  writeFileSync(path, plantedSource());
  return path;
}

/** Any library. Only its name matters. */
function findLibrary(): string {
  const line =
    readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .find((text) => /\/libm[.-]/.test(text)) ?? "";
  const copy = join(room.home, "planted.so");
  cpSync(line.slice(line.indexOf("/")), copy);
  return copy;
}
