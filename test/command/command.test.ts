import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCore } from "../../scripts/build.mjs";
import { root } from "../../scripts/project.mjs";
import { noTerminal, openTerminalProgram } from "../powershell/terminal.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

const program = join(root, "module", "core", "role-credentials.cjs");
const command = `"${process.execPath}" "${program}" credential-process`;
const secretKey = "Jo/EXAMPLE+secret00000000000000000000001";
const keyLines = `aws_access_key_id = AKIAJOEXAMPLE0000001\naws_secret_access_key = ${secretKey}\n`;
let sandbox: Sandbox;
let home: string;
let environment: Record<string, string>;

beforeAll(async () => {
  await buildCore();
  sandbox = await startSandbox();
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  mkdirSync(join(home, ".aws"));
  writeFileSync(join(home, ".aws", "credentials"), `[default]\n${keyLines}`, { mode: 0o600 });
  writeFileSync(
    join(home, ".aws", "config"),
    `[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = default
[profile secure]
role_arn = arn:aws:iam::123456789012:role/MfaRequired
source_profile = default
mfa_serial = arn:aws:iam::111111111111:mfa/jo
[profile through]
credential_process = ${command} --profile prod
[profile signals]
credential_process = "${process.execPath}" "${join(home, "signals.cjs")}"
[profile circle]
credential_process = ${command} --profile circle
`,
  );
  writeFileSync(
    join(home, "signals.cjs"),
    `process.kill(process.ppid, "SIGUSR1");
    setTimeout(() => console.log('{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"secret"}'), 500);`,
  );
  environment = { PATH: process.env.PATH ?? "", HOME: home, ...sandbox.environment };
});
afterAll(async () => {
  await sandbox?.close();
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as another tool would. */
function run(...args: string[]): Promise<Ended> {
  return runIn({}, ...args);
}

function runIn(more: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    // Detached, so that the child has no terminal: at a developer's terminal it would prompt for a code.
    const child = spawn(process.execPath, [program, ...args], { env: { ...environment, ...more }, detached: true });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

describe("role-credentials credential-process", () => {
  it("prints the format of a credential_process, with an expiration", async () => {
    const { code, stdout, stderr } = await run("credential-process", "--profile", "prod");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const credentials = JSON.parse(stdout);
    expect(credentials).toMatchObject({ Version: 1, AccessKeyId: expect.stringMatching(/^ASIA/) });
    expect(Date.parse(credentials.Expiration)).toBeGreaterThan(Date.now());
    expect(credentials.SecretAccessKey && credentials.SessionToken).toBeTruthy();
  });

  it("prints the same credentials again from the cache", async () => {
    const first = JSON.parse((await run("credential-process", "--profile", "prod")).stdout);
    sandbox.clearCalls();
    const again = JSON.parse((await run("credential-process", "--profile", "prod")).stdout);
    expect(again).toEqual(first);
    expect(sandbox.calls).toEqual([]);
  });

  it("resolves a profile whose own credential_process is this command", async () => {
    const { code, stdout } = await run("credential-process", "--profile", "through");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).AccessKeyId).toMatch(/^ASIA/);
  });

  it.runIf(process.platform !== "win32").each<[string, Record<string, string>, string, string]>([
    ["default, which assumes a role from other keys", {}, "default", "--source-profile keys --role-arn ROLE"],
    ["the profile of AWS_PROFILE", { AWS_PROFILE: "work" }, "work", "--source-profile keys --role-arn ROLE"],
    [
      "the profile of AWS_DEFAULT_PROFILE",
      { AWS_DEFAULT_PROFILE: "work" },
      "work",
      "--source-profile keys --role-arn ROLE",
    ],
    ["a profile of the same name in another config file", {}, "default", "--profile default"],
  ])("resolves %s through its own credential_process", async (_what, more, name, options) => {
    const folder = mkdtempSync(join(home, "files-"));
    const other = join(folder, "other");
    writeFileSync(other, "[default]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = keys\n");
    const before = options.startsWith("--profile") ? `env AWS_CONFIG_FILE="${other}" ` : "";
    const line = `${before}${command} ${options.replace("ROLE", "arn:aws:iam::123456789012:role/Admin")}`;
    const header = name === "default" ? "default" : `profile ${name}`;
    writeFileSync(join(folder, "config"), `[${header}]\nregion = eu-west-1\ncredential_process = ${line}\n`);
    writeFileSync(join(folder, "credentials"), `[keys]\n${keyLines}`);
    const files = {
      AWS_CONFIG_FILE: join(folder, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
      AWS_REGION: "eu-west-1",
    };
    const { code, stdout, stderr } = await runIn({ ...files, ...more }, "credential-process");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).AccessKeyId).toMatch(/^ASIA/);
  });

  it("fails for a profile that runs itself, instead of starting processes forever", async () => {
    const { code, stdout, stderr } = await run("credential-process", "--profile", "circle");
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/ProfileCycle|CredentialProcessFailed/);
  });

  it.each([
    ["an unknown profile", ["credential-process", "--profile", "nope"], "ProfileNotFound", 1],
    ["a device without a code", ["credential-process", "--profile", "secure"], "MfaRequired", 1],
    [
      "a device without a code, with the option's name",
      ["credential-process", "--profile", "secure"],
      "with --token-code.",
      1,
    ],
    [
      "no format",
      ["export", "--profile", "prod"],
      "--format must be one of env, fish, powershell, cmd, dotenv, json",
      2,
    ],
    [
      "an unknown option",
      ["credential-process", "--prof", "prod"],
      "RequestInvalid: Unknown option '--prof'. Run role-credentials --help",
      2,
    ],
    [
      "half of a role",
      ["export", "--format", "env", "--source-profile", "default"],
      "--source-profile assumes a role",
      1,
    ],
    [
      "an invalid duration",
      ["credential-process", "--profile", "prod", "--duration-seconds", "x"],
      "DurationInvalid",
      1,
    ],
    ["an unknown command", ["assume"], "RequestInvalid", 2],
    ["an unknown format", ["export", "--format", "constructor"], "RequestInvalid", 2],
  ])("reports errors only on standard error: %s", async (_, args, id, exitCode) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).toContain(id);
    expect(stderr).not.toContain(secretKey);
  });
});

