/**
 * Loads bundles with the bytecode of an earlier run, and leaves it for the next one. V8 runs bytecode as it is, so it is taken only
 * from a file that nobody but this user can have written: docs/decisions/0005.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import type { Environment } from "./context.ts";
import { leaveOurs, ourFolder, readOurs } from "./our-files.ts";

/** Bytes: all bundles and their bytecode are smaller. Memory counts when it is touched. */
const scratchSize = 1024 * 1024;
const none = Buffer.alloc(0);

export interface CompiledCode {
  /** Runs a bundle, which is ASCII, as a CommonJS module. When it requires another of the bundles, that one is loaded alike. */
  load(name: string): unknown;
  /** Leaves the bytecode, by now of all functions that were needed, unless it was there. At the end of the process it is left anyway. */
  leave(): void;
}

/**
 * @param bundles by their file names, each with the SHA-256 of its content
 * @param use what the process does: V8 knows the functions that this needs, and its flags differ
 */
export function compiledCode(
  bundles: Readonly<Record<string, string>>,
  use: string,
  environment: Environment,
): CompiledCode {
  const store = ourFolder(environment, "code");
  const loaded = new Map<string, { readonly script: Script; readonly module: { exports: unknown } }>();
  let isComplete = true;

  function load(name: string): unknown {
    const before = loaded.get(name);
    if (before) return before.module.exports;
    const path = join(__dirname, name);
    const source = textOf(path);
    const cachedData = store === undefined ? undefined : readOurs(store, entryOf(name), readFile);
    const script = new Script(source, { filename: path, ...(cachedData && { cachedData }) });
    const module = { exports: {} };
    loaded.set(name, { script, module });
    if (!cachedData || script.cachedDataRejected) isComplete = false;
    const requireNext = (id: string): unknown => {
      const next = id.slice(2);
      return id.startsWith("./") && Object.hasOwn(bundles, next) ? load(next) : require(id);
    };
    script.runInThisContext().call(module.exports, module.exports, requireNext, module, path, __dirname);
    return module.exports;
  }

  // One file after another is read into the same memory: pages that a process has not touched before are dear.
  let scratch = none;

  function readFile(file: number): Buffer {
    const { size } = fstatSync(file);
    if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(Math.max(size, scratchSize));
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(file, scratch, length, size - length, null);
    return scratch.subarray(0, length);
  }

  function textOf(path: string): string {
    const file = openSync(path, "r");
    try {
      return readFile(file).toString("latin1");
    } finally {
      closeSync(file);
    }
  }

  function leave(): void {
    scratch = none;
    if (isComplete || store === undefined) return;
    isComplete = true;
    for (const [name, { script }] of loaded) {
      // What other versions left goes with it, and what one that was killed had begun.
      const isOld = (other: string) => other.replace(/^\./, "").startsWith(prefixOf(name));
      leaveOurs(store, entryOf(name), script.createCachedData(), isOld);
    }
  }

  // V8 itself checks its version and flags, but of the source its length alone.
  const prefixOf = (name: string) => `${name}-${use}-${process.version}-`;
  const entryOf = (name: string) => `${prefixOf(name)}${process.arch}-${bundles[name]}.bin`;
  process.once("exit", leave);
  return { load, leave };
}
