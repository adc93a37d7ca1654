import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { roleArn } from "../sandbox/clients.ts";
import { credentialsFile, joDevice, openWorkplace, type Workplace } from "./workplace.ts";

// Prompts read the console's input, which only a parent process can supply.

const mfaRole = roleArn("MfaRequired");
const config = `
[profile secure]
role_arn = ${mfaRole}
source_profile = default
mfa_serial = ${joDevice}

[profile hub]
role_arn = ${roleArn("Hub", "111111111111")}
source_profile = default
mfa_serial = ${joDevice}

[profile behind]
role_arn = ${roleArn("OneHour")}
source_profile = hub

[profile session]
role_arn = ${mfaRole}
source_profile = default
mfa_serial = ${joDevice}
mfa_session = true
`;

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace({ awsSdk: "4" });
});
afterAll(() => work?.close());
beforeEach(async () => {
  work.store({ credentials: credentialsFile("default"), config });
  await work.session.run("Exit-Role -All; Clear-RoleCache -Confirm:$false");
  work.sandbox.clearCalls();
});

const run = (script: string, ...answers: string[]) => work.session.run(script, { answers });
const json = <T>(script: string, ...answers: string[]) => work.session.json<T>(script, { answers });
const actions = () => work.sandbox.calls.map(({ action }) => action);

describe("the MFA code", () => {
  it("is asked for once", async () => {
    const { stdout } = await run(
      "foreach ($i in 1..3) { (Use-Role -ProfileName secure).AssumedRoleUser.Arn }",
      work.code(),
    );
    expect(stdout.match(/MFA code of/g)).toHaveLength(1);
    expect(stdout).toContain(joDevice);
    expect(stdout.match(/assumed-role\/MfaRequired/g)).toHaveLength(3);
    expect(actions()).toEqual(["AssumeRole"]);
  });

  it("is reported if it is wrong, without a second prompt", async () => {
    const wrong = work.code() === "000000" ? "000001" : "000000";
    const { stdout, errors } = await work.session.run("try { Use-Role -ProfileName secure } catch { throw }", {
      answers: [wrong],
      allowErrors: true,
    });
    expect(errors).toMatchObject([
      {
        id: "MfaCodeRejected,RoleCredentials.UseRoleCommand",
        category: "AuthenticationError",
        target: "secure",
        terminating: true,
      },
    ]);
    expect(stdout.match(/MFA code of/g)).toHaveLength(1);
  });

  it("is not sent if it is malformed, and the next command asks again", async () => {
    const { errors } = await work.session.run("Use-Role -ProfileName secure", {
      answers: ["abcdef"],
      allowErrors: true,
    });
    expect(errors).toMatchObject([{ id: "TokenCodeInvalid,RoleCredentials.UseRoleCommand" }]);
    expect(actions()).toEqual([]);
    // Without waiting for the first command's code, which would take two minutes.
    const { stdout } = await run("(Use-Role -ProfileName secure).RoleArn", work.code());
    expect(stdout).toContain(mfaRole);
  });

  it("opens a session that assumes many roles for an hour each", async () => {
    work.store({ config: `${config}\n[default]\nmfa_serial = ${joDevice}\nmfa_session = true\n` });
    const { stdout } = await run(
      `foreach ($arn in '${mfaRole}', '${roleArn("FreshMfa")}', '${roleArn("Admin")}') { (Use-Role $arn -Verbose).RoleArn }`,
      work.code(),
    );
    expect(stdout.match(/MFA code of/g)).toHaveLength(1);
    expect(actions()).toEqual(["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"]);
    expect(stdout).toContain(`VERBOSE: GetSessionToken with ${joDevice}`);
  });

  it("is asked for once by Enter-Role, which then cannot renew the role", async () => {
    await run("Enter-Role -ProfileName secure", work.code());
    expect(await json("Get-Role")).toMatchObject({ Name: "secure", Renews: false });
  });

  it("is asked for once by -AutoRefresh for a role from an MFA session", async () => {
    const script =
      "$creds = Use-Role -ProfileName session -AutoRefresh; (Get-STSCallerIdentity -Credential $creds).Arn";
    expect(await json(script, work.code())).toContain("assumed-role/MfaRequired/");
  });

  it("is asked for by Open-RoleConsole", async () => {
    const url = await json<string>("Open-RoleConsole -ProfileName secure -SignIn -PassThru", work.code());
    const { status, headers } = await fetch(url, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([302, "https://console.aws.amazon.com/console/home"]);
  });

  it("is asked for by Test-Role in the middle of a chain, and not again after it", async () => {
    const hops = await json<Record<string, unknown>[]>("Test-Role behind -NoCache", work.code());
    expect(hops.map(({ ProfileName, Succeeded, Cached }) => [ProfileName, Succeeded, Cached])).toEqual([
      ["default", true, false],
      ["hub", true, false],
      ["behind", true, false],
    ]);
    expect(actions().filter((action) => action === "AssumeRole")).toHaveLength(2);
  });

  it("is reported as missing by Test-Role if nothing is typed", async () => {
    const hops = await json<Record<string, unknown>[]>("Test-Role secure", "");
    expect(hops.at(-1)).toMatchObject({ Succeeded: false, ErrorId: "MfaRequired" });
  });
});

describe("Remove-RoleProfile", () => {
  it("asks for confirmation and follows the answer", async () => {
    const { stdout } = await run("Remove-RoleProfile secure", "n");
    expect(stdout).toMatch(/"Remove" on target "profile 'secure' in\s+\S*config"/);
    expect(work.read("config")).toBe(config);
    await run("Remove-RoleProfile secure", "y");
    expect(work.read("config")).not.toContain("[profile secure]");
  });
});

describe("Set-RoleCredentials", () => {
  const role = `[profile prod]\nrole_arn = ${mfaRole}\nsource_profile = base\nregion = eu-west-1\n`;
  beforeEach(() => {
    rmSync(join(work.session.home, ".aws"), { recursive: true });
    work.store({ credentials: credentialsFile("base"), config: role });
  });

  it("shows a role's stored values, and Enter keeps them", async () => {
    const { stdout } = await run("Set-RoleCredentials -StoreAs prod", "", "", "", "eu-central-1", "");
    expect(stdout).toMatch(/Role ARN \[arn:aws:iam::123456789012:role\/MfaRequired\]/);
    expect(stdout).toMatch(/Source profile \[base\]/);
    expect(stdout).toMatch(/MFA serial \[None\]/);
    expect(stdout).toMatch(/Default region name \[eu-west-1\]/);
    expect(stdout).toMatch(/Default output format \[None\]/);
    expect(work.read("config")).toBe(role.replace("eu-west-1", "eu-central-1"));
  });

  it("changes nothing if the user keeps every value", async () => {
    await run("Set-RoleCredentials -StoreAs prod", "", "", "", "", "");
    expect(work.read("config")).toBe(role);
  });
});
