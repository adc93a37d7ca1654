import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { build, root } from "../scripts/build.mjs";
import { runCommand } from "../src/command/command.ts";
import { processOutput } from "../src/command/process-output.ts";
import type { Environment } from "../src/protocol/context.ts";
import { createCore } from "../src/server/core.ts";
import { isoTime, leaveShortcut, takeShortcut } from "../src/shortcut.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";

const minute = 60_000;
const args = ["credential-process", "--profile", "prod"];
const keys =
  "[default]\naws_access_key_id = AKIAJOEXAMPLE0000001\naws_secret_access_key = Jo/EXAMPLE+secret00000000000000000000001\n";
const config = `[default]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = default
[profile program]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = asked
[profile asked]
credential_process = ${process.execPath} keys.cjs
`;

let sandbox: Sandbox;
let home: string;
let program: string;
let environment: Environment;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox?.close());
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  program = join(home, "core.cjs");
  writeFileSync(program, "");
  mkdirSync(join(home, ".aws"));
  write("credentials", keys);
  write("config", config);
  environment = { PATH: process.env.PATH, HOME: home, ...sandbox.environment };
  // What was written in this moment may be written again in the same one.
  await sleep(80);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(home, ".aws", name), text, { mode: 0o600 });
}

/** Two runs the long way: the first asks STS, the second leaves a shortcut where it can. Gives what that one printed. */
async function run(command: readonly string[] = args, variables: Environment = environment): Promise<string> {
  await runOnce(command, variables);
  return runOnce(command, variables);
}

async function runOnce(command: readonly string[], variables: Environment): Promise<string> {
  const core = createCore();
  const { output, complaint, basis, result } = await runCommand(command, core, {
    environment: variables,
    workingDirectory: home,
    platform: process.platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => {},
  });
  expect(complaint).toBe("");
  await core.settled();
  core.close();
  if (basis && result) leaveShortcut(command, variables, basis, result, program);
  return output;
}

function take(variables: Environment = environment, now = Date.now(), command = args): string | undefined {
  const taken = takeShortcut(command, variables, now);
  if (!taken) return undefined;
  const { credentials } = taken.entry;
  return processOutput({ ...credentials, expiration: isoTime(credentials.expiration) });
}

function folder(name: "shortcuts" | "cli"): string {
  return name === "cli" ? join(home, ".aws", "cli", "cache") : join(home, ".aws", "role-credentials", "shortcuts");
}

function only(name: "shortcuts" | "cli"): string {
  const [file, ...others] = readdirSync(folder(name));
  expect(others).toEqual([]);
  return join(folder(name), file ?? "");
}

