// What the scripts share. It needs no packages, so that it runs before they are installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const windows = process.platform === "win32";
/** On Windows it is a batch file, which only a shell runs. */
export const npm = windows ? "npm.cmd" : "npm";
export const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
/** How PowerShell runs a command or a file: without the user's profile. */
export const pwshOptions = ["-NoLogo", "-NoProfile", "-NonInteractive"];
/** Variables that keep PowerShell off the network. */
export const offline = { POWERSHELL_TELEMETRY_OPTOUT: "1", POWERSHELL_UPDATECHECK: "Off" };

/** Whether Node was started with the script whose `import.meta.url` this is. */
export function isProgram(url) {
  const [, script] = process.argv;
  return script !== undefined && realpathSync(script) === fileURLToPath(url);
}

/** The SHA-256 of a file, in hexadecimal. */
export function sha256Of(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/**
 * Runs a program and returns its standard output.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 * @throws {Error} if it fails
 */
export function outputOf(program, args, options) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    shell: program.endsWith(".cmd"),
    ...options,
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? `${stderr}${stdout ?? ""}`}`);
  return stdout;
}
