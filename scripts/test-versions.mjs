// npm run test:versions: runs the core's tests on each supported version of Node.js, and the cmdlets' tests on each with each PowerShell.
// Prints a table. Gets what is missing from npm into dist/node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { install, oldestForTests } from "./install.mjs";
import { unpack } from "./npm-package.mjs";
import { offline, outputOf, pwshOptions, root, vitest, windows } from "./project.mjs";
import { noTests, pesterCommand, pesterCounts, vitestCounts, vitestReport } from "./test-runners.mjs";

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
  "licenses.test.ts",
  "package.test.ts",
];

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
  const { build } = await import("./build.mjs");
  const { buildAwsSdkModule, restorePester, restorePowerShell } = await import("./powershell.mjs");
  await build();
  for (const sdk of ["3", "4"]) buildAwsSdkModule(sdk);
  const modules = restorePester();
  const shells = cmdlets.includes("none") ? [] : [restorePowerShell(), ...powershell];

  const rows = [];
  for (const wanted of node.split(",")) {
    const program = nodeProgram(wanted);
    if (!program) continue;
    const version = outputOf(program, ["--version"]).trim().replace("v", "");
    if (!core.includes("none")) rows.push([version, "the core", testCore(program)]);
    for (const shell of shells)
      rows.push([version, `the cmdlets in ${nameOf(shell)}`, testCmdlets(shell, program, modules)]);
  }
  console.log(`\n${table(rows)}`);
  process.exitCode = rows.length > 0 && rows.every(([, , { failed }]) => failed === 0) ? 0 : 1;
}

/** The running Node.js transforms the files, which requires a later version than the module does; this one runs the tests. */
function testCore(program) {
  return countsOf(vitestCounts, (report) => {
    const workers = `data:text/javascript,${encodeURIComponent(`process.execPath = ${JSON.stringify(program)}`)}`;
    const excluded = withPowerShell.flatMap((files) => ["--exclude", `test/${files}`]);
    const args = ["--import", workers, vitest, "run", ...vitestReport(report), ...excluded, ...core];
    return run(process.execPath, args, program);
  });
}

function testCmdlets(shell, program, modules) {
  return countsOf(pesterCounts, (report) => {
    const command = pesterCommand(join(root, "Pester", "Invoke-Tests.ps1"), modules, report, cmdlets);
    return run(shell, [...pwshOptions, "-Command", command], program);
  });
}

/** Runs tests with this Node.js first on PATH. */
function run(command, args, program) {
  console.log(`\n── ${basename(command)} with ${program}`);
  const PATH = [dirname(program), process.env.PATH].join(delimiter);
  const env = { ...process.env, ...offline, PATH, ROLE_CREDENTIALS_NODE: program };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
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
    return { ...noTests, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The running Node.js if it has this version; else the one that npm distributes as a package, if any. */
function nodeProgram(version) {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath;
  // npm's package `node` chooses between the same packages.
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${windows ? "win" : process.platform}-${process.arch}`;
  const folder = join(root, "dist", "node", `${name}-${version}`);
  try {
    unpack(`${name}@${version}`, folder);
    return join(folder, "bin", windows ? "node.exe" : "node");
  } catch (error) {
    console.error(`Node.js ${version} is not tested: ${error.message}`);
    return undefined;
  }
}

function nameOf(shell) {
  const question = '"PowerShell $($PSVersionTable.PSVersion), .NET $([Environment]::Version.Major)"';
  return outputOf(shell, [...pwshOptions, "-Command", question]).trim();
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
