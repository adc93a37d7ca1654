import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../../src/command/command.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import { guardAgainstCycles } from "../../src/programs/program-cycle.ts";
import { Core } from "../../src/server/core.ts";
import { codeOf, contextOf, errorOf, temporaryDirectory, textsOf } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { type Home, homeOf, section } from "./fixtures.ts";

const phone = "arn:aws:iam::111111111111:mfa/jo";

const sandbox = await openSandbox();
beforeEach(() => {
  // A code works once.
  while (sandbox.isTotpUsed("jo")) sandbox.advanceClock(30_000);
});

/** A program that notes each run in a file and prints the output. */
function printing(output: string, exitCode = 0): { readonly line: string; runs(): number } {
  const directory = temporaryDirectory();
  const [tool, log] = [join(directory, "tool.cjs"), join(directory, "log")];
  writeFileSync(
    tool,
    `require("fs").appendFileSync(${JSON.stringify(log)}, "x"); process.stderr.write("secret-on-stderr"); process.stdout.write(${JSON.stringify(output)}); process.exitCode = ${exitCode};`,
  );
  return {
    line: `"${process.execPath}" "${tool}"`,
    runs: () => (existsSync(log) ? readFileSync(log, "utf8").length : 0),
  };
}

const base = (more: Settings = {}) => section("profile base", { ...keysOf.jo, ...more });
const prod = (more: Settings = {}) =>
  section("profile prod", { roleArn: roleArn("MfaRequired"), sourceProfile: "base", mfaSerial: phone, ...more });
const at = (config: string) => homeOf(config, { ...sandbox.environment, AWS_REGION: "eu-west-1" });
const actions = () => sandbox.calls.map(({ action }) => action);

