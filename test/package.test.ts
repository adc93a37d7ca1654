import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writePackages } from "../scripts/package.mjs";
import { readZip } from "../scripts/zip.mjs";
import { openPowerShell, quote } from "./powershell/session.ts";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
const machines = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-x64-gnu",
  "win32-arm64-msvc",
  "win32-x64-msvc",
];
const libraries = machines.map((machine) => `keyring.${machine}.node`);
const coreFiles = [
  "assume-role.cjs",
  "core.cjs",
  "iam.cjs",
  "launcher.cjs",
  "role-credentials.cjs",
  "sbom.cdx.json",
  "socks.cjs",
  ...libraries,
];

let scratch: string;
let packages: ReturnType<typeof writePackages>;
let repeated: typeof packages;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "role-credentials-packages-"));
  const date = new Date("2026-01-02T03:04:06Z");
  packages = writePackages(join(scratch, "first"), date);
  repeated = writePackages(join(scratch, "second"), date);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs npm's own programs with a cache and settings of their own. */
function npx(...args: string[]): string {
  const home = join(scratch, "npm");
  mkdirSync(home, { recursive: true });
  const windows = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(windows ? "npx.cmd" : "npx", ["--yes", "--offline", ...args], {
    cwd: home,
    encoding: "utf8",
    shell: windows,
    env: { PATH: process.env.PATH, HOME: home, USERPROFILE: home, npm_config_cache: join(home, "cache") },
  });
  if (status !== 0) throw new Error(`npx failed: ${stderr}`);
  return stdout.trim();
}

describe("the packages", () => {
  it("have the same bytes each time that they are written", () => {
    for (const kind of ["nupkg", "tgz", "bom"] as const)
      expect(readFileSync(packages[kind]).equals(readFileSync(repeated[kind])), kind).toBe(true);
  });

  it("contain the module and its licenses, for PowerShell", () => {
    const files = readZip(readFileSync(packages.nupkg));
    expect([...files.keys()].sort()).toEqual(
      [
        "LICENSE",
        ...["format.ps1xml", "nuspec", "psd1", "types.ps1xml"].map((end) => `RoleCredentials.${end}`),
        ...["RoleCredentials.dll", "THIRD_PARTY_LICENSES.txt", ...coreFiles].map((name) => `core/${name}`),
        ...["RoleCredentials.dll-Help.xml", "about_RoleCredentials.help.txt"].map((name) => `en-US/${name}`),
        ...["[Content_Types].xml", "_rels/.rels", "package/services/metadata/core-properties/properties.psmdcp"],
      ].sort(),
    );
    const nuspec = String(files.get("RoleCredentials.nuspec"));
    expect(nuspec).toContain(`<version>${version}</version>`);
    for (const part of [
      "<licenseUrl>https:",
      "<projectUrl>https:",
      "<releaseNotes>https:",
      "PSEdition_Core Windows Linux MacOS",
    ])
      expect(nuspec).toContain(part);
    // The package does not identify the machine that built it.
    for (const [name, contents] of files)
      if (/\.(rels|psmdcp)$/.test(name)) expect(String(contents)).not.toContain("Unix");
  });

  it("are signed by a script, if one is named: what PowerShell checks, and nothing else", () => {
    const script = join(scratch, "sign.ps1");
    writeFileSync(script, "$args | ForEach-Object { [System.IO.File]::AppendAllText($_, '# signed') }");
    const signed = writePackages(join(scratch, "signed"), new Date("2026-01-02T03:04:06Z"), script);
    const files = readZip(readFileSync(signed.nupkg));
    const names = [...files].filter(([, contents]) => contents.toString("latin1").endsWith("# signed"));
    expect(names.map(([name]) => name).sort()).toEqual(
      ["format.ps1xml", "psd1", "types.ps1xml"]
        .map((end) => `RoleCredentials.${end}`)
        .concat("core/RoleCredentials.dll")
        .sort(),
    );
    expect(readFileSync(signed.tgz).equals(readFileSync(packages.tgz))).toBe(true);
  });

  it("contain the command and nothing else, for npm", () => {
    const listed = spawnSync("tar", ["-tzf", packages.tgz], { encoding: "utf8" }).stdout.trim().split("\n");
    const core = ["THIRD_PARTY_LICENSES.txt", ...coreFiles].map((name) => `package/module/core/${name}`);
    expect(listed.sort()).toEqual(
      [...["LICENSE", "README.md", "package.json"].map((name) => `package/${name}`), ...core].sort(),
    );
  });

  it("run by npx", () => {
    expect(npx(`--package=${packages.tgz}`, "role-credentials", "--version")).toBe(version);
  });

  it("list the bundled packages in a bill of materials", () => {
    const { components } = JSON.parse(readFileSync(packages.bom, "utf8"));
    const licenses = readFileSync(
      join(import.meta.dirname, "..", "module", "core", "THIRD_PARTY_LICENSES.txt"),
      "utf8",
    );
    const named = [...licenses.matchAll(/^(\S+) (\d+\.\d+\.\S+) \(/gm)].map(([, name, at]) => `${name} ${at}`);
    expect(named.length).toBeGreaterThan(5);
    expect(components.map((one: { name: string; version: string }) => `${one.name} ${one.version}`).sort()).toEqual(
      named.sort(),
    );
  });
});

describe("the module's package", () => {
  it("works after Update-ModuleManifest has rewritten its manifest", async () => {
    const copy = join(scratch, "repackaged", "RoleCredentials");
    for (const [name, contents] of readZip(readFileSync(packages.nupkg))) {
      mkdirSync(dirname(join(copy, name)), { recursive: true });
      writeFileSync(join(copy, name), contents);
    }
    const manifest = join(copy, "RoleCredentials.psd1");
    const other = await openPowerShell();
    try {
      const [company, count] = await other.json<string[]>(`
        Update-ModuleManifest ${quote(manifest)} -CompanyName Repackager -ErrorAction Stop
        (Import-Module ${quote(manifest)} -PassThru).CompanyName
        "$(@(Get-RoleProfile -ErrorAction Stop).Count) profiles"`);
      expect([company, count]).toEqual(["Repackager", "0 profiles"]);
    } finally {
      await other.close();
    }
  });
});
