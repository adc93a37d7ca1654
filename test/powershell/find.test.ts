import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  buildAwsSdkModule,
  buildModuleAssembly,
  findPowerShell,
  restorePester,
  restorePowerShell,
} from "../../scripts/powershell.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

describe(findPowerShell, () => {
  it("finds a recent enough PowerShell", () => {
    const { path, version } = findPowerShell();
    expect(existsSync(path)).toBe(true);
    expect(version).toMatch(/^(7\.([4-9]|\d\d)|[89])\./);
  });

  it("uses the one that NODE_POWERSHELL names", () => {
    const { path, version } = findPowerShell();
    expect(findPowerShell({ NODE_POWERSHELL: path, PATH: "" })).toEqual({ path, version });
  });

  it("reports a NODE_POWERSHELL that is not a PowerShell", () => {
    expect(() => findPowerShell({ NODE_POWERSHELL: process.execPath, PATH: "" })).toThrow("NODE_POWERSHELL");
    expect(() => findPowerShell({ NODE_POWERSHELL: "no-such-program", PATH: "" })).toThrow("NODE_POWERSHELL");
  });

  it("restores one when there is no pwsh on PATH", () => {
    expect(findPowerShell({ PATH: "" })).toEqual({ path: restorePowerShell(), version: "7.6.9" });
  });
});

describe("the restored PowerShell", () => {
  it("starts without dotnet on PATH", () => {
    const { stdout, stderr } = spawnSync(restorePowerShell(), ["-NoProfile", "-Command", "'started'"], {
      env: { PATH: "/bin" },
      encoding: "utf8",
    });
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: "started", stderr: "" });
  });

  it("has PSReadLine, and finds the restored Pester", () => {
    const script = 'Get-Module PSReadLine, Pester -ListAvailable | ForEach-Object { "$($_.Name) $($_.Version)" }';
    const { stdout } = spawnSync(restorePowerShell(), ["-NoProfile", "-Command", script], {
      env: { ...process.env, PSModulePath: restorePester() },
      encoding: "utf8",
    });
    expect(stdout).toMatch(/^PSReadLine 2\./m);
    expect(stdout).toMatch(/^Pester 5\.9\.1$/m);
  });
});

describe("a built artifact", () => {
  it.each([
    ["the restored PowerShell", restorePowerShell],
    ["the restored Pester", restorePester],
    ["the module on SDK 4", () => buildAwsSdkModule("4")],
    ["the module on SDK 3", () => buildAwsSdkModule("3")],
    ["the module's assembly", () => buildModuleAssembly(readFileSync(join(root, "dist", "core-hashes.txt"), "utf8"))],
  ])("does not rebuild %s", (_, build) => {
    const before = statSync(build()).mtimeMs;
    expect(statSync(build()).mtimeMs).toBe(before);
  });
});

// The stand-ins for programs are shell scripts.
describe.skipIf(process.platform === "win32")("on a simulated machine", () => {
  let machine: string;
  let bin: string;
  beforeEach(() => {
    machine = mkdtempSync(join(tmpdir(), "find-powershell-"));
    bin = join(machine, "bin");
    mkdirSync(bin);
    const scripts = ["powershell.mjs", "project.mjs", "restore"].map((name) => join("scripts", name));
    for (const entry of ["Directory.Build.props", ...scripts])
      cpSync(join(root, entry), join(machine, entry), { recursive: true });
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

  /** A dotnet that restores a fake PowerShell and logs each restore. */
  const restoring = `
    case "$1" in
      --list-sdks) echo "10.0.100 [${tmpdir()}]" ;;
      build) echo restored >> "$0.log"
        out="$(dirname "$0")/../dist/powershell"; mkdir -p "$out"
        printf '#!/bin/sh\\necho PowerShell 7.6.9\\n' > "$out/pwsh"; chmod +x "$out/pwsh" ;;
    esac`;

  it("prints the path of pwsh", () => {
    install("pwsh", "echo PowerShell 7.4.0");
    expect(find()).toEqual({ status: 0, stdout: `${join(bin, "pwsh")}\n`, stderr: "" });
  });

  it.each(["7.3.9", "6.2.0", "7.4.0"])("checks the version of pwsh %s", (version) => {
    install("pwsh", `echo PowerShell ${version}`);
    install("dotnet", restoring);
    const restored = join(machine, "dist", "powershell", "pwsh");
    expect(find().stdout.trim()).toBe(version === "7.4.0" ? join(bin, "pwsh") : restored);
  });

  it.each([
    ["no dotnet", undefined, "none was found"],
    ["a runtime without an SDK", "true", "a .NET without an SDK was found"],
    ["an older SDK", "echo '8.0.100 [/usr/share/dotnet/sdk]'", "only 8.0.100 was found"],
  ])("names the SDK and where to get it with %s", (_, script, found) => {
    if (script) install("dotnet", script);
    const { status, stdout, stderr } = find();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(found);
    expect(stderr).toContain("https://dotnet.microsoft.com/download");
  });

  it("restores once, and again when the project changes", () => {
    install("dotnet", restoring);
    const restores = () => statSync(join(bin, "dotnet.log")).size / "restored\n".length;
    expect([find().status, find().status, restores()]).toEqual([0, 0, 1]);
    writeFileSync(join(machine, "scripts", "restore", "PowerShell", "New.props"), "<Project />");
    expect([find().status, restores()]).toEqual([0, 2]);
  });

  it("shows why a restore failed, and retries the next time", () => {
    install(
      "dotnet",
      `case "$1" in --list-sdks) echo "10.0.100 [${tmpdir()}]" ;; *) echo "error NU1301: no such host"; exit 1 ;; esac`,
    );
    for (const attempt of [1, 2]) {
      expect({ attempt, ...find() }).toMatchObject({
        attempt,
        status: 1,
        stderr: expect.stringContaining("error NU1301"),
      });
    }
  });

  it("does not compile ahead of time when the compiler is unavailable", () => {
    install(
      "dotnet",
      `case "$*" in *PublishReadyToRun=false*|--list-sdks) ;; *) echo "error NU1101: microsoft.netcore.app.crossgen2"; exit 1 ;; esac${restoring}`,
    );
    expect(find().status).toBe(0);
  });

  it("takes over the lock of a build that was killed", () => {
    install("dotnet", restoring);
    mkdirSync(join(machine, "dist"));
    // A process that has exited.
    const { pid } = spawnSync("true");
    writeFileSync(join(machine, "dist", "PowerShell.lock"), String(pid));
    expect(find().status).toBe(0);
  });
});
