// Reads the reports of the two test runners, and counts what passed, failed and was skipped.
import { readFileSync } from "node:fs";

/** Arguments that make vitest write a report. */
export const vitestReport = (report) => ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];

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

function isFailed({ status }) {
  return status === "failed";
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read the test report: ${error.message}`);
  }
}
