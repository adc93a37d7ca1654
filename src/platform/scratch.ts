import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** Memory that one file after another is read into: to touch pages for the first time takes longer than to read. */
export interface Scratch {
  /** What is in an open file, or in one at a path: good until the next read. */
  read(file: number | string): Buffer;
  /** Gives the memory back. */
  free(): void;
}

/** @param size bytes to begin with; they count when they are touched */
export function createScratch(size: number): Scratch {
  let memory = none;

  function read(file: number | string): Buffer {
    if (typeof file === "string") {
      const opened = openSync(file, "r");
      try {
        return read(opened);
      } finally {
        closeSync(opened);
      }
    }
    const { size: wanted } = fstatSync(file);
    // The system knows none of a pipe, nor of a file that is made as it is read.
    if (wanted === 0) return readFileSync(file);
    if (memory.length < wanted) memory = Buffer.allocUnsafeSlow(Math.max(wanted, size));
    let length = 0;
    for (let part = -1; part !== 0 && length < wanted; length += part)
      part = readSync(file, memory, length, wanted - length, null);
    return memory.subarray(0, length);
  }

  return {
    read,
    free() {
      memory = none;
    },
  };
}

const none = Buffer.alloc(0);
