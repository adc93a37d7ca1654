/**
 * Loads bundles with the bytecode of an earlier run, and leaves it for the next one. V8 runs bytecode as it is, so it is taken only
 * from a file that nobody but this user can have written: docs/decisions/0005.
 */
import { join } from "node:path";
import { Script } from "node:vm";
import { leaveOurs, ourFolder, readOurs } from "./platform/private-files.ts";
import { createScratch } from "./platform/scratch.ts";
import type { Environment } from "./protocol/context.ts";

export interface CompiledCode {
  /** Runs a bundle, which is ASCII and the function of a CommonJS module. When it requires another of the bundles, that one is loaded alike. */
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
  // All bundles and their bytecode are smaller.
  const scratch = createScratch(1024 * 1024);
  let isComplete = true;

  function load(name: string): unknown {
    const before = loaded.get(name);
    if (before) return before.module.exports;
    const path = join(__dirname, name);
    const source = scratch.read(path).toString("latin1");
    const cachedData = store === undefined ? undefined : readOurs(store, entryOf(name), scratch.read);
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

  function leave(): void {
    scratch.free();
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
