// Bundles the core into module/core/, compiles the module's assembly with the bundles' hashes, writes its help, and stamps the manifest with
// the version. With the argument `core`, bundles the core only.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import * as esbuild from "esbuild";
import { commandsOf, helpOf } from "./help.mjs";
import { keyringLibraries, keyringPackages } from "./keyring.mjs";
import { billOfMaterials, bundledPackages, licenseText } from "./licenses.mjs";
import { buildModuleAssembly } from "./powershell.mjs";
import { isProgram, root, sha256Of, windows } from "./project.mjs";
import { writeReference } from "./reference.mjs";

const { name, version, license, homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const core = join(root, "module", "core");

/** Options that all Node bundles share. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  logLevel: "warning",
};

/** Builds all of module/. */
export async function build() {
  const bundles = await buildCore();
  copyFileSync(join(root, "LICENSE"), join(root, "module", "LICENSE"));
  replaceAssembly(buildModuleAssembly(hashesOf(bundles)), join(core, "RoleCredentials.dll"));
  const commands = commandsOf(join(root, "cmdlets"));
  writeFileSync(join(root, "module", "en-US", "RoleCredentials.dll-Help.xml"), helpOf(commands, homepage));
  writeReference(join(root, "docs", "reference"), commands);
  stampManifest();
}

/**
 * A session may have the old file loaded. Windows then neither replaces nor deletes it, but lets it be renamed. So it moves out of the
 * module, and a build after the session's end deletes it.
 */
function replaceAssembly(built, assembly) {
  copyFileSync(built, `${assembly}.tmp`);
  if (windows && existsSync(assembly)) {
    const replaced = join(root, "dist", "replaced");
    mkdirSync(replaced, { recursive: true });
    for (const name of readdirSync(replaced)) {
      try {
        rmSync(join(replaced, name));
      } catch {
        // Still loaded.
      }
    }
    renameSync(assembly, join(replaced, `${process.pid}-${Date.now()}.dll`));
  }
  renameSync(`${assembly}.tmp`, assembly);
}

/** Builds what the command needs, without .NET, and returns the names of the bundles. */
export async function buildCore() {
  const results = [
    await bundle({ core: "src/main.ts", "assume-role": "src/assume-role/sts/client.ts" }),
    await bundle({ iam: "src/keys/iam-client.ts" }),
    await bundle({ socks: "src/network/socks-tunnel.ts" }),
    // Old versions of Node must be able to parse it, to report that they are too old.
    await bundle({ "role-credentials": "src/entry.ts", launcher: "src/launcher.ts" }, { target: "node10" }),
  ];
  const metafiles = results.map(({ metafile }) => metafile);
  const libraries = keyringPackages();
  // The bundles contain the hashes of these libraries, and a library is checked before it is loaded.
  for (const { path, file } of libraries) copyFileSync(path, join(core, file));
  const packages = [...libraries, ...bundledPackages(root, metafiles)];
  writeFileSync(join(core, "THIRD_PARTY_LICENSES.txt"), licenseText(packages));
  writeFileSync(join(core, "sbom.cdx.json"), billOfMaterials({ name, version, license }, packages));
  // package.json declares it as a command.
  chmodSync(join(core, "role-credentials.cjs"), 0o755);
  return metafiles.flatMap(({ outputs }) => Object.keys(outputs).map((path) => basename(path)));
}

function bundle(entryPoints, options = {}) {
  return esbuild.build({
    ...bundleOptions,
    ...options,
    entryPoints,
    outdir: "module/core",
    minify: true,
    // The licenses are in a separate file.
    legalComments: "none",
    metafile: true,
    // The SDK's ES modules tree-shake to two thirds of its CommonJS.
    mainFields: ["module", "main"],
    supported: { "dynamic-import": false },
    define: {
      VERSION: JSON.stringify(version),
      KEYRING: JSON.stringify(keyringLibraries()),
      KEYRING_FOLDER: "__dirname",
      // The SDK's notice about Node 20 is for developers, not for users of the bundle.
      "process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": '"true"',
    },
    plugins: [lateBundles, withoutUnused],
  });
}

/** Turns a dynamic import of another bundle's entry point into a `require` of that bundle. */
const lateBundles = {
  name: "late-bundles",
  setup(build) {
    for (const [filter, bundle] of [
      [/\/sts\/client\.ts$/, "./assume-role.cjs"],
      [/\/iam-client\.ts$/, "./iam.cjs"],
      [/\/socks-tunnel\.ts$/, "./socks.cjs"],
      [/^\.\/main\.ts$/, "./core.cjs"],
    ])
      build.onResolve({ filter }, ({ kind }) =>
        kind === "dynamic-import" ? { path: bundle, external: true } : undefined,
      );
  },
};

/**
 * Code that the STS client would load and never use: its credential providers, because the core passes credentials; SigV4a, because a
 * request is signed for one region; stream checksums; file access; and Node's https code, which loads with the first https request.
 */
const unused = {
  "@aws-sdk/credential-provider-node":
    "export const defaultProvider = () => async () => { throw new Error('no credentials were given'); };",
  "@aws-sdk/signature-v4-multi-region": "export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4';",
  "node:zlib": "export const crc32 = undefined;",
  "node:fs/promises": "export const readFile = async () => { throw new Error('the client reads no file'); };",
  // The core passes agents to the client, so it creates none.
  "node:https": "exports.Agent = class {}; exports.request = (...args) => require('node:https').request(...args);",
};

const withoutUnused = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path, importer, namespace }) =>
      Object.hasOwn(unused, path) && namespace !== "unused" && importer.includes("node_modules")
        ? { path, namespace: "unused" }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: "unused" }, ({ path }) => ({ resolveDir: root, contents: unused[path] }));
  },
};

/** The lines of sha256sum. The assembly contains them, and recognizes its core by them. */
function hashesOf(bundles) {
  return bundles.map((name) => `${sha256Of(join(core, name))}  ${name}\n`).join("");
}

/** package.json holds the only version. The manifest changes with it. */
function stampManifest() {
  const path = join(root, "module", "RoleCredentials.psd1");
  const text = readFileSync(path, "utf8");
  const stamped = text.replace(/^(\s*ModuleVersion\s*=\s*)'[^']*'/m, `$1'${version}'`);
  if (stamped !== text) writeFileSync(path, stamped);
}

if (isProgram(import.meta.url)) await (process.argv[2] === "core" ? buildCore() : build());
