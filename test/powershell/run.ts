import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Environment, openCleanRoom, powerShellPath } from "./environment.ts";

export interface RunOptions {
  /** Added to the clean environment. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** The contents of standard input. Empty by default. */
  readonly stdin?: string;
  /** The script's arguments. */
  readonly args?: readonly string[];
  /** Switches before the script, such as `-NonInteractive`. */
  readonly switches?: readonly string[];
  /** Kills a PowerShell that hangs, after this many milliseconds. */
  readonly timeout?: number;
}

export interface RunResult {
  /** The exit code, or null when the process was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script in its own PowerShell, as `pwsh -File` does. */
export async function runPowerShell(script: string, options: RunOptions = {}): Promise<RunResult> {
  const room = openCleanRoom(options.env);
  try {
    const file = join(room.home, "script.ps1");
    // With a byte order mark, because not all scripts are ASCII.
    writeFileSync(file, `\uFEFF${script}`);
    const switches = ["-NoLogo", "-NoProfile", ...(options.switches ?? [])];
    return await start([...switches, "-File", file, ...(options.args ?? [])], room.env, options);
  } finally {
    room.remove();
  }
}

async function start(args: readonly string[], env: Record<string, string>, options: RunOptions): Promise<RunResult> {
  const child = spawn(powerShellPath(), args, {
    env,
    cwd: options.cwd,
    timeout: options.timeout ?? 60_000,
    killSignal: "SIGKILL",
    windowsHide: true,
  });
  // A PowerShell that exits before it reads its input breaks the pipe. Its exit code reports the failure.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, stdout: stdout.replaceAll("\r\n", "\n"), stderr: stderr.replaceAll("\r\n", "\n") };
}
