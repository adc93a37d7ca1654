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
  work = await openWorkplace({
    awsSdk: "4",
    env: { BROWSER: `node "${join(import.meta.dirname, "..", "sandbox", "browser.mjs")}" allow %s` },
  });
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

  it("asks for an access key or a role of IAM Identity Center if the profile has no credentials", async () => {
    const { stdout } = await run("Set-RoleCredentials", "", "AKIAJOEXAMPLE0000001", "secret", "eu-west-1", "");
    expect(stdout).toMatch(/Credentials: 1 an access key, 2 IAM Identity Center \[1\]/);
    expect(work.read("credentials")).toContain("[default]\naws_access_key_id = AKIAJOEXAMPLE0000001\n");
    expect((await run("Set-RoleCredentials", "", "", "", "")).stdout).not.toContain("IAM Identity Center");
  });

  it("asks like aws configure sso: stores the session, signs in, and stores the profile", async () => {
    const portal = ["corp", "https://sandbox.awsapps.com/start", "eu-west-1", ""];
    const { stdout } = await run("Set-RoleCredentials", "2", ...portal, "Production", "2", "eu-central-1", "", "staff");
    expect(stdout).toContain("   1  123456789012  Production");
    expect(stdout).toMatch(/Profile name \[PowerUser-123456789012\]/);
    expect(work.read("config")).toBe(
      `${role}
[sso-session corp]
sso_start_url = https://sandbox.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile staff]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = PowerUser
region = eu-central-1
`,
    );
    expect(await json("(Use-Role staff).AccountId")).toBe("123456789012");
    expect(actions()).toContain("ListAccountRoles");
  });

  it("offers the stored session, and Enter keeps the region of an Identity Center profile", async () => {
    work.store({
      config:
        "[sso-session corp]\nsso_start_url = https://sandbox.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n" +
        "[profile staff]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = PowerUser\nregion = eu-central-1\n",
    });
    const { stdout } = await run("Set-RoleCredentials -StoreAs staff", "", "", "nothing", "ReadOnly", "", "");
    expect(stdout).toMatch(/SSO session name \[corp\]/);
    expect(stdout).toContain("There is no such role.");
    expect(work.read("config")).toContain("sso_role_name = ReadOnly\nregion = eu-central-1\n");
  });

  it("stores nothing if a value is missing", async () => {
    const { errors } = await work.session.run("Set-RoleCredentials", { answers: ["2", "corp", ""], allowErrors: true });
    expect(errors).toMatchObject([{ id: "InputRequired,RoleCredentials.SetRoleCredentialsCommand" }]);
    expect(work.read("config")).toBe(role);
  });
});
