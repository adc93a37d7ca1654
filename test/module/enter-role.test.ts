import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { quote } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { joAsParameters, joDevice, openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

const admin = roleArn("Admin");
const hub = roleArn("Hub", "111111111111");
const oneHour = roleArn("OneHour");
const manifest = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "module", "RoleCredentials.psd1");

const config = `
[profile prod]
role_arn = ${admin}
source_profile = default
region = eu-central-1

[profile secure]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}
`;

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace({ awsSdk: "4" });
  work.store({ config });
  await work.session.run(`
    function global:AwsVariables { $all = @{}; foreach ($entry in [Environment]::GetEnvironmentVariables().GetEnumerator()) { if ($entry.Key -like 'AWS*') { $all[$entry.Key] = $entry.Value } }; $all }
    function global:Who { (Get-STSCallerIdentity).Arn -replace '/RoleCredentials-session-.*' }`);
});
afterAll(() => work?.close());
beforeEach(() => work.sandbox.clearCalls());
afterEach(() => work.session.run("Exit-Role -All; $env:AWS_PROFILE = $env:AWS_REGION = $null"));

const json = <T>(script: string, answers?: string[]) => work.session.json<T>(script, answers && { answers });
const run = (script: string) => work.session.run(script);
const variables = () => json<Record<string, string>>("AwsVariables");
const assumed = (name: string, account = "123456789012") => `arn:aws:sts::${account}:assumed-role/${name}`;
const jo = "arn:aws:iam::111111111111:user/jo";

async function errorOf(script: string) {
  const { errors } = await work.session.run(`try { ${script} } catch { throw }`, { allowErrors: true });
  return errors[0];
}

