import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const core = join(root, "module", "core");

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const manifest: Record<string, unknown> = read("package.json");
const packages = Object.entries(read("package-lock.json").packages as Record<string, Locked>).filter(
  ([at]) => at !== "",
);

describe("dependencies", () => {
  it("are pinned by the lock file, each package with its hash and from npm's registry", () => {
    expect(packages.length).toBeGreaterThan(9);
    // A package without an address comes from the registry. The hash is what matters.
    const loose = packages.filter(
      ([, { resolved = "https://registry.npmjs.org/", integrity = "" }]) =>
        !resolved.startsWith("https://registry.npmjs.org/") || !integrity.startsWith("sha512-"),
    );
    expect(loose.map(([at]) => at)).toEqual([]);
  });

  it("are for the build only: nothing is installed beside the module", () => {
    for (const kind of ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"]) {
      expect(manifest).not.toHaveProperty(kind);
    }
    expect(packages.filter(([, { dev }]) => !dev).map(([at]) => at)).toEqual([]);
    // npm runs prepack for those who pack a checkout, not for those who install a package.
    const scripts = Object.keys(manifest.scripts as object).filter((name) => name !== "prepack");
    expect(scripts.filter((name) => /install|prepare|^pre|^post/.test(name))).toEqual([]);
  });

  it("run no install scripts, except for one that builds", () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([at]) => at);
    expect(scripted).toEqual(["node_modules/esbuild"]);
  });

  it.skipIf(!existsSync(core))("are limited to Node and the bundles at run time", () => {
    const bundles = readdirSync(core).filter((name) => name.endsWith(".cjs"));
    expect(bundles.length).toBeGreaterThan(2);
    const needed = bundles.flatMap((name) =>
      [...readFileSync(join(core, name), "latin1").matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(
        ([, id = ""]) => id,
      ),
    );
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.filter((id) => !isBuiltin(id) && !(id.startsWith("./") && bundles.includes(id.slice(2))))).toEqual(
      [],
    );
    const named = readFileSync(join(core, "THIRD_PARTY_LICENSES.txt"), "utf8");
    expect(named).not.toContain("esbuild");
  });
});
