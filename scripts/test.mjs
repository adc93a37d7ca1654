// npm test: runs every check that this machine allows, from a fresh checkout. The last line counts passed, failed and skipped tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "./install.mjs";

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
  install();
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
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = await run("Tests of the core, and of the module through it", process.execPath, [program, ...args], {
    cwd: root,
  });
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = readReport(report);
  counts.passed += numPassedTests;
  counts.skipped += numPendingTests + numTodoTests;
  // A file that fails to load has no failed tests, but counts as a failure.
  const broken = testResults.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed)).length;
  counts.failed += Math.max(numFailedTests + broken, status === 0 ? 0 : 1);
}

function isFailed({ status }) {
  return status === "failed";
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
  const { passed, failed, skipped } = readReport(report);
  counts.passed += passed;
  counts.skipped += skipped;
  counts.failed += Math.max(failed, status === 0 ? 0 : 1);
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

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read the test report: ${error.message}`);
  }
}