describe("Enter-Role", () => {
  it("puts the role into the environment for every program that reads it", async () => {
    await run("Enter-Role -ProfileName prod");
    const entered = await variables();
    expect(entered).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_ACCOUNT_ID: "123456789012",
      AWS_CREDENTIAL_EXPIRATION: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      AWSU_PROFILE: "prod",
    });
    expect(await json("Who")).toBe(assumed("Admin"));
  });

  it.each([
    ["no AWS variables", {}],
    [
      "a profile, a region and variables of other tools",
      {
        AWS_PROFILE: "default",
        AWS_DEFAULT_PROFILE: "default",
        AWS_REGION: "eu-west-3",
        AWS_VAULT: "x",
        AWS_SECURITY_TOKEN: "old",
      },
    ],
    [
      "keys",
      { AWS_ACCESS_KEY_ID: "AKIAJOEXAMPLE0000001", AWS_SECRET_ACCESS_KEY: "Jo/EXAMPLE+secret00000000000000000000001" },
    ],
    ["a web identity", { AWS_ROLE_ARN: admin, AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere" }],
  ])("is undone exactly by Exit-Role after %s", async (_, set) => {
    const names = Object.keys(set);
    await run(
      Object.entries(set)
        .map(([name, value]) => `$env:${name} = ${quote(value)}`)
        .join("\n"),
    );
    const before = await variables();
    await run(`Enter-Role -RoleArn ${admin} ${joAsParameters}`);
    const entered = await variables();
    expect(entered.AWS_ACCESS_KEY_ID).toMatch(/^ASIA/);
    for (const gone of [
      "AWS_PROFILE",
      "AWS_DEFAULT_PROFILE",
      "AWS_SECURITY_TOKEN",
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "AWS_ROLE_ARN",
      "AWS_VAULT",
    ])
      expect(entered).not.toHaveProperty(gone);
    await run("Exit-Role");
    expect(await variables()).toEqual(before);
    await run(names.map((name) => `$env:${name} = $null`).join("\n"));
  });

  it("starts from the original identity even in an entered role, as the console does", async () => {
    const who = await json(`Enter-Role ${admin}; Enter-Role ${oneHour}; Who; Exit-Role; Who; Exit-Role; Who`);
    expect(who).toEqual([assumed("OneHour"), assumed("Admin"), jo]);
    const callers = work.sandbox.calls
      .filter(({ action }) => action === "AssumeRole")
      .map(({ principal }) => principal);
    expect(callers.every((caller) => caller === jo)).toBe(true);
  });

  it("starts from the entered role with -Chain", async () => {
    expect(await json(`Enter-Role ${hub}; Enter-Role ${admin} -Chain -NoCache; Who; (Get-Role)[0].Chained`)).toEqual([
      assumed("Admin"),
      true,
    ]);
    const last = work.sandbox.calls.filter(({ action }) => action === "AssumeRole").at(-1);
    expect(last?.principal).toContain(assumed("Hub", "111111111111"));
  });

  it("respects variables that the user sets, and still restores the original ones", async () => {
    const [region] = await json<string[]>(`
      $env:AWS_REGION = 'eu-west-1'
      Enter-Role ${admin}
      $env:AWS_REGION = 'eu-west-2'
      (Use-Role ${oneHour}).Region
      Exit-Role
      $env:AWS_REGION`);
    expect(region).toBe("eu-west-2");
    expect(await json("$env:AWS_REGION")).toBe("eu-west-1");
  });

  it("changes nothing if the role cannot be assumed", async () => {
    const before = await variables();
    expect(await errorOf(`Enter-Role ${roleArn("DeniedByTrust")}`)).toMatchObject({
      id: "AccessDenied,RoleCredentials.EnterRoleCommand",
    });
    expect(await variables()).toEqual(before);
    expect(await json("(Get-Role).Depth")).toBe(0);
  });

  it("enters existing credentials", async () => {
    expect(await json(`$creds = Use-Role ${admin}; Enter-Role -Credential $creds; Who; (Get-Role).Renews`)).toEqual([
      assumed("Admin"),
      false,
    ]);
  });

  it("returns nothing, or the output of Get-Role with -PassThru", async () => {
    expect(await json(`Enter-Role ${admin}`)).toEqual([]);
    expect(await json(`Enter-Role ${admin} -PassThru`)).toMatchObject({
      Depth: 2,
      Account: "123456789012",
      Role: "Admin",
    });
  });

  it("asks for the MFA code that a role needs, and then cannot renew it", async () => {
    await json("Enter-Role -ProfileName secure", [work.code()]);
    expect(await json("Get-Role")).toMatchObject({ Name: "secure", Renews: false });
  });

  it("sets the credentials of loaded AWS Tools, and restores the original object", async () => {
    await run(`
      $tools = New-Module Fake.AWS.Tools {
        function Set-AWSCredential { [CmdletBinding()] param([object] $Credential, [string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSCredentials", [pscustomobject]@{ Is = $Credential }) }
        function Clear-AWSCredential { [CmdletBinding()] param([string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSCredentials", $null) }
        function Set-DefaultAWSRegion { [CmdletBinding()] param([string] $Region, [string] $Scope) $PSCmdlet.SessionState.PSVariable.Set("$($Scope):StoredAWSRegion", $Region) }
      } | Import-Module -PassThru`);
    const seen = await json(`
      function Seen { [string] $global:StoredAWSCredentials.Is; [string] $global:StoredAWSRegion }
      $global:StoredAWSCredentials = $mine = [pscustomobject]@{ Is = 'mine' }
      Enter-Role -ProfileName prod
      Seen
      Use-Role ${hub} -ScriptBlock { Seen }
      Seen
      Exit-Role
      [object]::ReferenceEquals($mine, $global:StoredAWSCredentials)
      $null -eq $ExecutionContext.SessionState.PSVariable.Get('global:StoredAWSRegion')
      $ExecutionContext.SessionState.PSVariable.Remove('global:StoredAWSCredentials')
      Enter-Role ${admin}; Exit-Role
      $null -eq $ExecutionContext.SessionState.PSVariable.Get('global:StoredAWSCredentials')
      Remove-Module Fake.AWS.Tools`);
    const prod = [`RoleCredentials ${admin}`, "eu-central-1"];
    expect(seen).toEqual([...prod, `RoleCredentials ${hub}`, "eu-central-1", ...prod, true, true, true]);
  });
});

