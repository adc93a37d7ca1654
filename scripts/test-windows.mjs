// npm run test:windows: runs the main job, the cmdlets' suites and the core's tests on Windows. On Linux it does so under wine, where wine is
// installed. Arguments: `short`, `pester SUITE…` or `vitest FILE…` run a part.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, win32 } from "node:path";
import { fail, install, oldestForTests } from "./install.mjs";
import { isProgram, pwshOptions, root, windows } from "./project.mjs";
import { add, conclude, noTests, pesterCommand, pesterCounts, vitestCounts, vitestReport } from "./test-runners.mjs";

/** The suites of `npm test`: they finish in about a minute. */
const shortSuites = ["Windows", "Use-Role", "Set-RoleCredentials", "Enter-Role", "Import-Module"];

/** Tests that need what wine's Windows lacks. Everything else runs. */
const notUnderWine = [
  // The .NET SDK, npm or git for Windows.
  "test/{package,installation,docs,licenses,dependencies}.test.ts",
  "test/powershell/**",
  // A pwsh.exe whose input is a pipe prints nothing there. Pester covers the cmdlets.
  "test/module/**",
];

/**
 * Tests Windows, and returns the counts. Without wine everything counts as one skipped test.
 *
 * @param {readonly string[]} [args] what to test; everything by default
 */
export async function testWindows([part = "all", ...names] = []) {
  const counts = { ...noTests };
  const wine = await import("./wine.mjs");
  const missing = windows ? undefined : wine.whyNoWine();
  console.log(`\n── Windows${windows ? "" : missing ? `: skipped, because ${missing}` : ", under wine"}`);
  if (missing) return { ...counts, skipped: 1 };

  const { startSandbox } = await import("./sandbox.mjs");
  const { buildAwsSdkModule } = await import("./powershell.mjs");
  buildAwsSdkModule();
  const machine = windows ? await thisMachine() : wineMachine(wine, part);
  const sandbox = await startSandbox();
  try {
    if (part !== "pester" && part !== "vitest") add(counts, doMainJob(machine, sandbox));
    if (part !== "vitest") add(counts, runPester(machine, sandbox, part === "short" ? shortSuites : names));
    if (part === "all" || part === "vitest") add(counts, runVitest(machine, names));
  } finally {
    sandbox.stop();
  }
  return counts;
}

/** A Windows: this machine's own, or wine's. `root` is where its programs see the project, `here` where this script sees it. */
async function thisMachine() {
  const { findPowerShell, restorePester } = await import("./powershell.mjs");
  const { path } = findPowerShell();
  return {
    root,
    here: root,
    modules: restorePester(),
    powershell: path,
    node: process.execPath,
    prelude: "",
    run: ([program, ...args], env) =>
      spawnSync(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: "inherit" }).status,
  };
}

function wineMachine({ copyProject, driveC, layOutWindows, runOnWindows }, part) {
  layOutWindows();
  copyProject();
  const here = join(driveC, "project");
  if (part !== "short") installForWindows(here);
  return {
    root: "C:\\project",
    here,
    modules: "C:\\modules",
    powershell: "C:\\pwsh\\pwsh.exe",
    node: "C:\\node\\node.exe",
    // Under wine, pwsh finds no program by its bare name.
    prelude: "Set-Alias node C:\\node\\node.exe; Set-Alias pwsh C:\\pwsh\\pwsh.exe;",
    run(command, env) {
      // The core gets no NODE_OPTIONS. The tests' own programs do.
      const { status, text } = runOnWindows(command, {
        env: { NODE_OPTIONS: "--require=C:\\preload.cjs", ...env },
        cwd: here,
      });
      process.stdout.write(text);
      return status;
    },
  };
}

function installForWindows(project) {
  const lock = readFileSync(join(project, "package-lock.json"), "utf8");
  const installed = join(project, "node_modules", ".installed-lock.json");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;
  const args = ["ci", "--os=win32", "--cpu=x64", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"];
  if (spawnSync("npm", args, { cwd: project, stdio: "inherit" }).status !== 0) throw new Error("npm ci failed.");
  writeFileSync(installed, lock);
}

function doMainJob(machine, { environment }) {
  const home = emptyFolder(machine, "home");
  const demo = pathOn(machine, "scripts/demo.ps1");
  const module = pathOn(machine, "module/RoleCredentials.psd1");
  const status = runPowerShell(machine, `& '${demo}' '${module}' '${pathOn(machine, awsTools)}'`, {
    ...environment,
    HOME: home,
    USERPROFILE: home,
  });
  return status === 0 ? { ...noTests, passed: 1 } : { ...noTests, failed: 1 };
}

const awsTools = "dist/aws-sdk-module/4/SandboxAwsTools/SandboxAwsTools.psd1";

function runPester(machine, sandbox, suites) {
  const report = win32.join(emptyFolder(machine, "pester"), "report.json");
  const command = pesterCommand(pathOn(machine, "Pester/Invoke-Tests.ps1"), machine.modules, report, suites);
  const status = runPowerShell(machine, command, {
    ROLE_CREDENTIALS_SANDBOX: JSON.stringify(sandbox),
    ROLE_CREDENTIALS_AWS_TOOLS: pathOn(machine, awsTools),
  });
  return pesterCounts(reportOf(machine, "pester"), status);
}

function runVitest(machine, files) {
  const report = win32.join(emptyFolder(machine, "vitest"), "report.json");
  const program = pathOn(machine, "node_modules/vitest/vitest.mjs");
  const status = machine.run([machine.node, program, "run", ...vitestReport(report), ...excluded(), ...files], {});
  return vitestCounts(reportOf(machine, "vitest"), status);
}

function excluded() {
  return windows ? [] : notUnderWine.map((pattern) => `--exclude=${pattern}`);
}

function runPowerShell({ powershell, prelude, run }, script, env) {
  return run([powershell, ...pwshOptions, "-Command", prelude + script], env);
}

function pathOn({ root }, name) {
  return win32.join(root, name);
}

/** Empties a folder in the machine's dist, and returns its path on that machine. */
function emptyFolder(machine, name) {
  const folder = join(machine.here, "dist", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return pathOn(machine, `dist/${name}`);
}

/** Where this script sees the report of a run. */
function reportOf({ here }, name) {
  return join(here, "dist", name, "report.json");
}

if (isProgram(import.meta.url)) {
  install(oldestForTests);
  const { build } = await import("./build.mjs");
  await build();
  try {
    conclude(await testWindows(process.argv.slice(2)));
  } catch (error) {
    fail(error.message);
  }
}
