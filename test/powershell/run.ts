import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findPowerShell } from "../../scripts/powershell.mjs";
import { type Environment, openCleanRoom } from "./environment.ts";

export interface RunOptions {
  /** Added to the clean environment. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** What standard input holds; without it, it is empty. */
  readonly stdin?: string;
  /** Arguments of the script. */
  readonly args?: readonly string[];
  /** Switches before the script, such as `-NonInteractive`. */
  readonly switches?: readonly string[];
  /** Ends a PowerShell that hangs, in milliseconds. */
  readonly timeout?: number;
}

export interface RunResult {
  /** The exit code; null when the process was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script text in a PowerShell of its own, as `pwsh -File` does. */
export async function runPowerShell(script: string, options: RunOptions = {}): Promise<RunResult> {
  const room = openCleanRoom(options.env);
  try {
    const file = join(room.home, "script.ps1");
    // With a mark, because scripts are not all ASCII.
    writeFileSync(file, `\uFEFF${script}`);
    const switches = ["-NoLogo", "-NoProfile", ...(options.switches ?? [])];
    return await start([...switches, "-File", file, ...(options.args ?? [])], room.env, options);
  } finally {
    room.remove();
  }
}

async function start(args: readonly string[], env: Record<string, string>, options: RunOptions): Promise<RunResult> {
  const child = spawn(findPowerShell().path, args, {
    env,
    cwd: options.cwd,
    timeout: options.timeout ?? 60_000,
    killSignal: "SIGKILL",
    windowsHide: true,
  });
  // A PowerShell that ends before it reads its input breaks the pipe; its exit code tells the story.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, stdout: stdout.replaceAll("\r\n", "\n"), stderr: stderr.replaceAll("\r\n", "\n") };
}
