import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { beforeEach, describe, expect, it } from "vitest";
import { billOfMaterials, bundledPackages, licenseText } from "../scripts/licenses.mjs";
import { temporaryDirectory } from "./credentials/fixtures.ts";

let root: string;

beforeEach(() => {
  root = temporaryDirectory();
});

function install(folder: string, license: string, files: Record<string, string> = {}): void {
  const at = join(root, folder);
  mkdirSync(at, { recursive: true });
  writeFileSync(
    join(at, "package.json"),
    JSON.stringify({ name: folder.split("node_modules/").at(-1), version: "1.2.3", license }),
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
}

function bundleOf(inputs: Record<string, number>): Metafile {
  const entries = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]);
  const output = { bytes: 1, inputs: Object.fromEntries(entries), imports: [], exports: [] };
  return { inputs: {}, outputs: { "out.cjs": output } };
}

describe(bundledPackages.name, () => {
  it("names exactly the packages that were bundled", () => {
    install("node_modules/ini", "ISC", { LICENSE: "ISC text" });
    install("node_modules/@a/b", "Apache-2.0", { "LICENSE.md": "Apache text", NOTICE: "a notice" });
    install("node_modules/@a/b/node_modules/inner", "MIT");
    install("node_modules/unused", "MIT");
    const packages = bundledPackages(root, [
      bundleOf({ "src/main.ts": 10, "node_modules/ini/lib/ini.js": 5, "node_modules/unused/index.js": 0 }),
      bundleOf({ "node_modules/@a/b/dist/index.js": 5, "node_modules/@a/b/node_modules/inner/index.js": 1 }),
    ]);
    expect(packages).toEqual([
      { name: "@a/b", version: "1.2.3", license: "Apache-2.0", text: "Apache text", notice: "a notice" },
      { name: "inner", version: "1.2.3", license: "MIT", text: "", notice: "" },
      { name: "ini", version: "1.2.3", license: "ISC", text: "ISC text", notice: "" },
    ]);
    const text = licenseText(packages);
    for (const part of ["@a/b 1.2.3 (Apache-2.0)", "Apache text", "a notice", "ISC text"]) expect(text).toContain(part);
  });

  it.each(["GPL-3.0", "UNLICENSED", undefined])("fails the build for the license %s", (license) => {
    install("node_modules/x", license as string);
    expect(() => bundledPackages(root, [bundleOf({ "node_modules/x/index.js": 1 })])).toThrow("x 1.2.3");
  });
});

describe(billOfMaterials.name, () => {
  it("lists the command and each bundled package by its address, and is the same for the same packages", () => {
    const text = { text: "", notice: "" };
    const packages = [
      { name: "@a/b", version: "1.2.3", license: "Apache-2.0", ...text },
      { name: "ini", version: "6.0.0", license: "ISC", ...text },
    ];
    const command = { name: "role-credentials", version: "0.1.0", license: "MIT" };
    const bom = billOfMaterials(command, packages);
    expect(billOfMaterials(command, packages)).toBe(bom);
    expect(JSON.parse(bom)).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: {
        component: { type: "application", name: "role-credentials", purl: "pkg:npm/role-credentials@0.1.0" },
      },
      components: [
        { type: "library", name: "@a/b", purl: "pkg:npm/%40a/b@1.2.3", licenses: [{ license: { id: "Apache-2.0" } }] },
        { type: "library", name: "ini", version: "6.0.0" },
      ],
      dependencies: [{ dependsOn: ["pkg:npm/%40a/b@1.2.3", "pkg:npm/ini@6.0.0"] }],
    });
  });
});