describe("Exit-Role", () => {
  it("reports that no role is entered, but not with -All", async () => {
    expect(await errorOf("Exit-Role")).toMatchObject({
      id: "NoRoleEntered,RoleCredentials.ExitRoleCommand",
      category: "InvalidOperation",
    });
    expect((await run("Exit-Role -All")).errors).toEqual([]);
  });

  it("leaves all roles with -All", async () => {
    const before = await variables();
    await run(`Enter-Role ${admin}; Enter-Role ${hub}; Enter-Role ${oneHour}; Exit-Role -All`);
    expect(await variables()).toEqual(before);
  });

  it("works after the credentials have expired, and after an error", async () => {
    const before = await variables();
    await run(`
      Enter-Role ${admin}
      $frame = [RoleCredentials.RoleStack]::Frames[0]
      $frame.Renewal = 'code'; $frame.Expiration = [datetime]::UtcNow.AddHours(-1)
      try { throw 'something' } catch { $null = $_ }
      Exit-Role`);
    expect(await variables()).toEqual(before);
  });

  it("works from another runspace, because all runspaces share the environment", async () => {
    const before = await variables();
    await run(`
      Enter-Role ${admin}
      $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
      $null = $other.AddScript('Import-Module ${manifest.replaceAll("'", "''")}; Exit-Role').Invoke()
      $other.Runspace.Dispose()`);
    expect(await variables()).toEqual(before);
  });

  it("still restores the environment after the module was reimported", async () => {
    const before = await variables();
    await run(`Enter-Role ${admin}; Import-Module ${quote(manifest)} -Force; Exit-Role`);
    expect(await variables()).toEqual(before);
  });
});

describe("Get-Role", () => {
  it("shows the stack, last role first, without secrets", async () => {
    await run(`Enter-Role -ProfileName prod; Enter-Role ${hub}`);
    const roles = await json<Record<string, unknown>[]>("Get-Role");
    expect(roles).toEqual([
      expect.objectContaining({ Depth: 2, Name: "Hub", Account: "111111111111", RoleArn: hub, Renews: true }),
      expect.objectContaining({ Depth: 1, Name: "prod", ProfileName: "prod", Role: "Admin", Region: "eu-central-1" }),
    ]);
    expect(roles[0]?.MinutesLeft).toBeGreaterThan(50);
    expect(JSON.stringify(roles)).not.toMatch(secretPattern);
    expect((await run("Get-Role")).stdout).toMatch(/ 2 Hub +111111111111 Hub/);
  });

  it("shows the identity outside of a role without a call", async () => {
    expect(await json("Get-Role")).toMatchObject({ Depth: 0, Name: "default", Source: "the keys of profile default" });
    expect(await json("$env:AWS_PROFILE = 'prod'; Get-Role")).toMatchObject({
      Depth: 0,
      Name: "prod",
      RoleArn: admin,
      Region: "eu-central-1",
    });
    expect(await json("$env:AWS_PROFILE = 'nobody'; Get-Role")).toMatchObject({
      Depth: 0,
      Name: "none",
      Problem: expect.stringContaining("nobody"),
    });
    expect(work.sandbox.calls).toEqual([]);
  });

  it("calls STS with -Verify", async () => {
    expect(await json("(Get-Role -Verify).VerifiedArn")).toBe(jo);
    const [verified] = await json<string[]>(`Enter-Role ${admin}; Enter-Role ${hub}; (Get-Role -Verify).VerifiedArn`);
    expect(verified).toContain(assumed("Hub", "111111111111"));
  });

  it("reports an error if the credentials are no longer valid", async () => {
    await run(`Enter-Role ${admin} -NoCache; $env:AWS_SESSION_TOKEN = 'something else'`);
    expect((await errorOf("Get-Role -Verify"))?.id).toMatch(
      /^Credentials(Rejected|Expired),RoleCredentials.GetRoleCommand$/,
    );
  });
});

