import { writeSync } from "node:fs";

/**
 * Writes the whole text to a descriptor before it returns. `process.stdout` would load Node's streams, which takes a tenth of the time
 * that a `credential-process` takes. When the reader is gone the text is dropped: the process has its own end to come to.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      // The pipe is full: wait a millisecond for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
