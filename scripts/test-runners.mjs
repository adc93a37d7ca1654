// How the scripts start the two test runners, and count what passed, failed and was skipped.
import { readFileSync } from "node:fs";

/** Arguments that make vitest write a report. */
export const vitestReport = (report) => ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];

/** The command that runs Pester's suites in PowerShell: all of them if none is named. */
export function pesterCommand(script, modules, report, suites = []) {
  const selected = suites.length > 0 ? ` -Suite ${suites.map(quoted).join(",")}` : "";
  return `& ${quoted(script)} -Modules ${quoted(modules)} -Report ${quoted(report)}${selected}`;
}

export const noTests = { passed: 0, failed: 0, skipped: 0 };

export function vitestCounts(report, status) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = read(report);
  // A file that fails to load has no failed tests, but counts as a failure.
  const broken = testResults.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed)).length;
  return {
    passed: numPassedTests,
    failed: Math.max(numFailedTests + broken, status === 0 ? 0 : 1),
    skipped: numPendingTests + numTodoTests,
  };
}

export function pesterCounts(report, status) {
  const { passed, failed, skipped } = read(report);
  return { passed, failed: Math.max(failed, status === 0 ? 0 : 1), skipped };
}

/** Adds the counts of a run. */
export function add(counts, more) {
  for (const name of Object.keys(counts)) counts[name] += more[name];
}

/** Prints the counts, and sets the exit code. */
export function conclude({ passed, failed, skipped }) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function isFailed({ status }) {
  return status === "failed";
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read the test report: ${error.message}`);
  }
}
