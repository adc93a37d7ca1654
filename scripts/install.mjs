// Checks Node's version and installs the packages in package-lock.json. Reports what is missing and where to get it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npm, root, windows } from "./project.mjs";

export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** The oldest Node.js that vitest runs on. The module runs on older ones. */
export const oldestForTests = "20.19";

export function install(oldest = "20.3") {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldest.split(".").map(Number);
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    fail(
      `This is Node.js ${process.version}, but version ${oldest} or later is required. Get it from https://nodejs.org.`,
    );
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && sameVersions(installed, join(root, "package-lock.json"))) return;
  console.log("Installing packages …");
  const args = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"];
  const { status, error } = spawnSync(npm, args, { cwd: root, stdio: "inherit", shell: windows });
  if (error) fail(`Cannot start ${npm}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function sameVersions(installed, wanted) {
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, "utf8")).packages ?? {})
      .filter(([path, entry]) => path !== "" && !entry.optional)
      .map(([path, { version }]) => `${path} ${version}`)
      .sort()
      .join("\n");
  return versions(installed) === versions(wanted);
}
