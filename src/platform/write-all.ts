import { writeSync } from "node:fs";
import { sleepSync } from "./patience.ts";
import { codeOf } from "./system-error.ts";

/**
 * Writes the whole text to a descriptor before returning. `process.stdout` would load Node's streams, which takes a tenth of a
 * `credential-process`'s time. If the reader is gone, drops the text and lets the process end normally.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const code = codeOf(error);
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      // The pipe is full: wait for its reader.
      sleepSync(1);
    }
  }
}
