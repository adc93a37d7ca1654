// npm test: runs every check that this machine allows, from a fresh checkout. The last line counts passed, failed and skipped tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, oldestForTests } from "./install.mjs";
import { offline, pwshOptions, root, vitest } from "./project.mjs";
import { add, conclude, noTests, pesterCommand, pesterCounts, vitestCounts, vitestReport } from "./test-runners.mjs";

const counts = { ...noTests };
/** Resolves when it is the next step's turn to be shown. */
let turn = Promise.resolve();
const reports = mkdtempSync(join(tmpdir(), "role-credentials-test-"));
try {
  await testAll();
} catch (error) {
  console.error(error.message);
  counts.failed += 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
conclude(counts);

async function testAll() {
  install(oldestForTests);
  // These need packages, so they are imported after the install.
  const { build } = await import("./build.mjs");
  const { buildAwsSdkModule, findPowerShell, restorePester } = await import("./powershell.mjs");
  await build();
  // Built once here, before test files that run in parallel need them.
  const powershell = findPowerShell().path;
  const pester = restorePester();
  for (const sdkVersion of ["3", "4"]) buildAwsSdkModule(sdkVersion);

  // Side by side, because the tests wait for processes and servers most of the time.
  const results = await Promise.allSettled([testWithVitest(), lint().then(() => testWithPester(powershell, pester))]);
  await turn;
  const failure = results.find(({ status }) => status === "rejected");
  if (failure) throw failure.reason;
  await testOnWindows();
}

/** On Windows itself, everything above has run there. */
async function testOnWindows() {
  if (process.platform === "win32") return;
  const { testWindows } = await import("./test-windows.mjs");
  add(counts, await testWindows(["short"]));
}

async function lint() {
  const packages = join(root, "node_modules");
  await check("Format and lint", process.execPath, [join(packages, "@biomejs", "biome", "bin", "biome"), "check"]);
  await check("Types", process.execPath, [join(packages, "typescript", "bin", "tsc")]);
  await run("Tools for C#", "dotnet", ["tool", "restore", "--verbosity", "quiet"]);
  await check("Format of C#", "dotnet", ["csharpier", "check", "cmdlets", "test/powershell"]);
}

/** A tool that reports its result as an exit code. */
async function check(title, program, args) {
  const passed = (await run(title, program, args)) === 0;
  counts[passed ? "passed" : "failed"] += 1;
}

async function testWithVitest() {
  const report = join(reports, "vitest.json");
  const args = [vitest, "run", ...vitestReport(report)];
  const status = await run("Tests of the core, and of the module through it", process.execPath, args);
  add(counts, vitestCounts(report, status));
}

async function testWithPester(powershell, modules) {
  const report = join(reports, "pester.json");
  const command = pesterCommand(join(root, "Pester", "Invoke-Tests.ps1"), modules, report);
  const status = await run("Tests of the cmdlets", powershell, [...pwshOptions, "-Command", command]);
  add(counts, pesterCounts(report, status));
}

/** Runs a program and returns its exit code. Its output appears in one piece: live once all earlier steps have ended, else after them. */
async function run(title, command, args) {
  const env = { ...process.env, ...offline };
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  const output = [];
  let show = (chunk) => output.push(chunk);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => show(chunk));
  turn = turn.then(async () => {
    console.log(`\n── ${title}`);
    show = (chunk) => process.stdout.write(chunk);
    for (const chunk of output) show(chunk);
    await ended.catch(() => undefined);
  });
  const [status] = await ended.catch((error) => {
    throw new Error(`Cannot start ${command}: ${error.message}`);
  });
  return status;
}
