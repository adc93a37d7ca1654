// npm test: runs every check that this machine allows, from a fresh checkout. The last line counts passed, failed and skipped tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, oldestForTests } from "./install.mjs";
import { pesterCounts, vitestCounts, vitestReport } from "./test-reports.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };
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
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function testAll() {
  install(oldestForTests);
  // These need packages, so they are imported after the install.
  const { build, root } = await import("./build.mjs");
  const { buildAwsSdkModule, findPowerShell, restorePester } = await import("./powershell.mjs");
  await build();
  // Built once here, before test files that run in parallel need them.
  const powershell = findPowerShell().path;
  const pester = restorePester();
  for (const sdkVersion of ["3", "4"]) buildAwsSdkModule(sdkVersion);

  const packages = join(root, "node_modules");
  // Side by side, because the tests wait for processes and servers most of the time.
  const results = await Promise.allSettled([
    testWithVitest(root, join(packages, "vitest", "vitest.mjs")),
    lint(root, packages).then(() => testWithPester(root, powershell, pester)),
  ]);
  await turn;
  const failure = results.find(({ status }) => status === "rejected");
  if (failure) throw failure.reason;
  await testOnWindows();
}

/** On Windows itself, everything above has run there. */
async function testOnWindows() {
  if (process.platform === "win32") return;
  const { testWindows } = await import("./test-windows.mjs");
  count(await testWindows(["short"]));
}

async function lint(root, packages) {
  const biome = join(packages, "@biomejs", "biome", "bin", "biome");
  await check("Format, lint and layers", root, process.execPath, [biome, "check"]);
  await check("Types", root, process.execPath, [join(packages, "typescript", "bin", "tsc")]);
  await run("Tools for C#", "dotnet", ["tool", "restore", "--verbosity", "quiet"], { cwd: root });
  await check("Format of C#", root, "dotnet", ["csharpier", "check", "cmdlets", "test/powershell"]);
}

/** A tool that reports its result as an exit code. */
async function check(title, root, program, args) {
  const passed = (await run(title, program, args, { cwd: root })) === 0;
  counts[passed ? "passed" : "failed"] += 1;
}

async function testWithVitest(root, program) {
  const report = join(reports, "vitest.json");
  const args = [program, "run", ...vitestReport(report)];
  const status = await run("Tests of the core, and of the module through it", process.execPath, args, { cwd: root });
  count(vitestCounts(report, status));
}

async function testWithPester(root, powershell, modules) {
  const report = join(reports, "pester.json");
  const script = join(root, "Pester", "Invoke-Tests.ps1");
  const status = await run(
    "Tests of the cmdlets",
    powershell,
    ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", script, "-Modules", modules, "-Report", report],
    { cwd: root, env: { ...process.env, POWERSHELL_TELEMETRY_OPTOUT: "1", POWERSHELL_UPDATECHECK: "Off" } },
  );
  count(pesterCounts(report, status));
}

function count(results) {
  for (const [name, number] of Object.entries(results)) counts[name] += number;
}

/** Runs a program and returns its exit code. Its output appears in one piece: live once all earlier steps have ended, else after them. */
async function run(title, command, args, options) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
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
