// Collects the licenses of the packages in the bundles. The build writes them beside the bundles.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Licenses that allow the module to be redistributed under its own license when their texts are kept. */
const known = new Set(["Apache-2.0", "MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause"]);

/**
 * The packages in some bundles, from esbuild's metafiles, sorted by name.
 *
 * @param {string} root the folder that contains node_modules
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @returns {{ name: string; version: string; license: string; text: string; notice: string }[]}
 * @throws {Error} when a package's license is not on the list
 */
export function bundledPackages(root, metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].sort().map((folder) => describe(join(root, folder)));
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!known.has(license))
    throw new Error(
      `${name} ${version} has the license ${license}. Check that the module may include it, then add it to the list.`,
    );
  return { name, version, license, text: textOf(folder, /^licen[cs]e/i), notice: textOf(folder, /^notice/i) };
}

function textOf(folder, pattern) {
  const file = readdirSync(folder).find((name) => pattern.test(name));
  return file ? readFileSync(join(folder, file), "utf8").trim() : "";
}

/** One document: the packages by license, and each distinct license text once. */
export function licenseText(packages) {
  const byText = new Map();
  for (const one of packages) {
    const key = `${one.text}\n\n${one.notice}`.trim();
    byText.set(key, [...(byText.get(key) ?? []), one]);
  }
  const parts = [...byText].map(([text, all]) =>
    [
      ...all.map(({ name, version, license }) => `${name} ${version} (${license})`),
      "",
      text || "The package brings no text of its own; its license is the one named.",
    ].join("\n"),
  );
  const line = `\n\n${"-".repeat(100)}\n\n`;
  return `The files beside this one hold parts of these packages.${line}${parts.join(line)}\n`;
}

/** A software bill of materials in CycloneDX 1.6. It has no time and no serial number, so that the same packages give the same text. */
export function billOfMaterials(command, packages) {
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: componentOf("application", command) },
    components: packages.map((one) => componentOf("library", one)),
    dependencies: [{ ref: purlOf(command), dependsOn: packages.map(purlOf) }],
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function componentOf(type, { name, version, license }) {
  const purl = purlOf({ name, version });
  return { type, "bom-ref": purl, name, version, licenses: [{ license: { id: license } }], purl };
}

/** The address of an npm package: https://github.com/package-url/purl-spec. */
function purlOf({ name, version }) {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}
