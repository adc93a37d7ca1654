import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildAwsSdkModule, buildEmbeddedPowerShell, findPowerShell } from "../../scripts/powershell.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

describe(findPowerShell, () => {
  it("finds one that is new enough", () => {
    const { path, version } = findPowerShell();
    expect(existsSync(path)).toBe(true);
    expect(version).toMatch(/^(7\.([4-9]|\d\d)|[89])\./);
  });

  it("takes the one that NODE_POWERSHELL names", () => {
    const { path, version } = findPowerShell();
    expect(findPowerShell({ NODE_POWERSHELL: path, PATH: "" })).toEqual({ path, version, embedded: false });
  });

  it("says so when NODE_POWERSHELL names no PowerShell", () => {
    expect(() => findPowerShell({ NODE_POWERSHELL: process.execPath, PATH: "" })).toThrow("NODE_POWERSHELL");
    expect(() => findPowerShell({ NODE_POWERSHELL: "no-such-program", PATH: "" })).toThrow("NODE_POWERSHELL");
  });

  it("is the embedded one without a pwsh on PATH", () => {
    expect(findPowerShell({ PATH: "" })).toMatchObject({ embedded: true, path: buildEmbeddedPowerShell() });
  });
});

describe("what is built", () => {
  it.each([
    ["the embedded PowerShell", buildEmbeddedPowerShell],
    ["the module on SDK 4", () => buildAwsSdkModule("4")],
    ["the module on SDK 3", () => buildAwsSdkModule("3")],
  ])("%s is not built again", (_, build) => {
    const before = statSync(build()).mtimeMs;
    const tries = Array.from({ length: 5 }, () => {
      const started = performance.now();
      expect(statSync(build()).mtimeMs).toBe(before);
      return performance.now() - started;
    });
    // dotnet alone takes longer than this to start. The best of them, for a busy machine.
    expect(Math.min(...tries)).toBeLessThan(50);
  });
});

// Stand-ins for programs are shell scripts.
describe.skipIf(process.platform === "win32")("on a machine of its own", () => {
  let machine: string;
  let bin: string;
  beforeEach(() => {
    machine = mkdtempSync(join(tmpdir(), "find-powershell-"));
    bin = join(machine, "bin");
    mkdirSync(bin);
    mkdirSync(join(machine, "scripts"));
    cpSync(join(root, "scripts", "powershell.mjs"), join(machine, "scripts", "powershell.mjs"));
    for (const entry of ["Directory.Build.props", "embedded"]) {
      cpSync(join(root, "test", "powershell", entry), join(machine, "test", "powershell", entry), { recursive: true });
    }
  });
  afterEach(() => rmSync(machine, { recursive: true }));

  function install(program: string, script: string): void {
    const file = join(bin, program);
    writeFileSync(file, `#!/bin/sh\nPATH=/bin:/usr/bin\n${script}\n`);
    chmodSync(file, 0o755);
  }

  function find() {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(machine, "scripts", "powershell.mjs")], {
      env: { PATH: bin },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  /** A dotnet that builds a program answering as PowerShell does, and counts how often it was asked to. */
  const building = `
    case "$1" in
      --list-sdks) echo "10.0.100 [${tmpdir()}]" ;;
      publish) echo built >> "$0.log"
        out="$(dirname "$0")/../dist/embedded-powershell"; mkdir -p "$out"
        printf '#!/bin/sh\\necho PowerShell 7.6.9\\n' > "$out/pwsh"; chmod +x "$out/pwsh" ;;
    esac`;

  it("prints the path of pwsh", () => {
    install("pwsh", "echo PowerShell 7.4.0");
    expect(find()).toEqual({ status: 0, stdout: `${join(bin, "pwsh")}\n`, stderr: "" });
  });

  it.each(["7.3.9", "6.2.0", "7.4.0"])("asks pwsh %s for its version", (version) => {
    install("pwsh", `echo PowerShell ${version}`);
    install("dotnet", building);
    const built = join(machine, "dist", "embedded-powershell", "pwsh");
    expect(find().stdout.trim()).toBe(version === "7.4.0" ? join(bin, "pwsh") : built);
  });

  it.each([
    ["no dotnet", undefined, "none was found"],
    ["a runtime without an SDK", "true", "a .NET without an SDK was found"],
    ["an older SDK", "echo '8.0.100 [/usr/share/dotnet/sdk]'", "only 8.0.100 was found"],
  ])("names the SDK and the way to get it with %s", (_, script, found) => {
    if (script) install("dotnet", script);
    const { status, stdout, stderr } = find();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(found);
    expect(stderr).toContain("https://dotnet.microsoft.com/download");
  });

  it("builds once, and again when a source changes", () => {
    install("dotnet", building);
    const builds = () => statSync(join(bin, "dotnet.log")).size / "built\n".length;
    expect([find().status, find().status, builds()]).toEqual([0, 0, 1]);
    writeFileSync(join(machine, "test", "powershell", "embedded", "New.cs"), "class New;");
    expect([find().status, builds()]).toEqual([0, 2]);
  });

  it("shows why a build failed, and tries again the next time", () => {
    install(
      "dotnet",
      `case "$1" in --list-sdks) echo "10.0.100 [${tmpdir()}]" ;; *) echo "error CS1002: ; expected"; exit 1 ;; esac`,
    );
    for (const attempt of [1, 2]) {
      expect({ attempt, ...find() }).toMatchObject({
        attempt,
        status: 1,
        stderr: expect.stringContaining("error CS1002"),
      });
    }
  });

  it("does not compile ahead where the compiler for it cannot be had", () => {
    install(
      "dotnet",
      `case "$*" in *PublishReadyToRun=false*|--list-sdks) ;; *) echo "error NU1101: microsoft.netcore.app.crossgen2"; exit 1 ;; esac${building}`,
    );
    expect(find().status).toBe(0);
  });

  it("takes over the lock of a build that was killed", () => {
    install("dotnet", building);
    mkdirSync(join(machine, "dist"));
    // A process that has ended.
    const { pid } = spawnSync("true");
    writeFileSync(join(machine, "dist", "embedded.lock"), String(pid));
    expect(find().status).toBe(0);
  });
});
