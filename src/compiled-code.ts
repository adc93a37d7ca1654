/**
 * Loads a bundle with the bytecode of an earlier run, and leaves it for the next one. V8 runs bytecode as it is, so it is taken only
 * from a file that nobody but this user can have written: docs/decisions/0005.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { Script } from "node:vm";

/** Bundles by their file names, each with the SHA-256 of its content. */
export type Bundles = Readonly<Record<string, string>>;

/** Runs the bundle, which is ASCII, as a CommonJS module. When it requires another of the bundles, that one is loaded alike. */
export function loadCompiled(name: string, bundles: Bundles, home: string | undefined): unknown {
  const hash = bundles[name] ?? "";
  const path = join(__dirname, name);
  const store = storeOf(home);
  // V8 itself checks its version and flags, but of the source its length alone.
  const entry = `${name}-${process.version}-${process.arch}-${hash}.bin`;
  const cachedData = store === undefined ? undefined : readTrusted(store, entry);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) { ${readFileSync(path, "latin1")}\n})`,
    { filename: path, ...(cachedData && { cachedData }) },
  );
  if (store !== undefined && (!cachedData || script.cachedDataRejected))
    // By then V8 knows which functions are needed.
    process.once("exit", () => leave(store, entry, script.createCachedData()));

  const module = { exports: {} };
  const requireNext = (id: string): unknown => {
    const next = id.slice(2);
    return id.startsWith("./") && Object.hasOwn(bundles, next) ? loadCompiled(next, bundles, home) : require(id);
  };
  script.runInThisContext().call(module.exports, module.exports, requireNext, module, path, __dirname);
  return module.exports;
}

/** Beside the cache of credentials: who may write there may name a `credential_process` too. */
function storeOf(home: string | undefined): string | undefined {
  return home && isAbsolute(home) ? join(home, ".aws", "role-credentials", "code") : undefined;
}

function readTrusted(store: string, entry: string): Buffer | undefined {
  let file: number;
  try {
    if (!isOurs(lstatSync(store), "directory")) return undefined;
    file = openSync(join(store, entry), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    return isOurs(fstatSync(file), "file") ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Of this user, and closed to all others. On Windows a home is, by its access list. */
function isOurs(status: NonNullable<ReturnType<typeof lstatSync>>, kind: "file" | "directory"): boolean {
  if (kind === "file" ? !status.isFile() : !status.isDirectory()) return false;
  return (
    process.geteuid === undefined || (Number(status.uid) === process.geteuid() && (Number(status.mode) & 0o077) === 0)
  );
}

/** Whole or not at all, and with it goes what earlier versions left. What cannot be written is not worth a word. */
function leave(store: string, entry: string, code: Buffer): void {
  const staged = join(store, `.${entry}.${process.pid}`);
  try {
    // Not where there is no ~/.aws: nothing of this user's credentials is kept here.
    for (const directory of [join(store, ".."), store]) makeDirectory(directory);
    if (!isOurs(lstatSync(store), "directory")) return;
    writeFileSync(staged, code, { mode: 0o600, flag: "wx" });
    renameSync(staged, join(store, entry));
    const bundle = `${entry.slice(0, entry.indexOf(".cjs"))}.cjs-${process.version}-`;
    for (const other of readdirSync(store)) {
      if (other !== entry && other.startsWith(bundle)) rmSync(join(store, other), { force: true });
    }
  } catch {
    rmSync(staged, { force: true });
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
