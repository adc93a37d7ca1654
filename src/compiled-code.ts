/**
 * Loads a bundle with the bytecode of an earlier run, and leaves it for the next one. V8 runs bytecode as it is, so it is taken only
 * from a file that nobody but this user can have written: docs/decisions/0005.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { leaveOurs, ourFolder, readOurs } from "./our-files.ts";

/** Bundles by their file names, each with the SHA-256 of its content. */
export type Bundles = Readonly<Record<string, string>>;

/** Runs the bundle, which is ASCII, as a CommonJS module. When it requires another of the bundles, that one is loaded alike. */
export function loadCompiled(name: string, bundles: Bundles, home: string | undefined): unknown {
  const hash = bundles[name] ?? "";
  const path = join(__dirname, name);
  const store = ourFolder(home, "code");
  // V8 itself checks its version and flags, but of the source its length alone.
  const entry = `${name}-${process.version}-${process.arch}-${hash}.bin`;
  const cachedData = store === undefined ? undefined : readOurs(store, entry);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) { ${readFileSync(path, "latin1")}\n})`,
    { filename: path, ...(cachedData && { cachedData }) },
  );
  if (store !== undefined && (!cachedData || script.cachedDataRejected)) {
    // What other versions left goes with it.
    const isOld = (other: string) => other.startsWith(`${name}-${process.version}-`);
    // By then V8 knows which functions are needed.
    process.once("exit", () => leaveOurs(store, entry, script.createCachedData(), isOld));
  }

  const module = { exports: {} };
  const requireNext = (id: string): unknown => {
    const next = id.slice(2);
    return id.startsWith("./") && Object.hasOwn(bundles, next) ? loadCompiled(next, bundles, home) : require(id);
  };
  script.runInThisContext().call(module.exports, module.exports, requireNext, module, path, __dirname);
  return module.exports;
}
