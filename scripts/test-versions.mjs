// npm run test:versions: runs the core's tests on each supported version of Node.js, and the cmdlets' tests on each with each PowerShell.
// Prints a table. Gets what is missing from npm into dist/node.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { install } from "./install.mjs";
import { pesterCounts, vitestCounts, vitestReport } from "./test-reports.mjs";

const usage = `Usage: npm run test:versions -- [OPTIONS]
  --node 22,24             versions of Node.js (20,22,24,26)
  --powershell PATH        another PowerShell, beside the pinned one; may be repeated
  --core PART              only the test files of the core whose path contains PART; may be repeated; none runs none
  --cmdlets SUITE          only the suites in Pester with this name (wildcards); may be repeated; none runs none`;

/** The tests under test/ that start PowerShell. The suites in Pester cover what depends on its version. */
const withPowerShell = ["module/**", "powershell/**", "docs.test.ts", "licences.test.ts", "package.test.ts"];
const windows = process.platform === "win32";

const { node, powershell, core, cmdlets, help } = parseArgs({
  options: {
    node: { type: "string", default: "20,22,24,26" },
    powershell: { type: "string", multiple: true, default: [] },
    core: { type: "string", multiple: true, default: [] },
    cmdlets: { type: "string", multiple: true, default: ["*"] },
    help: { type: "boolean", short: "h" },
  },
}).values;
if (help) console.log(usage);
else await testVersions();

async function testVersions() {
  install();
  // These need packages, so they are imported after the install.
  const { build, root } = await import("./build.mjs");
  const { buildAwsSdkModule, restorePester, restorePowerShell } = await import("./powershell.mjs");
  await build();
  for (const sdk of ["3", "4"]) buildAwsSdkModule(sdk);
  const modules = restorePester();
  const shells = cmdlets.includes("none") ? [] : [restorePowerShell(), ...powershell];

  const rows = [];
  for (const major of node.split(",")) {
    const program = nodeProgram(major, join(root, "dist", "node"));
    const name = `Node.js ${versionOf(program, "--version").replace("v", "")}`;
    if (!core.includes("none")) rows.push([name, "the core", testCore(program, root)]);
    for (const shell of shells)
      rows.push([name, versionOf(shell, "-Version"), testCmdlets(shell, program, modules, root)]);
  }
  console.log(`\n${table(rows)}`);
  process.exitCode = rows.every(([, , { failed }]) => failed === 0) ? 0 : 1;
}

function testCore(program, root) {
  return withReport((report) => {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const excluded = withPowerShell.flatMap((files) => ["--exclude", `test/${files}`]);
    const status = run(program, [vitest, "run", ...vitestReport(report), ...excluded, ...core], program, root);
    return vitestCounts(report, status);
  });
}

function testCmdlets(shell, program, modules, root) {
  return withReport((report) => {
    const script = join(root, "Pester", "Invoke-Tests.ps1");
    const parameters = `-Modules '${quoted(modules)}' -Report '${quoted(report)}' -Suite ${cmdlets.map((suite) => `'${quoted(suite)}'`)}`;
    const command = `& '${quoted(script)}' ${parameters}`;
    const status = run(shell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", command], program, root);
    return pesterCounts(report, status);
  });
}

function quoted(text) {
  return text.replaceAll("'", "''");
}

/** Runs tests with this Node.js first on PATH. */
function run(command, args, program, cwd) {
  console.log(`\n── ${command} ${args[0]} with ${program}`);
  const PATH = [dirname(program), process.env.PATH].join(delimiter);
  const own = { PATH, ROLE_CREDENTIALS_NODE: program, POWERSHELL_TELEMETRY_OPTOUT: "1", POWERSHELL_UPDATECHECK: "Off" };
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, ...own } });
  if (error) throw new Error(`Cannot start ${command}: ${error.message}`);
  return status;
}

function withReport(test) {
  const folder = mkdtempSync(join(tmpdir(), "role-credentials-versions-"));
  try {
    return test(join(folder, "report.json"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The running Node.js if it has this version; else the one that npm distributes as a package. */
function nodeProgram(major, folder) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  // npm's package `node` chooses between the same packages.
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${windows ? "win" : process.platform}-${process.arch}`;
  const place = join(folder, major);
  const program = join(place, "node_modules", name, "bin", windows ? "node.exe" : "node");
  if (!existsSync(program)) {
    const args = ["install", "--no-save", "--ignore-scripts", "--no-fund", "--no-audit", "--prefix", place];
    const { status } = spawnSync(windows ? "npm.cmd" : "npm", [...args, `${name}@${major}`], {
      stdio: ["ignore", "ignore", "inherit"],
      shell: windows,
    });
    if (status !== 0) throw new Error(`npm has no ${name} ${major}.`);
  }
  return program;
}

function versionOf(program, option) {
  const { stdout, error } = spawnSync(program, [option], { encoding: "utf8" });
  if (error) throw new Error(`Cannot start ${program}: ${error.message}`);
  return stdout.trim();
}

function table(rows) {
  const lines = rows.map(([name, what, { passed, failed, skipped }]) => [name, what, passed, failed, skipped]);
  return [["Node.js", "tests", "passed", "failed", "skipped"], ["---", "---", "---:", "---:", "---:"], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
