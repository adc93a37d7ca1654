import { execFile, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ssoAccessToken } from "../../src/identity-center/sso-token.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { begin, corp, type Home, homeIn, programOrSkip, visit } from "./fixtures.ts";

const run = promisify(execFile);
// Version 1 has no `aws sso login`, but uses the sign-ins. AWS_CLI_V2 names version 2 where both are installed.
const version2 = [process.env.AWS_CLI_V2, "aws"].find(
  (name) => name && programOrSkip(name, ["--version"], /aws-cli\/2\.(2[2-9]|[3-9]\d)/),
);
const anyVersion = programOrSkip("aws", ["--version"], /aws-cli/);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const { sessionName: _, scopes: __, ...portal } = corp;

function cliEnvironment({ environment }: Home) {
  return { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", AWS_DEFAULT_REGION: "eu-west-1", ...environment };
}

async function identityOf(home: Home, profile: string): Promise<string> {
  const { stdout } = await run(
    anyVersion ?? "",
    ["sts", "get-caller-identity", "--profile", profile, "--output", "json"],
    {
      env: cliEnvironment(home),
    },
  );
  return (JSON.parse(stdout) as { Arn: string }).Arn;
}

/** Runs `aws sso login`, and does what its user would do in the browser. */
async function cliLogin(home: Home, ...args: string[]): Promise<void> {
  const cli = spawn(version2 ?? "", ["sso", "login", "--no-browser", ...args], { env: cliEnvironment(home) });
  let [output, complaints, isVisited] = ["", "", false];
  cli.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  cli.stdout.on("data", (chunk) => {
    output += chunk;
    const link = /^(http\S+(?:\/authorize\?|\?user_code=)\S+)\s/m.exec(output)?.[1];
    if (!link || isVisited) return;
    isVisited = true;
    void visit(link);
  });
  const code = await new Promise((resolve) => cli.on("close", resolve));
  expect(`${code} ${complaints}`).toBe("0 ");
}

describe.skipIf(!anyVersion)("the AWS CLI", () => {
  it.each([
    ["a session", "staff", corp, false],
    ["a session, by device code", "staff", corp, true],
    ["the legacy form", "legacy", portal, false],
  ])("uses our sign-in to %s", { timeout: 60_000 }, async (_what, profile, session, useDeviceCode) => {
    const home = homeIn(sandbox);
    await signIn(home, session, useDeviceCode);
    expect(await identityOf(home, profile)).toContain("AWSReservedSSO_ReadOnly");
  });

  it("renews our sign-in with its refresh token", { timeout: 60_000 }, async () => {
    const home = homeIn(sandbox);
    await signIn(home, corp, false);
    const path = join(
      home.cache,
      home.files().find((name) => !home.registrations().some((one) => one.name === name)) ?? "",
    );
    const before = home.token();
    writeFileSync(path, JSON.stringify({ ...before, expiresAt: "2020-01-01T00:00:00Z" }));
    expect(await identityOf(home, "staff")).toContain("AWSReservedSSO_ReadOnly");
    const after = home.token();
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(await ssoAccessToken(home.context, corp, home.services)).toBe(after.accessToken);
  });
});

describe.skipIf(!version2)("aws sso login", () => {
  it.each([
    ["a redirect", []],
    ["a device code", ["--use-device-code"]],
  ])("with %s signs in for this module, and the other way round", { timeout: 120_000 }, async (_what, args) => {
    const home = homeIn(sandbox);
    mkdirSync(home.cache, { recursive: true });
    await cliLogin(home, "--sso-session", "corp", ...args);
    const token = home.token();
    expect(await ssoAccessToken(home.context, corp, home.services)).toBe(token.accessToken);
    expect((await begin(home)).step.state).toBe("done");

    // Each uses the registration of the other.
    sandbox.clearCalls();
    await signIn(home, corp, args.length > 0);
    await cliLogin(home, "--sso-session", "corp", ...args);
    expect(sandbox.calls.filter(({ action }) => action === "RegisterClient")).toEqual([]);
    expect(Object.keys(home.token()).sort()).toEqual(Object.keys(token).sort());

    // The other side of it: aws sso logout ends our sign-in.
    await signIn(home, corp, args.length > 0);
    await run(version2 ?? "", ["sso", "logout"], { env: cliEnvironment(home) });
    expect((await begin(home)).step.state).toBe("browser");
  });
});

async function signIn(home: Home, session: typeof corp | typeof portal, useDeviceCode: boolean) {
  const { link, wait } = await begin(home, { session, useDeviceCode, force: true });
  const done = wait();
  await visit(link);
  expect(await done).toMatchObject({ state: "done" });
}
