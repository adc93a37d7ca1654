import { resolve } from "node:path";
import { readRegularFile } from "../platform/read-file.ts";
import { codeOf } from "../platform/system-error.ts";
import type { Context } from "../protocol/context.ts";

/**
 * Reads a token file. It is read at each call because such files are rotated.
 * Relative paths start at the caller's working directory; as in every SDK, `~` is not expanded.
 * Throws an `Error` whose message completes a sentence about the file.
 */
export function readTokenFile({ workingDirectory }: Context, file: string, maxBytes: number): string {
  try {
    return readRegularFile(resolve(workingDirectory, file), { largest: maxBytes }).toString("utf8");
  } catch (cause) {
    const code = codeOf(cause) || "unknown error";
    throw new Error(problems[code]?.(maxBytes) ?? `cannot be read (${code})`, { cause });
  }
}

const problems: Readonly<Record<string, (maxBytes: number) => string>> = {
  ENOENT: () => "does not exist",
  EISDIR: () => "is not a file",
  ENOTREG: () => "is not a file",
  EFBIG: (maxBytes) => `is longer than ${maxBytes} bytes`,
};
