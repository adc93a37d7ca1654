import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { quote } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { joDevice, openWorkplace, type Workplace } from "./workplace.ts";

const admin = roleArn("Admin");
const hub = roleArn("Hub", "111111111111");
const config = `
[profile prod]
role_arn = ${admin}
source_profile = default

[profile secure]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}
`;
const link = "https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin";

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({ config });
});
afterAll(() => work?.close());
beforeEach(async () => {
  work.sandbox.clearCalls();
  await work.session.run("Exit-Role -All; Clear-RoleHistory -Confirm:$false");
});

const json = <T>(script: string, answers?: string[]) => work.session.json<T>(script, answers && { answers });
const follow = async (url: string) => {
  const answer = await fetch(url, { redirect: "manual" });
  return [answer.status, answer.headers.get("location")];
};

async function errorIdOf(script: string) {
  const { errors } = await work.session.run(`try { ${script} } catch { throw }`, { allowErrors: true });
  return errors[0]?.id;
}

describe("Open-RoleConsole -PassThru", () => {
  it.each([
    ["an ARN", admin, link],
    ["a profile", "-ProfileName prod", link],
    ["a name and an account", "-RoleName Admin -AccountId 123456789012", link],
    [
      "a name with a path, an alias, a display name and a colour",
      "-RoleName ops/ci/Deployer -AccountId acme -DisplayName 'Prod & Co' -Color '#f2b0a9'",
      "https://signin.aws.amazon.com/switchrole?account=acme&roleName=ops/ci/Deployer&displayName=Prod%20%26%20Co&color=F2B0A9",
    ],
    [
      "a role in China",
      "arn:aws-cn:iam::444444444444:role/Admin",
      "https://signin.amazonaws.cn/switchrole?account=444444444444&roleName=Admin",
    ],
  ])("returns the link for %s without a call", async (_, parameters, expected) => {
    expect(await json(`Open-RoleConsole ${parameters} -PassThru`)).toBe(expected);
    expect(work.sandbox.calls).toEqual([]);
  });

  it("reuses a role's display name and colour", async () => {
    await json(`Open-RoleConsole ${admin} -DisplayName Prod -Color red -PassThru`);
    expect(await json(`Open-RoleConsole ${admin} -PassThru`)).toBe(`${link}&displayName=Prod&color=F2B0A9`);
    expect(await json("Get-RoleHistory")).toMatchObject({ RoleArn: admin, DisplayName: "Prod", Color: "F2B0A9" });
  });

  it("defaults to the entered role", async () => {
    expect(await json(`Enter-Role ${admin}; Open-RoleConsole -PassThru`)).toBe(link);
  });

  it("fails without a named or entered role and without a terminal", async () => {
    await json(`$null = Use-Role ${hub}; $null = Use-Role ${admin}`);
    const { errors } = await work.session.run("Open-RoleConsole -PassThru", { allowErrors: true });
    expect(errors.map(({ id }) => id)).toEqual(["InputRequired,RoleCredentials.OpenRoleConsoleCommand"]);
  });
});

describe("Open-RoleConsole -SignIn -PassThru", () => {
  it("returns a link to the console", async () => {
    const url = await json<string>(
      "Open-RoleConsole -ProfileName prod -SignIn -Destination ec2/home -DurationInSeconds 43200 -PassThru",
    );
    expect(await follow(url)).toEqual([302, "https://console.aws.amazon.com/ec2/home"]);
  });

  it("asks for the MFA code that the role needs", async () => {
    const url = await json<string>("Open-RoleConsole -ProfileName secure -SignIn -PassThru", [work.code()]);
    expect(await follow(url)).toEqual([302, "https://console.aws.amazon.com/console/home"]);
  });

  it("signs in as the identity of the session", async () => {
    const url = await json<string>(
      `Enter-Role ${hub}; Enter-Role ${admin} -Chain; Open-RoleConsole -SignIn -PassThru -Region eu-west-1`,
    );
    expect(await follow(url)).toEqual([302, "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"]);
    expect(work.sandbox.calls.at(-2)?.action).toBe("getSigninToken");
    expect(await errorIdOf("Open-RoleConsole -SignIn -DurationInSeconds 7200 -PassThru")).toBe(
      "DurationInvalid,RoleCredentials.OpenRoleConsoleCommand",
    );
  });
});

