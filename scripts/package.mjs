// npm run package: builds, and writes both packages and the bill of materials into dist/. The same files and date give the same bytes.
// SIGNING_SCRIPT may name a PowerShell script that signs the files in its arguments, such as scripts/sign.ps1. Signatures differ each time.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { install } from "./install.mjs";
import { restorePowerShell } from "./powershell.mjs";
import { isProgram, npm, offline, outputOf, pwshOptions, root } from "./project.mjs";
import { readZip, writeZip } from "./zip.mjs";

const { name, version, files: commandFiles } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The module's files. A build adds to the folder and removes nothing, so its other files are left out. */
const moduleFiles = [
  "LICENSE",
  "RoleCredentials.format.ps1xml",
  "RoleCredentials.psd1",
  "RoleCredentials.types.ps1xml",
  "core/RoleCredentials.dll",
  "en-US/RoleCredentials.dll-Help.xml",
  "en-US/about_RoleCredentials.help.txt",
  ...commandFiles.map((file) => file.replace("module/", "")),
];

/**
 * Packs the built module, and returns the paths of the packages: for PowerShell, for npm, and the software bill of materials.
 *
 * @param {string} destination
 * @param {Date} [date]
 * @param {string} [signingScript] a PowerShell script that signs the files in its arguments
 */
export function writePackages(destination, date = sourceDate(), signingScript = process.env.SIGNING_SCRIPT) {
  const nupkg = writeModulePackage(destination, date, { signingScript });
  // The build is done, and its files are the ones to pack.
  outputOf(npm, ["pack", "--ignore-scripts", "--silent", "--pack-destination", destination]);
  const bom = join(destination, `${name}-${version}.cdx.json`);
  copyFileSync(join(root, "module", "core", "sbom.cdx.json"), bom);
  return { nupkg, tgz: join(destination, `${name}-${version}.tgz`), bom };
}

/**
 * Packs a built module for PowerShell, and returns the path of the package.
 *
 * @param {string} destination
 * @param {Date} date
 * @param {{ module?: string, signingScript?: string | undefined }} [options] this checkout's module by default
 */
export function writeModulePackage(destination, date, { module = join(root, "module"), signingScript } = {}) {
  mkdirSync(destination, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "role-credentials-package-"));
  try {
    const staged = stage(module, scratch);
    if (signingScript) sign(staged, signingScript);
    const packed = compress(staged, scratch);
    const nupkg = join(destination, basename(packed));
    writeFileSync(nupkg, reproducible(readZip(readFileSync(packed)), date));
    return nupkg;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sourceDate() {
  const epoch = process.env.SOURCE_DATE_EPOCH ?? outputOf("git", ["log", "-1", "--format=%ct"]).trim();
  if (!/^\d+$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH is '${epoch}': set it to seconds since 1970.`);
  return new Date(Number(epoch) * 1000);
}

function stage(module, scratch) {
  const staged = join(scratch, "RoleCredentials");
  for (const file of moduleFiles) {
    mkdirSync(dirname(join(staged, file)), { recursive: true });
    copyFileSync(join(module, file), join(staged, file));
  }
  const manifest = join(staged, "RoleCredentials.psd1");
  writeFileSync(manifest, withCommandTags(readFileSync(manifest, "utf8")));
  return staged;
}

/** Signs what PowerShell's execution policies check. The assembly contains the hashes of the core, so its signature covers them too. */
function sign(module, script) {
  const files = moduleFiles.filter((file) => /\.(psd1|ps1xml|dll)$/.test(file)).map((file) => join(module, file));
  outputOf(restorePowerShell(), [...pwshOptions, "-File", script, ...files]);
}

/** Find-PSResource -CommandName looks for these tags. PowerShellGet added them itself; Compress-PSResource does not. */
function withCommandTags(manifest) {
  const [, list] = /CmdletsToExport\s*=\s*@\(([^)]*)\)/.exec(manifest);
  const cmdlets = [...list.matchAll(/'([^']+)'/g)].map(([, cmdlet]) => cmdlet);
  const tags = ["PSIncludes_Cmdlet", ...cmdlets.flatMap((cmdlet) => [`PSCmdlet_${cmdlet}`, `PSCommand_${cmdlet}`])];
  return manifest.replace(/(Tags\s*=\s*@\([^)]*)\)/, `$1, ${tags.map((tag) => `'${tag}'`).join(", ")})`);
}

/** Lets the pinned PowerShell make the package and returns its path. An older one has no Compress-PSResource. */
function compress(module, destination) {
  const script = "Compress-PSResource -Path $env:PACK_MODULE -DestinationPath $env:PACK_DESTINATION -ErrorAction Stop";
  outputOf(restorePowerShell(), [...pwshOptions, "-Command", script], {
    env: { ...process.env, ...offline, PACK_MODULE: module, PACK_DESTINATION: destination },
  });
  return readdirSync(destination)
    .filter((file) => file.endsWith(".nupkg"))
    .map((file) => join(destination, file))[0];
}

/** Replaces everything in a package that depends on chance, time or the machine: names, ids, order, line ends, the system's version. */
function reproducible(files, date) {
  const properties = "package/services/metadata/core-properties/";
  const written = [...files].map(([path, contents]) => {
    if (moduleFiles.includes(path)) return [path, contents];
    const text = contents
      .toString("utf8")
      .replaceAll("\r\n", "\n")
      .replace(/core-properties\/\w+\.psmdcp/g, "core-properties/properties.psmdcp")
      .replace(/<lastModifiedBy>.*<\/lastModifiedBy>/, `<lastModifiedBy>${name}</lastModifiedBy>`);
    const stable = path === "[Content_Types].xml" ? sortedTypes(text) : withStableIds(text);
    return [path.startsWith(properties) ? `${properties}properties.psmdcp` : path, Buffer.from(stable)];
  });
  return writeZip(
    written.sort(([one], [other]) => (one < other ? -1 : 1)),
    date,
  );
}

function sortedTypes(text) {
  const lines = text.match(/^.*<(Default|Override) .*$/gm).sort();
  return text.replace(/^.*<(Default|Override) .*$/gm, () => lines.shift());
}

function withStableIds(text) {
  let id = 0;
  return text.replace(/ Id="R[0-9A-F]+"/g, () => ` Id="R${++id}"`);
}

if (isProgram(import.meta.url)) {
  install();
  // It uses packages, so it is loaded after their installation.
  const { build } = await import("./build.mjs");
  await build();
  for (const file of Object.values(writePackages(join(root, "dist")))) console.log(file);
}
