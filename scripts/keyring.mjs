// Gets the native libraries that open the system's keychain (@napi-rs/keyring), for every platform that the module supports. npm installs
// this machine's only, so the others come from the registry, with the versions and hashes in package-lock.json.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const restored = join(root, "dist", "keyring");

/** Node's platform and architecture, and the end of the package's name. Containers with musl have no keychain. */
const packages = {
  "darwin-arm64": "darwin-arm64",
  "darwin-x64": "darwin-x64",
  "linux-arm64": "linux-arm64-gnu",
  "linux-x64": "linux-x64-gnu",
  "win32-arm64": "win32-arm64-msvc",
  "win32-x64": "win32-x64-msvc",
};

/** The packages, as the licences and the bill of materials list them, each with the path of its library. */
export function keyringPackages() {
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const text = readFileSync(join(root, "node_modules", "@napi-rs", "keyring", "LICENSE"), "utf8").trim();
  return Object.entries(packages).map(([platform, end]) => {
    const name = `@napi-rs/keyring-${end}`;
    const { version, integrity, license } = locked[`node_modules/${name}`];
    const folder = restore(name, version, integrity);
    const file = readdirSync(folder).find((one) => one.endsWith(".node"));
    // Two libraries of one system are built from the same crates. The text is the same too, except for their names.
    const notice = readFileSync(join(folder, "LICENSE.third-party.md"), "utf8")
      .replace(/^`keyring\.[^`]+` \(`[^`]+`\) is/m, "The library is")
      .trim();
    return { platform, name, version, license, text, notice, file, path: join(folder, file) };
  });
}

/** What the core knows of the libraries: it loads no other. By platform and architecture. */
export function keyringLibraries() {
  const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return Object.fromEntries(
    keyringPackages().map(({ platform, file, path }) => [platform, { file, sha256: sha256(path) }]),
  );
}

/** Unpacks a package into dist/keyring, unless it is there, and returns its folder. */
function restore(name, version, integrity) {
  const folder = join(restored, `${name.replace(/^.*\//, "")}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(restored, { recursive: true });
  const scratch = mkdtempSync(join(restored, "restoring-"));
  try {
    const [{ filename }] = JSON.parse(
      run(process.platform === "win32" ? "npm.cmd" : "npm", ["pack", `${name}@${version}`, "--json"], scratch),
    );
    const archive = join(scratch, filename);
    const [algorithm, expected] = /^(sha512)-(.+)$/.exec(integrity).slice(1);
    if (createHash(algorithm).update(readFileSync(archive)).digest("base64") !== expected)
      throw new Error(`${name} ${version} is not the package in package-lock.json.`);
    run("tar", ["-xzf", filename], scratch);
    renameSync(join(scratch, "package"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    shell: program.endsWith(".cmd"),
  });
  if (error || status !== 0) throw new Error(`${program} ${args[0]} failed: ${error?.message ?? stderr}`);
  return stdout;
}
