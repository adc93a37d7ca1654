import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "../protocol/context.ts";

/**
 * Reads a token file. It is read at each call because such files are rotated.
 * Relative paths start at the caller's working directory; as in every SDK, `~` is not expanded.
 * Throws an `Error` whose message completes a sentence about the file.
 */
export function readTokenFile(context: Context, file: string, maxBytes: number): string {
  const path = resolve(context.workingDirectory, file);
  let descriptor: number | undefined;
  try {
    // Check before opening: opening a pipe without a writer blocks forever.
    if (!statSync(path).isFile()) throw new TokenFileProblem("is not a file");
    descriptor = openSync(path, "r");
    if (fstatSync(descriptor).size > maxBytes) throw new TokenFileProblem(`is longer than ${maxBytes} bytes`);
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    // Some file systems report no size.
    if (length > maxBytes) throw new TokenFileProblem(`is longer than ${maxBytes} bytes`);
    return buffer.toString("utf8", 0, length);
  } catch (error) {
    if (error instanceof TokenFileProblem) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new TokenFileProblem(code === "ENOENT" ? "does not exist" : `cannot be read (${code})`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

class TokenFileProblem extends Error {}
