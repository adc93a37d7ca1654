// Finds a PowerShell that can run the module, or restores one when none is installed. Builds the module's assembly and the test module that
// replaces AWS Tools. Plain JavaScript, because it runs before anything is built. Run directly, it prints the path of the PowerShell.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { isProgram, root, windows } from "./project.mjs";

const dist = join(root, "dist");
const oldestPowerShell = [7, 4];
const oldestSdk = [10];

/**
 * The PowerShell to use: the one in NODE_POWERSHELL, else pwsh 7.4 or later on PATH, else one restored from NuGet.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ path: string, version: string }} its executable
 * @throws {Error} that says how to get what is missing
 */
export function findPowerShell(env = process.env) {
  const named = env.NODE_POWERSHELL;
  if (named) {
    const path = programOnPath(named, env.PATH ?? "");
    const version = path && versionOf(path);
    if (!version) throw new Error(`NODE_POWERSHELL is ${named}, which is not a PowerShell that runs here.`);
    return { path, version };
  }
  const installed = programOnPath("pwsh", env.PATH ?? "");
  const version = installed && versionOf(installed);
  if (version && atLeast(version, oldestPowerShell)) return { path: installed, version };
  if (version) notice(`${installed} is PowerShell ${version}; 7.4 or later is needed. Using one restored from NuGet.`);
  const path = restorePowerShell();
  return { path, version: versionOf(path) };
}

/**
 * Builds the module's assembly unless it is up to date, and returns its path.
 *
 * @param {string} coreHashes the hashes of the core's files, which the assembly contains.
 */
export function buildModuleAssembly(coreHashes) {
  const out = join(dist, "assembly");
  const product = join(out, "RoleCredentials.dll");
  const project = join(root, "cmdlets");
  const hashes = join(dist, "core-hashes.txt");
  mkdirSync(dist, { recursive: true });
  writeFileSync(hashes, coreHashes);
  buildOnce("the module's assembly", project, out, product, (sdk) => dotnetBuild(sdk, project, []), [hashes]);
  return product;
}

/** Restores PowerShell from NuGet into dist/powershell unless it is there, and returns its executable. */
export function restorePowerShell() {
  const out = join(dist, "powershell");
  const executable = join(out, windows ? "pwsh.exe" : "pwsh");
  const project = join(root, "scripts", "restore", "PowerShell");
  buildOnce("PowerShell", project, out, executable, (sdk) =>
    compileAhead(sdk, project, ["-target:RestorePowerShell"], { AppHostRelativeDotNet: relative(out, sdk.root) }),
  );
  return executable;
}

/** Restores Pester from NuGet into dist/modules unless it is there, and returns the folder for PSModulePath. */
export function restorePester() {
  const modules = join(dist, "modules");
  const project = join(root, "scripts", "restore", "Pester");
  buildOnce("Pester", project, modules, join(modules, "Pester"), (sdk) =>
    dotnetBuild(sdk, project, ["-target:RestorePester"]),
  );
  return modules;
}

/** Restores PowerShell and .NET for Windows from NuGet into dist/windows/programs unless they are there, and returns that folder. */
export function restoreWindows() {
  const programs = join(dist, "windows", "programs");
  const project = join(root, "scripts", "restore", "Windows");
  buildOnce("PowerShell for Windows", project, programs, join(programs, "pwsh", "pwsh.exe"), (sdk) =>
    dotnetBuild(sdk, project, ["-target:RestoreWindows"]),
  );
  return programs;
}

/** Ahead-of-time compilation needs a separate package. Without it, the assembly starts more slowly but behaves the same. */
function compileAhead(sdk, project, options = [], env = {}) {
  const ahead = dotnetBuild(sdk, project, options, env);
  if (ahead.ok || !/crossgen|NU110|MSB3073/i.test(ahead.output)) return ahead;
  return dotnetBuild(sdk, project, [...options, "-p:PublishReadyToRun=false"], env);
}

/**
 * Builds the module that calls STS through the AWS SDK for .NET unless it is up to date, and returns its manifest.
 *
 * @param {"3" | "4"} sdkVersion the SDK's major version: 4 as in AWS Tools 5, 3 as in AWS Tools 4.
 */
export function buildAwsSdkModule(sdkVersion = "4") {
  const out = join(dist, "aws-sdk-module", sdkVersion);
  const manifest = join(out, "SandboxAwsTools", "SandboxAwsTools.psd1");
  const project = join(root, "test", "powershell", "aws-sdk-module");
  buildOnce(`the AWS SDK ${sdkVersion} module`, project, out, manifest, (sdk) =>
    dotnetBuild(sdk, project, [`-p:AwsSdk=${sdkVersion}`]),
  );
  return manifest;
}

