// Checks Node's version and installs the packages in package-lock.json. Reports what is missing and where to get it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a program and shows its output. Exits with the program's exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) fail(`Cannot start ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

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
  const wanted = join(root, "package-lock.json");
  // npm writes node_modules/.package-lock.json last, so it is newer than the package-lock.json that it was made from.
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  if (existsSync(installed) && sameVersions(installed, wanted)) return;
  console.log("Installing packages …");
  run(
    process.platform === "win32" ? "npm.cmd" : "npm",
    ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"],
    {
      shell: process.platform === "win32",
    },
  );
}

/** A fresh checkout updates the files' dates, which does not require another install. */
function sameVersions(installed, wanted) {
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, "utf8")).packages ?? {})
      .filter(([path, entry]) => path !== "" && !entry.optional)
      .map(([path, { version }]) => `${path} ${version}`)
      .sort()
      .join("\n");
  return versions(installed) === versions(wanted);
}
