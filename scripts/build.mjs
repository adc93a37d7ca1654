// Bundles the core into module/core/, compiles the module's assembly, writes its help, and stamps the manifest with the version and the
// bundles' hashes.
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { commandsOf, helpOf } from "./help.mjs";
import { bundledPackages, licenceText } from "./licences.mjs";
import { buildModuleAssembly } from "./powershell.mjs";
import { writeReference } from "./reference.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version, homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The bundles in module/core: what starts, what it loads, and what that loads when a role is not cached. */
const core = ["role-credentials", "core", "assume-role", "socks"];

/** Common to all that is bundled for Node. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  logLevel: "warning",
};

export async function build() {
  const bundles = [
    await bundle({ core: "src/main.ts", "assume-role": "src/assume-role/sts/client.ts" }),
    await bundle({ socks: "src/network/socks-tunnel.ts" }),
    // An old Node must be able to read it, to say that it is too old.
    await bundle({ "role-credentials": "src/entry.ts" }, { target: "node10" }),
  ];
  const packages = bundledPackages(
    root,
    bundles.map(({ metafile }) => metafile),
  );
  writeFileSync(join(root, "module", "core", "THIRD_PARTY_LICENSES.txt"), licenceText(packages));
  // package.json names it as a command.
  chmodSync(join(root, "module", "core", "role-credentials.cjs"), 0o755);
  // A copy beside and a rename: a session may have the old one open.
  const assembly = join(root, "module", "core", "RoleCredentials.dll");
  copyFileSync(buildModuleAssembly(), `${assembly}.tmp`);
  renameSync(`${assembly}.tmp`, assembly);
  const commands = commandsOf(join(root, "cmdlets"));
  writeFileSync(join(root, "module", "en-US", "RoleCredentials.dll-Help.xml"), helpOf(commands, homepage));
  writeReference(join(root, "docs", "reference"), commands);
  stampManifest();
}

function bundle(entryPoints, options = {}) {
  return esbuild.build({
    ...bundleOptions,
    ...options,
    entryPoints,
    outdir: "module/core",
    minify: true,
    // The licences stand in a file of their own.
    legalComments: "none",
    metafile: true,
    // The ES modules of the SDK shake to two thirds of its CommonJS.
    mainFields: ["module", "main"],
    supported: { "dynamic-import": false },
    define: {
      VERSION: JSON.stringify(version),
      // The SDK's notice about Node 20 is for those who build, not for those who use.
      "process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": '"true"',
    },
    plugins: [lateBundles, withoutUnused],
  });
}

/** A dynamic import of a source file that is an entry point of another bundle becomes a `require` of that bundle. */
const lateBundles = {
  name: "late-bundles",
  setup(build) {
    for (const [filter, bundle] of [
      [/\/sts\/client\.ts$/, "./assume-role.cjs"],
      [/\/socks-tunnel\.ts$/, "./socks.cjs"],
      [/^\.\/main\.ts$/, "./core.cjs"],
    ])
      build.onResolve({ filter }, ({ kind }) =>
        kind === "dynamic-import" ? { path: bundle, external: true } : undefined,
      );
  },
};

/**
 * What the STS client would load and never use: its own way to find credentials, for it is given some; SigV4a, for it signs for one
 * region; checksums of streams; files; and, until something goes over https, what Node has for that.
 */
const unused = {
  "@aws-sdk/credential-provider-node":
    "export const defaultProvider = () => async () => { throw new Error('no credentials were given'); };",
  "@aws-sdk/signature-v4-multi-region": "export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4';",
  "node:zlib": "export const crc32 = undefined;",
  "node:fs/promises": "export const readFile = async () => { throw new Error('the client reads no file'); };",
  // It is given agents, so it makes none.
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

function hashOf(name) {
  return createHash("sha256")
    .update(readFileSync(join(root, "module", "core", `${name}.cjs`)))
    .digest("hex");
}

/** One version, that of package.json; and the hashes by which the module knows its core. */
function stampManifest() {
  const path = join(root, "module", "RoleCredentials.psd1");
  const text = readFileSync(path, "utf8");
  let stamped = text.replace(/^(\s*ModuleVersion\s*=\s*)'[^']*'/m, `$1'${version}'`);
  for (const name of core) {
    stamped = stamped.replace(new RegExp(`^(\\s*'${name}\\.cjs'\\s*=\\s*)'[^']*'`, "m"), `$1'${hashOf(name)}'`);
  }
  if (stamped !== text) writeFileSync(path, stamped);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build();
