import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "..", "src");

/** What a folder may import from the others: layers import downwards only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  platform: ["protocol"],
  cache: ["platform", "protocol"],
  history: ["platform", "profiles", "protocol"],
};

/** The other folders that the files of a folder import from. */
function importsOf(folder: string): string[] {
  const files = readdirSync(join(source, folder), { recursive: true, encoding: "utf8" });
  const found = files
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const path = join(source, folder, name);
      const imports = readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g);
      return [...imports].map(([, target = ""]) => relative(source, join(dirname(path), target)).split(sep)[0] ?? "");
    });
  return [...new Set(found)].filter((other) => other !== folder).sort();
}

describe("the layers", () => {
  it.each(Object.entries(allowed))("%s imports from %s only", (folder, others) => {
    expect(importsOf(folder).filter((other) => !others.includes(other))).toEqual([]);
  });
});