describe.skipIf(process.platform === "win32")("the browser", () => {
  const visits = () => join(work.session.home, "visits");
  beforeAll(() => {
    const program = join(work.session.home, "a browser");
    writeFileSync(
      program,
      `#!/bin/sh\nenv > '${visits()}.env'\ncase $1 in file:*) ls -ld "$(dirname "\${1#file://}")" "\${1#file://}"; cat "\${1#file://}"; esac > '${visits()}.page'\nprintf '%s\\n' "$@" > '${visits()}.tmp'\nmv '${visits()}.tmp' '${visits()}'\n`,
    );
    chmodSync(program, 0o755);
  });
  beforeEach(() => rmSync(visits(), { force: true }));

  async function visited(script: string): Promise<string[]> {
    const { stdout, stderr } = await work.session.run(script);
    await expect.poll(() => existsSync(visits()), { timeout: 10_000 }).toBe(true);
    return [...readFileSync(visits(), "utf8").trim().split("\n"), stdout, stderr];
  }
  const browser = () => quote(join(work.session.home, "a browser"));

  it("is the one in BROWSER", async () => {
    expect(await visited(`$env:BROWSER = ${browser()}; Open-RoleConsole ${admin}`)).toEqual([link, "", ""]);
  });

  it("is the first installed one in the list, with the link in place of %s", async () => {
    const command = `no-such-browser %s:"${join(work.session.home, "a browser")}" --new-tab "--url=%s"`;
    expect(await visited(`$env:BROWSER = ${quote(command)}; Open-RoleConsole ${admin}`)).toEqual([
      "--new-tab",
      `--url=${link}`,
      "",
      "",
    ]);
  });

  it("gets the sign-in link through a private page, which is then deleted, and no keys", async () => {
    const hurry = `[RoleCredentials.RoleCore].Assembly.GetType('RoleCredentials.SignInPage').GetProperty('Seconds', [System.Reflection.BindingFlags]'NonPublic, Static').SetValue($null, 2)`;
    const [address = "", shown, complaint] = await visited(
      `${hurry}; $env:BROWSER = ${browser()}; Enter-Role ${admin}; Open-RoleConsole -SignIn -Verbose 4>&1 | ForEach-Object { "$_" }`,
    );
    expect(address).toMatch(/^file:\/\/\/[^?]*\.html$/);
    const page = readFileSync(`${visits()}.page`, "utf8");
    expect(page).toMatch(/^drwx------[^\n]*\n-rw-------/);
    const url = (/href="([^"]*)"/.exec(page)?.[1] ?? "").replaceAll("&amp;", "&");
    expect(await follow(url)).toEqual([302, "https://console.aws.amazon.com/console/home"]);
    const token = new URL(url).searchParams.get("SigninToken") ?? "no token";
    expect(`${shown}${complaint}`).not.toContain(token);
    expect(shown).toContain("getSigninToken");
    expect(readFileSync(`${visits()}.env`, "utf8")).not.toMatch(/AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)/);
    await expect.poll(() => existsSync(dirname(fileURLToPath(address))), { timeout: 20_000 }).toBe(false);
  });

  it("leaves no page behind if no browser is found", async () => {
    const folder = await json<string>("[System.IO.Path]::GetTempPath()");
    const pages = () => readdirSync(folder).filter((name) => name.startsWith("role-credentials-sign-in-"));
    const before = pages();
    await errorIdOf(
      `$path = $env:PATH; $env:BROWSER = $null; $env:PATH = '/nowhere'; try { Open-RoleConsole ${admin} -SignIn } finally { $env:PATH = $path }`,
    );
    expect(pages().filter((name) => !before.includes(name))).toEqual([]);
  });

  it("does not open with -WhatIf, which makes no calls", async () => {
    const { stdout } = await work.session.run(
      `$env:BROWSER = ${browser()}; Open-RoleConsole ${admin} -WhatIf; Open-RoleConsole -ProfileName prod -SignIn -WhatIf`,
    );
    expect(stdout).toContain(link);
    expect(existsSync(visits())).toBe(false);
    expect(work.sandbox.calls).toEqual([]);
  });

  it("causes its own error if it is missing", async () => {
    expect(
      await errorIdOf(
        `$path = $env:PATH; $env:BROWSER = $null; $env:PATH = '/nowhere'; try { Open-RoleConsole ${admin} } finally { $env:PATH = $path }`,
      ),
    ).toBe(process.platform === "darwin" ? undefined : "BrowserNotFound,RoleCredentials.OpenRoleConsoleCommand");
  });
});

describe("invalid input", () => {
  it.each([
    ["no role", "Open-RoleConsole", "NoRoleNamed"],
    ["a parameter for -SignIn without it", `Open-RoleConsole ${admin} -Destination s3`, "ParameterConflict"],
    ["a parameter for the link with -SignIn", `Open-RoleConsole ${admin} -SignIn -Color red`, "ParameterConflict"],
    ["an invalid colour", `Open-RoleConsole ${admin} -Color pink`, "ColorInvalid"],
    ["a long display name", `Open-RoleConsole ${admin} -DisplayName ('x' * 65)`, "DisplayNameInvalid"],
    ["an invalid account", "Open-RoleConsole -RoleName Admin -AccountId 1", "AccountIdInvalid"],
    [
      "a page outside the console",
      `Open-RoleConsole ${admin} -SignIn -Destination https://evil.example`,
      "DestinationInvalid",
    ],
    ["a missing profile", "Open-RoleConsole -ProfileName nobody", "ProfileNotFound"],
    ["a profile without a role", "Open-RoleConsole -ProfileName default", "ProfileIncomplete"],
    ["long-term keys", "Open-RoleConsole -ProfileName default -SignIn", "SigninNeedsRole"],
    ["a role that cannot be assumed", `Open-RoleConsole ${roleArn("DeniedByTrust")} -SignIn`, "AccessDenied"],
  ])("causes an error: %s", async (_, script, id) => {
    expect(await errorIdOf(script)).toBe(`${id},RoleCredentials.OpenRoleConsoleCommand`);
  });
});
