import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeModulePackage, writePackages } from "../scripts/package.mjs";
import { splitCommandLine } from "../src/platform/split-command-line.ts";
import { credentialsFile } from "./module/workplace.ts";
import { openPowerShell, quote, type Session } from "./powershell/session.ts";
import { roleArn } from "./sandbox/clients.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";

const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const newVersion = "99.1.2";
const windows = process.platform === "win32";
const admin = roleArn("Admin");

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "role-credentials-installation-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Builds the module again with another version. */
function buildNewVersion(): string {
  const module = join(scratch, "new", "RoleCredentials");
  const core = join(module, "core");
  cpSync(join(root, "module"), module, { recursive: true });
  for (const file of [join(module, "RoleCredentials.psd1"), join(core, "core.cjs")])
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(version, newVersion));
  const dist = join(scratch, "new", "dist");
  mkdirSync(dist);
  const hashes = readFileSync(join(root, "dist", "core-hashes.txt"), "utf8").replace(
    /^\S+( {2})(.+)$/gm,
    (_, blanks, name) =>
      createHash("sha256")
        .update(readFileSync(join(core, name)))
        .digest("hex") +
      blanks +
      name,
  );
  writeFileSync(join(dist, "core-hashes.txt"), hashes);
  const options = [`-p:Version=${newVersion}`, `-p:DistFolder=${dist}/`, "--verbosity", "quiet", "-nologo"];
  const env = { ...process.env, MSBUILDDISABLENODEREUSE: "1", DOTNET_CLI_TELEMETRY_OPTOUT: "1" };
  const built = spawnSync("dotnet", ["build", join(root, "cmdlets"), ...options], { encoding: "utf8", env });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  cpSync(join(dist, "assembly", "RoleCredentials.dll"), join(core, "RoleCredentials.dll"));
  return module;
}

