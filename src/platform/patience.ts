import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./system-error.ts";

/**
 * Pauses in milliseconds, about a second in total. On Windows a virus scanner, an indexer or another reader may hold a file open briefly.
 * The file cannot be replaced during that time, and some programs also block readers.
 */
const pauses = [1, 4, 10, 25, 60, 100, 150, 200, 200, 250];

/** Error codes on Windows when another program has the file open. A read only reports EBUSY for this reason. */
export const refusedReplacement: readonly string[] = ["EPERM", "EACCES", "EBUSY"];
export const refusedReading: readonly string[] = ["EBUSY"];

/**
 * Retries an operation that another program may block briefly.
 * @param codes the errors to retry
 * @throws the system's error; `EBUSY` if another program still blocks it
 */
export function patiently<T>(attempt: () => T, codes: readonly string[]): T {
  for (let tries = 0; ; tries++) {
    try {
      return attempt();
    } catch (error) {
      sleepSync(pauseAfter(error, tries, codes));
    }
  }
}

/** Like {@link patiently}, but without blocking the process. */
export async function patientlyAsync<T>(attempt: () => T, codes: readonly string[]): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return attempt();
    } catch (error) {
      await sleep(pauseAfter(error, tries, codes));
    }
  }
}

/** Blocks the process. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function pauseAfter(error: unknown, tries: number, codes: readonly string[]): number {
  if (process.platform !== "win32" || !codes.includes(codeOf(error))) throw error;
  const pause = pauses[tries];
  if (pause !== undefined) return pause;
  const { syscall } = error as NodeJS.ErrnoException;
  throw Object.assign(new Error("another program is using the file", { cause: error }), { code: "EBUSY", syscall });
}