/** Runs a build when the sources differ from those of the last one. dotnet itself takes seconds to find that nothing changed. */
function buildOnce(title, project, out, product, build, inputs = []) {
  const sourcesHash = hashOf(project, inputs);
  const hashFile = join(out, ".sources");
  const isCurrent = () => existsSync(product) && existsSync(hashFile) && readFileSync(hashFile, "utf8") === sourcesHash;
  if (isCurrent()) return;
  withLock(join(dist, `${basename(project)}.lock`), () => {
    if (isCurrent()) return;
    const sdk = findSdk();
    notice(`Preparing ${title} with the .NET SDK ${sdk.version} …`);
    // A module or program must not find what an older source left behind.
    rmSync(out, { recursive: true, force: true });
    const { ok, output } = build(sdk);
    if (!ok) throw new Error(`Could not prepare ${title}:\n${output.trim()}`);
    writeFileSync(hashFile, sourcesHash);
  });
}

function hashOf(project, inputs) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  const files = [
    join(root, "Directory.Build.props"),
    join(root, "package.json"),
    ...inputs,
    ...readdirSync(project, { recursive: true })
      .sort()
      .map((name) => join(project, name)),
  ];
  for (const file of files) {
    if (inputs.includes(file) || /\.(cs|csproj|props|ps1|psd1|ps1xml)$/.test(file))
      hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Test files run in parallel, and two builds of one project would overwrite each other's output. */
function withLock(lock, work) {
  mkdirSync(dist, { recursive: true });
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    removeIfOwnerIsGone(lock);
    return false;
  }
}

function removeIfOwnerIsGone(lock) {
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    // Empty for a moment, between its creation and the write.
    if (owner) process.kill(owner, 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(lock, { force: true });
  }
}

function findSdk() {
  const command = programOnPath("dotnet", process.env.PATH ?? "");
  const lines = command ? run(command, ["--list-sdks"]).stdout.split(/\r?\n/) : [];
  const sdks = lines.flatMap((line) => {
    const [, version, folder] = /^(\d[^ ]*) \[(.*)\]$/.exec(line) ?? [];
    return version ? [{ command, version, root: dirname(realpathSync(folder)) }] : [];
  });
  const sdk = sdks.filter(({ version }) => atLeast(version, oldestSdk)).at(-1);
  if (sdk) return sdk;
  const found = sdks.length
    ? `only ${sdks.map(({ version }) => version).join(", ")}`
    : command
      ? "a .NET without an SDK"
      : "none";
  throw new Error(
    `The .NET SDK ${oldestSdk[0]} or later is needed, and ${found} was found. ` +
      "Get it from https://dotnet.microsoft.com/download and put dotnet on PATH. " +
      "It builds the module's assembly, and restores PowerShell where 7.4 or later is not installed.",
  );
}

function dotnetBuild(sdk, project, options, env = {}) {
  const { status, stdout, stderr } = run(
    sdk.command,
    ["build", project, "--configuration", "Release", "--verbosity", "quiet", "-nologo", ...options],
    {
      ...process.env,
      DOTNET_CLI_TELEMETRY_OPTOUT: "1",
      DOTNET_NOLOGO: "1",
      DOTNET_CLI_UI_LANGUAGE: "en",
      MSBUILDDISABLENODEREUSE: "1",
      ...env,
    },
  );
  return { ok: status === 0, output: stdout + stderr };
}

function versionOf(powershell) {
  // Ignores the user's profile and modules.
  return /^PowerShell (\d+\.\d+\.\d+)/.exec(run(powershell, ["-NoLogo", "-NoProfile", "-Version"]).stdout)?.[1];
}

function atLeast(version, floor) {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, least] of floor.entries()) {
    if (parts[index] !== least) return parts[index] > least;
  }
  return true;
}

/** The file that a program's name stands for, if any. */
export function programOnPath(name, path) {
  const names = windows && !/\.\w+$/.test(name) ? [`${name}.exe`, name] : [name];
  const candidates = /[\\/]/.test(name)
    ? names
    : path
        .split(delimiter)
        .filter(Boolean)
        .flatMap((folder) => names.map((file) => join(folder, file)));
  return candidates.find((file) => existsSync(file) && statSync(file).isFile());
}

function run(command, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  return { status, stdout: stdout ?? "", stderr: error ? String(error.message) : (stderr ?? "") };
}

// Standard output is for the path alone.
function notice(text) {
  process.stderr.write(`${text}\n`);
}

if (isProgram(import.meta.url)) {
  try {
    process.stdout.write(`${findPowerShell().path}\n`);
  } catch (error) {
    notice(error.message);
    process.exitCode = 1;
  }
}
