// npm test: runs every check that this machine allows, from a fresh checkout. The last line counts passed, failed and skipped tests.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "./install.mjs";

const counts = { passed: 0, failed: 0, skipped: 0 };
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
  check("Format, lint and layers", root, process.execPath, [
    join(packages, "@biomejs", "biome", "bin", "biome"),
    "check",
  ]);
  check("Types", root, process.execPath, [join(packages, "typescript", "bin", "tsc")]);
  run("Tools for C#", "dotnet", ["tool", "restore", "--verbosity", "quiet"], { cwd: root });
  check("Format of C#", root, "dotnet", ["csharpier", "check", "cmdlets", "test/powershell"]);
  testWithVitest(root, join(packages, "vitest", "vitest.mjs"));
  testWithPester(root, powershell, pester);
  await testOnWindows();
}

/** On Windows itself, everything above has run there. */
async function testOnWindows() {
  if (process.platform === "win32") return;
  const { testWindows } = await import("./test-windows.mjs");
  for (const [name, count] of Object.entries(await testWindows(["short"]))) counts[name] += count;
}

/** A tool that reports its result as an exit code. */
function check(title, root, program, args) {
  const passed = run(title, program, args, { cwd: root }) === 0;
  counts[passed ? "passed" : "failed"] += 1;
}

function testWithVitest(root, program) {
  const report = join(reports, "vitest.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = run("Tests of the core, and of the module through it", process.execPath, [program, ...args], {
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

function testWithPester(root, powershell, modules) {
  const report = join(reports, "pester.json");
  const script = join(root, "Pester", "Invoke-Tests.ps1");
  const status = run(
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

function run(title, command, args, options) {
  console.log(`\n── ${title}`);
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
  if (error) throw new Error(`Cannot start ${command}: ${error.message}`);
  return status;
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read the test report: ${error.message}`);
  }
}