describe("the module, installed from a folder of packages into a home with an unusual name", () => {
  let sandbox: Sandbox;
  let home: string;
  let packages: string;
  /** Has the first version loaded from the beginning to the end. */
  let old: Session;

  beforeAll(async () => {
    sandbox = await startSandbox();
    home = join(scratch, "jo's home für AWS");
    packages = join(scratch, "packages");
    mkdirSync(join(home, ".aws"), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, ".aws", "credentials"), credentialsFile("default"), { mode: 0o600 });
    writeFileSync(
      join(home, ".aws", "config"),
      `[profile prod]\nrole_arn = ${admin}\nsource_profile = default\nregion = eu-west-1\n`,
      { mode: 0o600 },
    );
    writeModulePackage(packages, new Date());
    old = await open();
    await old.run(`Register-PSResourceRepository -Name folder -Uri ${quote(packages)} -Trusted -ErrorAction Stop`);
  }, 300_000);
  afterAll(async () => {
    await old?.close();
    await sandbox?.close();
  });

  function open(): Promise<Session> {
    const folders = { APPDATA: join(home, "AppData", "Roaming"), LOCALAPPDATA: join(home, "AppData", "Local") };
    return openPowerShell({ env: { ...sandbox.environment, HOME: home, USERPROFILE: home, ...folders } });
  }

  /** What a new session answers. */
  async function inNewSession<T>(script: string): Promise<T> {
    const session = await open();
    try {
      return await session.json<T>(script);
    } finally {
      await session.close();
    }
  }

  /** Runs the stored line as the AWS CLI does, and returns the access key. */
  function credentialsOf(profile: string): { key: string; stderr: string } {
    const config = readFileSync(join(home, ".aws", "config"), "utf8");
    const section = config.slice(config.indexOf(`[profile ${profile}]`));
    const [, line = ""] = /^credential_process = (.*)$/m.exec(section) ?? [];
    const [program = "", ...args] = splitCommandLine(line, process.platform);
    const env = { ...sandbox.environment, PATH: process.env.PATH, HOME: home, USERPROFILE: home };
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env });
    return { key: stdout ? JSON.parse(stdout).AccessKeyId : "", stderr };
  }

  const versionAndWork = `
    $creds = Use-Role prod -ErrorAction Stop
    (Get-Module RoleCredentials).Version.ToString(3)
    $creds.RoleArn`;

  it("is found and loaded by the name of a command, with help and completion", async () => {
    const found = await old.json<string[]>(`
      (Find-PSResource -CommandName Use-Role -Repository folder).ParentResource.Name
      Install-PSResource RoleCredentials -Repository folder -ErrorAction Stop
      (TabExpansion2 'Use-Ro').CompletionMatches[0].CompletionText
      (Get-Command Use-Role).Source
      (Get-Help Use-Role).Synopsis
      (TabExpansion2 'Use-Role -ProfileName pr').CompletionMatches[0].CompletionText
      ${versionAndWork}
      (Get-Module RoleCredentials).ModuleBase`);
    expect(found.slice(0, 3)).toEqual(["RoleCredentials", "Use-Role", "RoleCredentials"]);
    expect(found[3]).toMatch(/^Assumes/);
    expect(found.slice(4, 7)).toEqual(["prod", version, admin]);
    expect(found[7]).toContain(home);
  });

  it("stores a credential_process that AWS tools run", async () => {
    await old.run("Set-RoleCredentials -ProfileName prod -StoreAs tool -AsProcess");
    expect(readFileSync(join(home, ".aws", "config"), "utf8")).not.toContain(`/${version}/`);
    expect(credentialsOf("tool").key).toMatch(/^ASIA/);
  });

  it("is updated beside the old version, and new sessions load the new one", async () => {
    writeModulePackage(packages, new Date(), { module: buildNewVersion() });
    const [loaded, role, ...installed] = await inNewSession<string[]>(`
      Update-PSResource RoleCredentials -Repository folder -ErrorAction Stop
      ${versionAndWork}
      (Get-InstalledPSResource RoleCredentials).Version | Sort-Object | ForEach-Object ToString`);
    expect([loaded, role]).toEqual([newVersion, admin]);
    expect(installed.map((one) => one.replace(/\.0$/, ""))).toEqual([version.replace(/\.0$/, ""), newVersion]);
    const asked = `Import-Module RoleCredentials -RequiredVersion ${version}\n${versionAndWork}`;
    expect(await inNewSession(asked)).toEqual([version, admin]);
  }, 300_000);

  it("keeps working in a session that has the old version loaded, and says that the new one needs a new session", async () => {
    expect(await old.json(versionAndWork)).toEqual([version, admin]);
    const { stdout, errors } = await old.run("Import-Module RoleCredentials", { allowErrors: true });
    expect(errors.length).toBeGreaterThan(0);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `RoleCredentials ${version} is loaded in this session and stays. Start a new session to use`,
    );
    const forced = `Import-Module RoleCredentials -RequiredVersion ${newVersion} -Force`;
    expect((await old.run(forced, { allowErrors: true })).errors.length).toBeGreaterThan(0);
    expect(await old.json(versionAndWork)).toEqual([version, admin]);
    expect(await old.json("(Use-Role prod -AutoRefresh).AccessKeyId")).toMatch(/^ASIA/);
  });

  it("keeps the stored credential_process after the update, and without the old version", async () => {
    expect(credentialsOf("tool").key).toMatch(/^ASIA/);
    await inNewSession(`Uninstall-PSResource RoleCredentials -Version ${version} -ErrorAction Stop`);
    expect(credentialsOf("tool").key).toMatch(/^ASIA/);
    expect(await inNewSession(versionAndWork)).toEqual([newVersion, admin]);
  });

  it("is loaded by the name of a command from a folder with brackets in its name", async () => {
    const modules = join(scratch, "[modules]");
    cpSync(join(root, "module"), join(modules, "RoleCredentials", version), { recursive: true });
    const script = `$env:PSModulePath = ${quote(modules)}\n${versionAndWork}`;
    expect(await inNewSession(script)).toEqual([version, admin]);
  });

  it("is uninstalled, and the stored credential_process says so", async () => {
    const left = await inNewSession(`
      Uninstall-PSResource RoleCredentials -ErrorAction Stop
      @(Get-Command Use-Role -ErrorAction Ignore).Count`);
    expect(left).toBe(0);
    const { key, stderr } = credentialsOf("tool");
    expect(key).toBe("");
    expect(stderr).toContain("Install-PSResource RoleCredentials");
  });
});

describe("the command, installed with npm", () => {
  it.each(["a plain", "it's [a] für AWS"])("runs from '%s' folder, and is uninstalled", (name) => {
    const { tgz } = writePackages(join(scratch, "npm packages"), new Date());
    const prefix = join(scratch, name);
    const npm = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(windows ? "npm.cmd" : "npm", args, {
        cwd: scratch,
        encoding: "utf8",
        shell: windows,
        env: {
          PATH: process.env.PATH,
          HOME: scratch,
          USERPROFILE: scratch,
          npm_config_cache: join(scratch, "cache"),
          npm_config_prefix: prefix,
        },
      });
      if (status !== 0) throw new Error(`npm ${args[0]} failed: ${stderr}`);
      return stdout;
    };
    npm("install", "--global", "--offline", "--no-audit", "--no-fund", tgz);
    const folder = windows ? prefix : join(prefix, "bin");
    const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
    const command = spawnSync("role-credentials", ["--version"], { encoding: "utf8", env, shell: windows });
    expect(command.stdout.trim()).toBe(version);
    npm("uninstall", "--global", "role-credentials");
    expect(existsSync(join(folder, windows ? "role-credentials.cmd" : "role-credentials"))).toBe(false);
  });
});
