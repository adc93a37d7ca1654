import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { escapeForTerminal } from "../protocol/terminal.ts";

/**
 * Prompts for the code of an MFA device at the terminal, never on standard output, which a program reads.
 * @param problem why the profile's mfa_process gave no code that works
 * @returns undefined if the process has no terminal, or if the user enters nothing
 */
export function askMfaCode(mfaSerial: string, problem?: string): string | undefined {
  const terminal = openTerminal();
  if (!terminal) return undefined;
  try {
    if (problem !== undefined) writeSync(terminal.output, `${escapeForTerminal(problem)}\n`);
    writeSync(terminal.output, `MFA code of ${escapeForTerminal(mfaSerial)}: `);
    return readLine(terminal.input).trim() || undefined;
  } catch {
    // The terminal is gone, so there is no code.
    return undefined;
  } finally {
    for (const file of new Set([terminal.input, terminal.output])) closeSync(file);
  }
}

/** The terminal itself, even if the standard streams are redirected. */
function openTerminal(): { readonly input: number; readonly output: number } | undefined {
  try {
    if (process.platform === "win32") {
      return { input: openSync("\\\\.\\CONIN$", "r"), output: openSync("\\\\.\\CONOUT$", "r+") };
    }
    const file = openSync("/dev/tty", "r+");
    return { input: file, output: file };
  } catch {
    return undefined;
  }
}

function readLine(file: number): string {
  const buffer = Buffer.alloc(256);
  let line = "";
  while (!line.includes("\n")) {
    const size = readSync(file, buffer, 0, buffer.length, null);
    if (size === 0 || line.length > buffer.length) break;
    line += buffer.toString("utf8", 0, size);
  }
  return line.split("\n", 1)[0] ?? "";
}
