// Gets the native libraries that open the system's keychain (@napi-rs/keyring), for every platform that the module supports. npm installs
// this machine's only, so the others come from the registry, with the versions and hashes in package-lock.json.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unpack } from "./npm-package.mjs";
import { root, sha256Of } from "./project.mjs";

/** Node's platform and architecture, and the end of the package's name. Containers with musl have no keychain. */
const packages = {
  "darwin-arm64": "darwin-arm64",
  "darwin-x64": "darwin-x64",
  "linux-arm64": "linux-arm64-gnu",
  "linux-x64": "linux-x64-gnu",
  "win32-arm64": "win32-arm64-msvc",
  "win32-x64": "win32-x64-msvc",
};

/** The packages, as the licenses and the bill of materials list them, each with the path of its library. */
export function keyringPackages() {
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const text = readFileSync(join(root, "node_modules", "@napi-rs", "keyring", "LICENSE"), "utf8").trim();
  return Object.entries(packages).map(([platform, end]) => {
    const name = `@napi-rs/keyring-${end}`;
    const { version, integrity, license } = locked[`node_modules/${name}`];
    const folder = join(root, "dist", "keyring", `keyring-${end}-${version}`);
    unpack(`${name}@${version}`, folder, integrity);
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
  return Object.fromEntries(
    keyringPackages().map(({ platform, file, path }) => [platform, { file, sha256: sha256Of(path) }]),
  );
}