describe("mfa_process", () => {
  it("prints the code of a role", async () => {
    const program = printing(`${sandbox.totp("jo")}\r\n`);
    const result = await at(base() + prod({ mfaProcess: program.line })).use({ profileName: "prod" });
    expect(result).toMatchObject({ roleArn: roleArn("MfaRequired"), renewal: "silent" });
    expect(program.runs()).toBe(1);
  });

  it("serves the command that other AWS tools run", async () => {
    const program = printing(sandbox.totp("jo"));
    const { directory } = at(base() + prod({ mfaProcess: program.line }));
    const environment = { ...sandbox.environment, HOME: directory, PATH: process.env.PATH, AWS_REGION: "eu-west-1" };
    const context = contextOf(environment, { now: Date.now });
    const { output } = await runCommand(["credential-process", "--profile", "prod"], new Core(), context);
    expect(JSON.parse(output)).toMatchObject({ Version: 1, AccessKeyId: expect.stringMatching(/^ASIA/) });
  });

  it("prints the code of an MFA session", async () => {
    const program = printing(sandbox.totp("jo"));
    const mfa = { mfaSerial: phone, mfaSession: "true", mfaProcess: program.line };
    const home = at(base(mfa) + section("profile prod", { roleArn: roleArn("MfaRequired"), sourceProfile: "base" }));
    expect(await home.use({ profileName: "prod" })).toMatchObject({ renewal: "silent" });
    expect(actions()).toEqual(["GetSessionToken", "AssumeRole"]);
    expect(program.runs()).toBe(1);
  });

  it("serves the roles of a source that names the same device", async () => {
    const program = printing(sandbox.totp("jo"));
    const home = at(base({ mfaSerial: phone, mfaProcess: program.line }) + prod());
    expect(await home.use({ profileName: "prod" })).toMatchObject({ renewal: "silent" });
  });

  it.each([
    ["the profile names another device", { mfaSerial: `${phone}2` }],
    ["the profile names no device", {}],
  ])("does not run if %s", async (_, more) => {
    const program = printing(sandbox.totp("jo"));
    const home = at(base({ ...more, mfaProcess: program.line }));
    const asked = { profileName: "base", roleArn: roleArn("MfaRequired"), mfaSerial: phone };
    expect(await codeOf(() => home.use(asked))).toBe("MfaRequired");
    expect(program.runs()).toBe(0);
  });

  it("does not run if a code is given", async () => {
    const program = printing("000000");
    const home = at(base() + prod({ mfaProcess: program.line }));
    await home.use({ profileName: "prod", tokenCode: sandbox.totp("jo") });
    expect(program.runs()).toBe(0);
  });

  it.each<[string, string, number, RegExp]>([
    ["fails", "987654", 3, /mfa_process ended with exit code 3/],
    ["prints nothing", "", 0, /something other than six digits/],
    ["prints more than the code", "aws  987654", 0, /something other than six digits/],
    ["prints other digits", "١٢٣٤٥٦", 0, /something other than six digits/],
    ["prints a code that AWS rejects", "000000", 0, /AWS rejected the code/],
  ])("asks the user if the program %s", async (_, output, exitCode, problem) => {
    const program = printing(output, exitCode);
    const home = at(base() + prod({ mfaProcess: program.line }));
    const error = await errorOf(() => home.use({ profileName: "prod", invocationId: "one" }));
    expect(error.code).toBe("MfaRequired");
    expect(error.details).toMatchObject({ mfaSerial: phone, mfaProblem: expect.stringMatching(problem) });
    expect(error.message).toMatch(problem);
    expect(textsOf(error)).not.toMatch(/secret-on-stderr|987654/);
    const tokenCodes = { [phone]: sandbox.totp("jo") };
    await home.use({ profileName: "prod", invocationId: "one", tokenCodes });
    expect(program.runs()).toBe(1);
  });

  it.each([
    ["an operator of a shell", `"${process.execPath}" --no-such-option | head -1`, /'\|' needs a shell/],
    ["an assignment", "A=b tool", /begins with an assignment/],
    ["a missing program", "/nowhere/tool", /was not found/],
    ["an open quote", '"tool', /quote without its other half/],
  ])("names %s as the problem", async (_, line, problem) => {
    const error = await errorOf(() => at(base() + prod({ mfaProcess: line })).use({ profileName: "prod" }));
    expect(error.code).toBe("MfaRequired");
    expect(error.details.mfaProblem).toMatch(problem);
  });

  it("asks the user if the program asks for the same profile", async () => {
    const home = at("");
    const program = printing("123456");
    home.write(".aws/config", base() + prod({ mfaProcess: program.line }));
    const environment = { ROLE_CREDENTIALS_RESOLVING: profileHashOf(home) };
    const error = await errorOf(() => home.use({ profileName: "prod" }, { environment }));
    expect(error).toMatchObject({ code: "MfaRequired", details: { mfaProblem: expect.stringMatching(/asks for/) } });
    expect(program.runs()).toBe(0);
  });

  it.skipIf(process.platform === "win32")("does not run from a file that others may write", async () => {
    const program = printing(sandbox.totp("jo"));
    const home = at(base() + prod({ mfaProcess: program.line }));
    chmodSync(join(home.directory, ".aws", "config"), 0o666);
    const error = await errorOf(() => home.use({ profileName: "prod" }));
    expect(error.details.mfaProblem).toMatch(/another user can write/);
    expect(program.runs()).toBe(0);
  });

  it("ends with the request", async () => {
    const controller = new AbortController();
    const directory = temporaryDirectory();
    const started = join(directory, "started");
    const tool = join(directory, "tool.cjs");
    writeFileSync(tool, `require("fs").writeFileSync(${JSON.stringify(started)}, ""); setInterval(() => {}, 1000);`);
    const home = at(base() + prod({ mfaProcess: `"${process.execPath}" "${tool}"` }));
    const used = codeOf(() => home.use({ profileName: "prod" }, { signal: controller.signal }));
    await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
    controller.abort();
    expect(await used).toBe("Cancelled");
  });
});

/** The hash that a program of the profile `prod` inherits. */
function profileHashOf(home: Home): string {
  const aws = join(home.directory, ".aws");
  const files = { config: join(aws, "config"), credentials: join(aws, "credentials") };
  const program = { profileName: "prod", setting: "mfaProcess", commandLine: "" } as const;
  return guardAgainstCycles(program, files, contextOf()).environment.ROLE_CREDENTIALS_RESOLVING ?? "";
}
