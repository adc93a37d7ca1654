import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "..", "src");

/** The folders of src, the lowest first, and the folders that each may import. A folder may import only those above it in this table. */
const layers: Record<string, readonly string[]> = {
  protocol: [],
  platform: ["protocol"],
  profiles: ["protocol", "platform"],
  network: ["protocol", "platform", "profiles"],
  vault: ["protocol", "platform"],
  cache: ["protocol", "platform", "vault"],
  "sign-in": ["protocol", "platform", "network"],
  login: ["protocol", "platform", "profiles", "network", "sign-in"],
  "identity-center": ["protocol", "platform", "profiles", "network", "sign-in"],
  programs: ["protocol", "platform", "profiles"],
  credentials: [
    ...["protocol", "platform", "profiles", "network", "vault", "cache"],
    ...["login", "identity-center", "programs"],
  ],
  "assume-role": [
    ...["protocol", "platform", "profiles", "network", "vault", "cache"],
    ...["identity-center", "programs", "credentials"],
  ],
  "module-settings": ["protocol", "platform", "profiles"],
  keys: ["protocol", "platform", "profiles", "network", "vault", "credentials", "assume-role", "module-settings"],
  history: ["protocol", "platform", "profiles", "module-settings"],
  console: ["protocol", "platform", "profiles", "network", "identity-center", "assume-role"],
  completion: ["protocol", "profiles", "network", "identity-center", "console"],
  diagnosis: [
    ...["protocol", "platform", "profiles", "network", "vault"],
    ...["identity-center", "credentials", "assume-role", "keys"],
  ],
};

/** They compose the layers: each may import all of them, and those of these that come before it. */
const top = ["server", "command", "."];
const order = [...Object.keys(layers), ...top];

/** Packages and modules of Node that open a wall, and the only files that may import them. */
const doors: Record<string, readonly string[]> = {
  "@aws-sdk/": ["assume-role/sts/client.ts", "keys/iam-client.ts"],
  "@smithy/": ["assume-role/sts/client.ts", "assume-role/sts/client-settings.ts"],
  "node:child_process": ["programs/profile-program.ts"],
};

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(sep).join("/"));

describe("the layers of src", () => {
  it("has a layer for each folder", () => {
    expect([...order].sort()).toEqual([...new Set(files.map(folderOf))].sort());
  });

  it("lets a folder import only folders above it in the table", () => {
    const upwards = Object.entries(layers).flatMap(([folder, others]) =>
      others.filter((other) => !isBelow(other, folder)).map((other) => `${folder} → ${other}`),
    );
    expect(upwards).toEqual([]);
  });

  it("has no other import between folders", () => {
    const others = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith("."))
        .map((name) =>
          relative(source, join(source, file, "..", name))
            .split(sep)
            .join("/"),
        )
        .filter((imported) => !mayImport(folderOf(file), folderOf(imported)))
        .map((imported) => `${file} → ${imported}`),
    );
    expect(others).toEqual([]);
  });

  it.each(Object.entries(doors))("imports %s only at its door", (name, door) => {
    expect(files.filter((file) => importsOf(file).some((imported) => imported.startsWith(name))).sort()).toEqual(
      [...door].sort(),
    );
  });
});

function folderOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : ".";
}

function mayImport(folder: string, other: string): boolean {
  return folder === other || (layers[folder]?.includes(other) ?? isBelow(other, folder));
}

function isBelow(folder: string, other: string): boolean {
  return order.indexOf(folder) < order.indexOf(other);
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"([^"]+)"/g)].map(([, name]) => name ?? "");
}
