import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { commandLine, programOf, writeLauncher } from "../../src/platform/command-line.ts";
import { splitCommandLine } from "../../src/platform/split-command-line.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";

const posix = { platform: "linux", environment: {} } as const;
const words = ["credential-process", "--profile", "my keys"];

describe(programOf, () => {
  it.each([
    ["the link on PATH", "/opt/homebrew/bin/node", "/opt/homebrew/bin/node"],
    ["the file itself if Node was started by its name", "node", "/opt/node-24/bin/node"],
    ["the file itself for a link of one shell", "/run/user/1/fnm_multishells/7_8/bin/node", "/opt/node-24/bin/node"],
  ])("names %s", (_, argv0, node) => {
    const process = { argv0, execPath: "/opt/node-24/bin/node", argv: ["/opt/node-24/bin/node", "/a.cjs", "serve"] };
    expect(programOf(process)).toEqual({ node, script: "/a.cjs" });
  });
});

describe(commandLine, () => {
  const program = { node: "/opt/o'neil $HOME/node", script: '/opt/Müller (1) & "co"/[a]/core/role-credentials.cjs' };

  it("is split into the same words by sh and by the AWS CLI", () => {
    const line = commandLine(program, words, posix);
    const expected = [program.node, program.script, ...words];
    expect(splitCommandLine(line, "linux")).toEqual(expected);
    if (process.platform === "win32") return;
    const { stdout } = spawnSync("sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" });
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
  });

  it("is split into the same words on Windows, and does not begin with a quote", () => {
    const onWindows = {
      node: "C:\\Program Files\\nodejs\\node.exe",
      script: "C:\\Users\\jo & co\\npm\\role-credentials.cjs",
    };
    const line = commandLine(onWindows, words, { platform: "win32", environment: {} });
    expect(line).toBe(
      'C":\\Program Files\\nodejs\\node.exe" "C:\\Users\\jo & co\\npm\\role-credentials.cjs" credential-process --profile "my keys"',
    );
    expect(splitCommandLine(line, "win32")).toEqual([onWindows.node, onWindows.script, ...words]);
  });
});

describe("the line of a module in a folder for its version", () => {
  let home: string;
  let versions: string;
  beforeEach(() => {
    home = temporaryDirectory();
    mkdirSync(join(home, ".aws"));
    versions = join(home, "it's [my] Modüles", "RoleCredentials");
  });

  /** A version whose command prints its own version and its arguments. */
  function install(version: string): string {
    const core = join(versions, version, "core");
    mkdirSync(core, { recursive: true });
    const built = join(import.meta.dirname, "..", "..", "module", "core", "launcher.cjs");
    copyFileSync(built, join(core, "launcher.cjs"));
    const script = join(core, "role-credentials.cjs");
    writeFileSync(script, `console.log(JSON.stringify(["${version}", ...process.argv.slice(2)]));`, { mode: 0o644 });
    return script;
  }

  function lineOf(script: string): string {
    const program = { node: process.execPath, script };
    writeLauncher(program, surroundings());
    return commandLine(program, words, surroundings());
  }

  function surroundings() {
    return { platform: process.platform, environment: { HOME: home } };
  }

  function run(line: string): { version?: string; args?: string[]; stderr: string; status: number | null } {
    const [program = "", ...args] = splitCommandLine(line, process.platform);
    const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
    const [version, ...printed] = stdout ? JSON.parse(stdout) : [];
    return { version, args: printed, stderr, status };
  }

  it("runs the newest version, after an update too", () => {
    const line = lineOf(install("0.9.0"));
    expect(line).not.toContain("0.9.0");
    expect(run(line)).toMatchObject({ version: "0.9.0", args: words });
    install("0.10.0");
    expect(run(line).version).toBe("0.10.0");
    install("0.10.0.1");
    expect(run(line).version).toBe("0.10.0.1");
    rmSync(join(versions, "0.10.0"), { recursive: true });
    rmSync(join(versions, "0.10.0.1"), { recursive: true });
    expect(run(line).version).toBe("0.9.0");
  });

  it("skips a version without its command, and says so if none is left", () => {
    const script = install("0.1.0");
    const line = lineOf(script);
    mkdirSync(join(versions, "0.2.0"));
    mkdirSync(join(versions, "next"));
    expect(run(line).version).toBe("0.1.0");
    rmSync(script);
    expect(run(line)).toMatchObject({ status: 1, stderr: expect.stringContaining(`${versions} has no version`) });
    rmSync(versions, { recursive: true });
    expect(run(line)).toMatchObject({ status: 1, stderr: expect.stringContaining(`${versions} has no version`) });
  });

  it("is the same from another version, whose launcher replaces the older one", () => {
    const line = lineOf(install("0.1.0"));
    writeFileSync(join(home, ".aws", "role-credentials", "bin", "role-credentials.cjs"), "an older launcher");
    expect(lineOf(install("0.2.0"))).toBe(line);
    expect(run(line).version).toBe("0.2.0");
  });

  it("names the launcher as a change while it is missing or differs, and writes nothing in a dry run", () => {
    const program = { node: process.execPath, script: install("0.1.0") };
    const launcher = join(home, ".aws", "role-credentials", "bin", "role-credentials.cjs");
    expect(writeLauncher(program, surroundings(), { dryRun: true })).toEqual([launcher]);
    expect(existsSync(join(home, ".aws", "role-credentials"))).toBe(false);
    expect(writeLauncher(program, surroundings())).toEqual([launcher]);
    expect(writeLauncher(program, surroundings())).toEqual([]);
  });

  describe.skipIf(process.platform === "win32")("on Linux and macOS", () => {
    it.each<[what: string, path: (core: string) => string, mode: number]>([
      ["a file", (core) => join(core, "launcher.cjs"), 0o666],
      ["a folder", (core) => core, 0o777],
      ["a version's folder", (core) => dirname(core), 0o777],
    ])("never runs a version of which others may write %s", (_, pathOf, mode) => {
      const line = lineOf(install("0.1.0"));
      chmodSync(pathOf(dirname(install("0.2.0"))), mode);
      expect(run(line).version).toBe("0.1.0");
    });

    it("runs nothing from a folder in which others may add versions", () => {
      const line = lineOf(install("0.1.0"));
      chmodSync(versions, 0o777);
      expect(run(line).status).toBe(1);
    });

    it("is written for the owner only, and refused without a private folder", () => {
      const script = install("0.1.0");
      lineOf(script);
      const folder = join(home, ".aws", "role-credentials", "bin");
      expect(statSync(join(folder, "role-credentials.cjs")).mode & 0o077).toBe(0);
      rmSync(join(folder, "role-credentials.cjs"));
      chmodSync(folder, 0o755);
      expect(() => lineOf(script)).toThrow(expect.objectContaining({ code: "FileUnwritable" }));
    });
  });
});