describe("an entered role", () => {
  const soon = `
    $frame = [RoleCredentials.RoleStack]::Frames[-1]
    $before = $env:AWS_ACCESS_KEY_ID
    Clear-RoleCache -Confirm:$false
    $frame.Obtained = [datetime]::UtcNow.AddMinutes(-50); $frame.Expiration = [datetime]::UtcNow.AddMinutes(5)`;
  const quick = "[RoleCredentials.RoleStack]::RenewalInterval = 100";

  it("renews itself in the middle of a script", async () => {
    const [changed, who] = await json<[boolean, string]>(`
      ${quick}
      Enter-Role -ProfileName prod
      ${soon}
      $until = [datetime]::UtcNow.AddSeconds(20)
      while ($env:AWS_ACCESS_KEY_ID -eq $before -and [datetime]::UtcNow -lt $until) { $null = 1 }
      $env:AWS_ACCESS_KEY_ID -ne $before
      Who`);
    expect([changed, who]).toEqual([true, assumed("Admin")]);
    expect(await json("(Get-Role).MinutesLeft")).toBeGreaterThan(50);
  });

  it("renews itself when one of our cmdlets runs", async () => {
    expect(
      await json(`Enter-Role -ProfileName prod; ${soon}; $null = Get-Role; $env:AWS_ACCESS_KEY_ID -ne $before`),
    ).toBe(true);
  });

  it("is renewed below another role, and is current when that role is left", async () => {
    const [changed, who] = await json<[boolean, string]>(`
      Enter-Role -ProfileName prod
      ${soon}
      Enter-Role ${hub}
      Exit-Role
      $env:AWS_ACCESS_KEY_ID -ne $before
      Who`);
    expect([changed, who]).toEqual([true, assumed("Admin")]);
  });

  it("does not prompt for a code in the background, and reports that it cannot renew", async () => {
    // A renewal in the background, before Get-Role runs, would take its warning.
    await run("[RoleCredentials.RoleStack]::RenewalInterval = 20000");
    await json("Enter-Role -ProfileName secure", [work.code()]);
    await run(`${soon}; $frame.Renewal = 'silent'`);
    const { stdout } = await run("Get-Role");
    expect(stdout).toMatch(/WARNING: secure could not be renewed/);
    expect(await json("Get-Role")).toMatchObject({ Renews: false, Problem: expect.stringContaining("MFA") });
  });

  it("leaves no subscriber behind", async () => {
    const count = "@($ExecutionContext.Events.Subscribers).Count";
    expect(
      await json(`${count}; Enter-Role ${admin}; ${count}; Enter-Role ${hub}; ${count}; Exit-Role -All; ${count}`),
    ).toEqual([0, 1, 1, 0]);
  });
});

describe("Get-RolePrompt", () => {
  it("returns the role and the minutes left, and nothing without a role", async () => {
    expect(await json("Get-RolePrompt")).toEqual([]);
    const [plain, own] = await json<string[]>(
      "Enter-Role -ProfileName prod; Get-RolePrompt; Get-RolePrompt '<{Name}|{Account}|{Role}|{Region}|{Depth}>'",
    );
    expect(plain).toMatch(/^prod [56]\dm$/);
    expect(own).toBe("<prod|123456789012|Admin|eu-central-1|1>");
  });

  it("escapes everything except the format itself", async () => {
    const text = await json<string>(`
      Enter-Role -ProfileName prod
      [RoleCredentials.RoleStack]::Frames[0].Name = "a\`e[31m\`u{202e}b"
      Get-RolePrompt "\`e[1m{Name}"`);
    expect(text).toBe("\u001b[1ma\\u001b[31m\\u202eb");
  });
});