describe("role-credentials export", () => {
  it("prints JSON", async () => {
    const { stdout } = await run("export", "--format", "json", "--profile", "prod");
    expect(JSON.parse(stdout)).toMatchObject({ AccessKeyId: expect.stringMatching(/^ASIA/) });
  });

  it.skipIf(process.platform === "win32")("prints lines that a POSIX shell evaluates", async () => {
    const { stdout } = await run("export", "--format", "env", "--profile", "prod");
    const { AccessKeyId } = JSON.parse((await run("export", "--format", "json", "--profile", "prod")).stdout);
    const shown = await new Promise<string>((resolve) => {
      execFile("sh", ["-c", `${stdout}\nprintf %s "$AWS_ACCESS_KEY_ID"`], (_, out) => resolve(out));
    });
    expect(shown).toBe(AccessKeyId);
  });
});

describe("role-credentials serve", () => {
  it("writes the cache even if the caller disconnects at once", async () => {
    const own = join(home, "left");
    mkdirSync(join(own, ".aws"), { recursive: true });
    for (const name of ["config", "credentials"]) cpSync(join(home, ".aws", name), join(own, ".aws", name));
    const core = spawn(process.execPath, [program, "serve"], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
    const params = {
      context: { environment: { ...environment, HOME: own }, workingDirectory: own },
      profileName: "prod",
    };
    core.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "role/use", params })}\n`);
    await once(core.stdout, "data");
    core.stdout.destroy();
    core.stdin.end();
    await once(core, "exit");
    expect(readdirSync(join(own, ".aws", "cli", "cache"))).toHaveLength(1);
  });
});

describe.skipIf(process.platform === "win32")("SIGUSR1", () => {
  it("opens no debugger in the core", async () => {
    const core = spawn(process.execPath, [program, "serve"], { env: {} });
    let stderr = "";
    core.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    const ask = async (id: number) => {
      const params = { context: { environment: { HOME: home }, workingDirectory: home } };
      core.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method: "core/ping", params })}\n`);
      await once(core.stdout, "data");
    };
    await ask(1);
    core.kill("SIGUSR1");
    await ask(2);
    core.kill("SIGUSR1");
    await ask(3);
    core.stdin.end();
    await once(core, "close");
    expect(stderr).toBe("");
  });

  it("opens no debugger in a command", async () => {
    const { code, stderr } = await run("credential-process", "--profile", "signals");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("role-credentials", () => {
  it.each(["--help", "-h", "help", "export --help", "credential-process -h"])(
    "prints its usage for %s",
    async (line) => {
      const { code, stdout } = await run(...line.split(" "));
      expect(code).toBe(0);
      for (const word of ["credential-process", "env", "fish", "powershell", "cmd", "dotenv", "json", "--token-code"]) {
        expect(stdout).toContain(word);
      }
    },
  );

  it.skipIf(noTerminal)(
    "prompts for the MFA code at the terminal and prints only credentials on standard output",
    async () => {
      const output = join(home, "asked.json");
      const terminal = openTerminalProgram(
        ["sh", "-c", `exec "$@" >'${output}' 2>/dev/null </dev/null`, "sh", process.execPath, program].concat([
          "credential-process",
          "--profile",
          "secure",
          "--no-cache",
        ]),
        environment,
      );
      try {
        await terminal.waitFor(/MFA code of arn:aws:iam::111111111111:mfa\/jo: /);
        terminal.type(`${sandbox.totp("jo")}\r`);
        expect(await terminal.exitCode()).toBe(0);
      } finally {
        terminal.close();
      }
      expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({
        Version: 1,
        AccessKeyId: expect.stringMatching(/^ASIA/),
      });
    },
  );

  it("prints its version", async () => {
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