describe("a shortcut", () => {
  it("prints what the long way printed", async () => {
    const output = await run();
    expect(take()).toBe(output);
    expect(await run()).toBe(output);
    expect(take()).toBe(output);
  });

  it("holds no secret, in a file and a folder closed to others", async () => {
    const output = await run();
    const text = readFileSync(only("shortcuts"), "utf8");
    const { SecretAccessKey, SessionToken } = JSON.parse(output);
    for (const secret of [SecretAccessKey, SessionToken, "Jo/EXAMPLE+secret"]) expect(text).not.toContain(secret);
    if (process.platform === "win32") return;
    const modes = execFileSync("stat", ["-c", "%a", folder("shortcuts"), only("shortcuts")], { encoding: "utf8" });
    expect(modes).toBe("700\n600\n");
  });

  it.each<[string, () => void]>([
    ["the config file changed", () => write("config", `${config}# a remark\n`)],
    ["the config file changed, to the same length", () => write("config", config.replace("Admin", "Audit"))],
    [
      "the config file changed in place, and its time was set back",
      () => {
        write("config", config.replace("Admin", "Audit"));
        utimesSync(join(home, ".aws", "config"), 1e9, 1e9);
      },
    ],
    ["the config file is gone", () => rmSync(join(home, ".aws", "config"))],
    ["the keys changed", () => write("credentials", keys.replace("0000001", "0000002"))],
    ["the credentials file is gone", () => rmSync(join(home, ".aws", "credentials"))],
    [
      "the credentials file was replaced",
      () => {
        write("other", keys);
        renameSync(join(home, ".aws", "other"), join(home, ".aws", "credentials"));
      },
    ],
    ["the program changed", () => writeFileSync(program, "other")],
    ["the entry is gone", () => rmSync(only("cli"))],
    ["the entry is another's", () => replaceIn(only("cli"), /"Request":"\w{8}/, '"Request":"00000000')],
    ["the entry is half an entry", () => replaceIn(only("cli"), "SessionToken", "Session")],
    [
      "the entry is not known to be the profile's",
      () => replaceIn(only("cli"), '"Profiles":["prod"]', '"Profiles":[]'),
    ],
    ["the shortcut is broken", () => writeFileSync(only("shortcuts"), "{")],
    ["the shortcut is another's", () => replaceIn(only("shortcuts"), '"prod"]', '"test"]')],
  ])("is not taken when %s", async (_, change) => {
    await run();
    expect(take()).toBeDefined();
    change();
    expect(take()).toBeUndefined();
  });

  it("is not taken once a file is there that was not", async () => {
    const elsewhere = { ...environment, AWS_CONFIG_FILE: join(home, "none"), AWS_PROFILE: "prod" };
    write("credentials", `${keys}[prod]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = default\n`);
    await sleep(80);
    await run(args, elsewhere);
    expect(take(elsewhere)).toBeDefined();
    writeFileSync(join(home, "none"), "");
    expect(take(elsewhere)).toBeUndefined();
  });

  it.each<[string, Environment]>([
    ["another profile is meant", { AWS_PROFILE: "other" }],
    ["an endpoint is named", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }],
    ["sessions have a name", { AWS_ROLE_SESSION_NAME: "jo" }],
    ["the files are elsewhere", { AWS_CONFIG_FILE: "/nowhere" }],
    ["the files depend on the folder", { AWS_CONFIG_FILE: "config" }],
    ["the home is another", { HOME: "/nowhere" }],
    ["there are keys in the environment", { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "s" }],
    ["a process on the way down asks", { ROLE_CREDENTIALS_RESOLVING: "prod" }],
  ])("is not taken when %s", async (_, variables) => {
    await run();
    expect(take({ ...environment, ...variables })).toBeUndefined();
    const { AWS_ENDPOINT_URL_STS: __, ...fewer } = environment;
    expect(take(fewer)).toBeUndefined();
    expect(take({ ...environment, TERM: "xterm" })).toBeDefined();
  });

  it("is not taken with other arguments", async () => {
    await run();
    expect(take(environment, Date.now(), ["credential-process"])).toBeUndefined();
    expect(take(environment, Date.now(), [...args, "--no-cache"])).toBeUndefined();
  });

  it("ends with the entry's time, as the long way does", async () => {
    await run();
    expect(take(environment, Date.now() + 44 * minute)).toBeDefined();
    expect(take(environment, Date.now() + 46 * minute)).toBeUndefined();
    expect(take(environment, Date.now() - 10 * minute)).toBeUndefined();
  });

  it.skipIf(process.platform === "win32").each<[string, () => void]>([
    ["its file", () => chmodSync(only("shortcuts"), 0o640)],
    ["its folder", () => chmodSync(folder("shortcuts"), 0o770)],
    ["the entry", () => chmodSync(only("cli"), 0o644)],
  ])("is not taken when others can open %s", async (_, open) => {
    await run();
    open();
    expect(take()).toBeUndefined();
  });

  it.skipIf(process.platform === "win32")("is no link", async () => {
    await run();
    const file = only("shortcuts");
    renameSync(file, join(home, "moved"));
    symlinkSync(join(home, "moved"), file);
    expect(take()).toBeUndefined();
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a program gives the keys", () => run(["credential-process", "--profile", "program"])],
    ["the cache is not to be used", () => run([...args, "--no-cache"])],
    ["another format is wanted", () => run(["export", "--format", "env", "--profile", "prod"])],
    ["secrets are in the environment", () => run(args, { ...environment, AWS_SESSION_TOKEN: "token" })],
    ["STS was asked", () => runOnce(args, environment)],
    [
      "a file was written in this moment",
      async () => {
        await runOnce(args, environment);
        write("config", config);
        return runOnce(args, environment);
      },
    ],
  ])("is not left when %s", async (_, command) => {
    writeFileSync(
      join(home, "keys.cjs"),
      `console.log(${JSON.stringify(JSON.stringify({ Version: 1, AccessKeyId: "AKIAJOEXAMPLE0000001", SecretAccessKey: "Jo/EXAMPLE+secret00000000000000000000001" }))})`,
    );
    await command();
    expect(existsSync(folder("shortcuts"))).toBe(false);
  });

  it("is what the program takes", async () => {
    await build();
    await sleep(80);
    const bundle = join(root, "module", "core", "role-credentials.cjs");
    const ask = () =>
      execFileSync(process.execPath, [bundle, ...args], { env: { HOME: home, ...sandbox.environment } });
    // The sandbox lives in this process: what is asked of it is asked the long way, before.
    await run();
    rmSync(folder("shortcuts"), { recursive: true });
    const output = String(ask());
    const code = join(home, ".aws", "role-credentials", "code");
    expect(existsSync(code)).toBe(true);
    // The long way would leave its bytecode again.
    rmSync(code, { recursive: true });
    expect(String(ask())).toBe(output);
    expect(existsSync(code)).toBe(false);
  });
});

function replaceIn(file: string, from: string | RegExp, to: string): void {
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
}
