import { writeSync } from "node:fs";

/**
 * Straight to the descriptor, whole: `process.stdout` costs a tenth of Node's start. Where nobody reads any more it is left at that: what
 * was answered is still to be kept, and the end comes by itself.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        continue;
      }
      if (code === "EPIPE") return;
      throw error;
    }
  }
}
