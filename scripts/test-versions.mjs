// npm run test:versions: runs the core's tests on each supported version of Node.js, and the cmdlets' tests on each with each PowerShell.
// Prints a table. Gets what is missing from npm into dist/node.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { install, oldestForTests } from "./install.mjs";
import { pesterCounts, vitestCounts, vitestReport } from "./test-reports.mjs";

const usage = `Usage: npm run test:versions -- [OPTIONS]
  --node 22,24.1.0         versions of Node.js (20.3.0,20,22,24,26)
  --powershell PATH        another PowerShell, beside the pinned one; may be repeated
  --core PART              only the test files of the core whose path contains PART; may be repeated; none runs none
  --cmdlets SUITE          only the suites in Pester with this name (wildcards); may be repeated; none runs none`;

/** The tests under test/ that start PowerShell. The suites in Pester cover what depends on its version. */
const withPowerShell = [
  "module/**",
  "powershell/**",
  "docs.test.ts",
  "installation.test.ts",
  "licences.test.ts",
  "package.test.ts",
];
const windows = process.platform === "win32";

const { node, powershell, core, cmdlets, help } = parseArgs({
  options: {
    node: { type: "string", default: "20.3.0,20,22,24,26" },
    powershell: { type: "string", multiple: true, default: [] },
    core: { type: "string", multiple: true, default: [] },
    cmdlets: { type: "string", multiple: true, default: ["*"] },
    help: { type: "boolean", short: "h" },
  },
}).values;
if (help) console.log(usage);
else await testVersions();

async function testVersions() {
  install(oldestForTests);
  // These need packages, so they are imported after the install.
  const { build, root } = await import("./build.mjs");
  const { buildAwsSdkModule, restorePester, restorePowerShell } = await import("./powershell.mjs");
  await build();
  for (const sdk of ["3", "4"]) buildAwsSdkModule(sdk);
  const modules = restorePester();
  const shells = cmdlets.includes("none") ? [] : [restorePowerShell(), ...powershell];

  const rows = [];
  for (const wanted of node.split(",")) {
    const program = nodeProgram(wanted, join(root, "dist", "node"));
    if (!program) continue;
    const version = answerOf(program, ["--version"]).replace("v", "");
    if (!core.includes("none")) rows.push([version, "the core", testCore(program, root)]);
    for (const shell of shells)
      rows.push([version, `the cmdlets in ${nameOf(shell)}`, testCmdlets(shell, program, modules, root)]);
  }
  console.log(`\n${table(rows)}`);
  process.exitCode = rows.length > 0 && rows.every(([, , { failed }]) => failed === 0) ? 0 : 1;
}

/** The running Node.js transforms the files, which requires a later version than the module does; this one runs the tests. */
function testCore(program, root) {
  return countsOf(vitestCounts, (report) => {
    const workers = `data:text/javascript,${encodeURIComponent(`process.execPath = ${JSON.stringify(program)}`)}`;
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const excluded = withPowerShell.flatMap((files) => ["--exclude", `test/${files}`]);
    const args = ["--import", workers, vitest, "run", ...vitestReport(report), ...excluded, ...core];
    return run(process.execPath, args, program, root);
  });
}

function testCmdlets(shell, program, modules, root) {
  return countsOf(pesterCounts, (report) => {
    const script = join(root, "Pester", "Invoke-Tests.ps1");
    const parameters = `-Modules '${quoted(modules)}' -Report '${quoted(report)}' -Suite ${cmdlets.map((suite) => `'${quoted(suite)}'`)}`;
    const command = `& '${quoted(script)}' ${parameters}`;
    return run(shell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", command], program, root);
  });
}

function quoted(text) {
  return text.replaceAll("'", "''");
}

/** Runs tests with this Node.js first on PATH. */
function run(command, args, program, cwd) {
  console.log(`\n── ${basename(command)} with ${program}`);
  const PATH = [dirname(program), process.env.PATH].join(delimiter);
  const own = { PATH, ROLE_CREDENTIALS_NODE: program, POWERSHELL_TELEMETRY_OPTOUT: "1", POWERSHELL_UPDATECHECK: "Off" };
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, ...own } });
  if (error) throw new Error(`Cannot start ${command}: ${error.message}`);
  return status;
}

/** Counts the tests of a run. One that ends without a report counts as a failure, and the table is printed all the same. */
function countsOf(read, test) {
  const folder = mkdtempSync(join(tmpdir(), "role-credentials-versions-"));
  const report = join(folder, "report.json");
  try {
    return read(report, test(report));
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The running Node.js if it has this version; else the one that npm distributes as a package, if any. */
function nodeProgram(version, folder) {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath;
  // npm's package `node` chooses between the same packages.
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${windows ? "win" : process.platform}-${process.arch}`;
  const place = join(folder, version);
  const program = join(place, "node_modules", name, "bin", windows ? "node.exe" : "node");
  if (existsSync(program)) return program;
  const args = ["install", "--no-save", "--ignore-scripts", "--no-fund", "--no-audit", "--prefix", place];
  const { status } = spawnSync(windows ? "npm.cmd" : "npm", [...args, `${name}@${version}`], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: windows,
  });
  if (status === 0) return program;
  console.error(`Node.js ${version} is not tested: npm has no ${name} ${version}, or cannot be reached.`);
}

function nameOf(shell) {
  const question = '"PowerShell $($PSVersionTable.PSVersion), .NET $([Environment]::Version.Major)"';
  return answerOf(shell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", question]);
}

function answerOf(program, args) {
  const { stdout, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error) throw new Error(`Cannot start ${program}: ${error.message}`);
  return stdout.trim();
}

function table(rows) {
  const system = { linux: "Linux", darwin: "macOS", win32: "Windows" }[process.platform];
  const lines = rows.map(([version, what, { passed, failed, skipped }]) => [
    `Node.js ${version}`,
    `${system} ${process.arch}`,
    what,
    passed,
    failed,
    skipped,
  ]);
  return [["", "on", "tests", "passed", "failed", "skipped"], ["---", "---", "---", "---:", "---:", "---:"], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
