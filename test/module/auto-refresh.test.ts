import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { quote } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { joDevice, openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

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

[profile session]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}
mfa_session = true
`;

describe.each(["3", "4"] as const)("Use-Role -AutoRefresh, with the SDK %s", (awsSdk) => {
  let work: Workplace;
  beforeAll(async () => {
    work = await openWorkplace({ awsSdk });
    work.store({ config });
  });
  afterAll(() => work?.close());
  beforeEach(() => work.sandbox.clearCalls());

  const json = <T>(script: string, answers?: string[]) => work.session.json<T>(script, answers && { answers });
  const who = "(Get-STSCallerIdentity -Credential $creds).Arn -replace '/RoleCredentials-session-.*'";
  const assumed = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}`;

  async function errorIdOf(script: string) {
    return (await work.session.run(`try { ${script} } catch { throw }`, { allowErrors: true })).errors[0]?.id;
  }

  it("passes AWS Tools the SDK's own credentials type, which runs our command", async () => {
    const [identity, kind, secrets] = await json<[string, string, string]>(
      `$creds = Use-Role -ProfileName prod -AutoRefresh; ${who}; $creds.Refreshing.GetType().FullName; $creds.RefreshCommand`,
    );
    expect([identity, kind]).toEqual([assumed("Admin"), "Amazon.Runtime.ProcessAWSCredentials"]);
    expect(Buffer.from(secrets.split(" ").at(-1) ?? "", "base64url").toString()).not.toMatch(secretPattern);
  });

  it.skipIf(process.platform === "win32")(
    "runs from a folder with shell characters in its name, and executes nothing in that name",
    async () => {
      const own = await openWorkplace({ awsSdk, module: false });
      try {
        own.store({ config });
        const folder = join(own.session.home, "o'neil \u2019 $(touch pwned) $HOME;");
        cpSync(join(import.meta.dirname, "..", "..", "module"), folder, { recursive: true, preserveTimestamps: true });
        const [identity, command] = await own.session.json<string[]>(
          `Import-Module ${quote(join(folder, "RoleCredentials.psd1"))}; $creds = Use-Role -ProfileName prod -AutoRefresh; ${who}; $creds.RefreshCommand`,
        );
        expect(identity).toBe(assumed("Admin"));
        expect(command).toContain("neil");
        expect(readdirSync(own.session.home)).not.toContain("pwned");
      } finally {
        await own.close();
      }
    },
  );

  it("runs the command once for several cmdlets", async () => {
    const same = await json(
      `$creds = Use-Role -ProfileName prod -AutoRefresh; $null = ${who}; $first = $creds.Refreshing; $null = ${who}; [object]::ReferenceEquals($first, $creds.Refreshing)`,
    );
    expect(same).toBe(true);
  });

  it("works for a module in a folder with an apostrophe in its name", async () => {
    const folder = join(work.session.home, "it's", "RoleCredentials");
    cpSync(join(import.meta.dirname, "..", "..", "module"), folder, { recursive: true });
    const identity = await json(`
      $own = (Get-Module RoleCredentials).Path
      Remove-Module RoleCredentials
      Import-Module ${quote(join(folder, "RoleCredentials.psd1"))}
      $creds = Use-Role -ProfileName prod -AutoRefresh
      if ($creds.RefreshCommand -notlike "*it*s*RoleCredentials*") { throw $creds.RefreshCommand }
      ${who}
      Remove-Module RoleCredentials
      Import-Module $own`);
    expect(identity).toBe(assumed("Admin"));
  });

  it("returns new credentials when the old ones are about to expire", async () => {
    const [first, second] = await json<[string, string]>(`
      $creds = Use-Role -ProfileName prod -AutoRefresh -DurationInSeconds 900
      $refreshing = [Amazon.Runtime.AWSCredentials]$creds
      # The SDK renews a quarter of an hour before the end: these are due whenever they are asked for. Version 4 does so behind one's back.
      $first = $refreshing.GetCredentials().AccessKey
      Clear-RoleCache
      $until = [datetime]::UtcNow.AddSeconds(20)
      do { $second = $refreshing.GetCredentials().AccessKey } while ($second -eq $first -and [datetime]::UtcNow -lt $until)
      $first
      $second`);
    expect(first).toMatch(/^ASIA/);
    expect(second).not.toBe(first);
  });

  it("renews the object's own keys in their last ten minutes, because the pipeline binds them", async () => {
    const [same, renewed, left] = await json<[boolean, boolean, number]>(`
      $creds = Use-Role -ProfileName prod -AutoRefresh
      $first = $creds.AccessKeyId
      $creds.AccessKeyId -eq $first
      Clear-RoleCache
      $creds.Expiration = [datetime]::UtcNow.AddMinutes(9)
      $null = $creds | Get-STSCallerIdentity
      $creds.AccessKeyId -ne $first -and $creds.AccessKey -eq $creds.AccessKeyId
      [int]($creds.Expiration - [datetime]::UtcNow).TotalMinutes`);
    expect([same, renewed]).toEqual([true, true]);
    expect(left).toBeGreaterThan(50);
  });

  it("repeats policies and tags in any notation", async () => {
    const identity = await json(`
      $policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Sid":"a"}]}'
      $creds = Use-Role ${admin} -AutoRefresh -NoCache -Policy $policy -Tag @{ 'a b' = 'c @ d + e' }
      ${who}`);
    expect(identity).toBe(assumed("Admin"));
    // A renewal from the previous test may still be in progress.
    const tagged = work.sandbox.calls
      .filter(({ action }) => action === "AssumeRole")
      .flatMap(({ parameters }) => parameters["Tags.member.1.Value"] ?? []);
    expect(new Set(tagged)).toEqual(new Set(["c @ d + e"]));
    expect(tagged.length).toBeGreaterThan(1);
  });

  it("renews the same role inside an entered role and in a block", async () => {
    expect(
      await json(
        `$creds = Use-Role -ProfileName prod -AutoRefresh; Enter-Role ${hub}; ${who}; Exit-Role; Use-Role ${hub} -ScriptBlock { ${who} }`,
      ),
    ).toEqual([assumed("Admin"), assumed("Admin")]);
  });

  it("works for a role from an MFA session, which asks for one code", async () => {
    expect(await json(`$creds = Use-Role -ProfileName session -AutoRefresh; ${who}`, [work.code()])).toBe(
      assumed("MfaRequired"),
    );
  });

  it.each([
    ["each renewal would need a code", "Use-Role -ProfileName secure -AutoRefresh"],
    [
      "the caller gave the source",
      "Use-Role -ProfileName prod -AccessKey AKIAJOEXAMPLE0000001 -SecretKey x -AutoRefresh",
    ],
    [
      "the source is an entered role",
      `Enter-Role ${hub}; try { Use-Role ${admin} -Chain -AutoRefresh } finally { Exit-Role }`,
    ],
  ])("fails if %s", async (_, script) => {
    expect(await errorIdOf(script)).toBe("RefreshNotPossible,RoleCredentials.UseRoleCommand");
  });

  it("fails separately for each of many roles, and returns the others", async () => {
    const { errors } = await work.session.run(
      "$all = 'secure', 'prod' | ForEach-Object { [pscustomobject]@{ ProfileName = $_ } } | Use-Role -AutoRefresh",
      {
        allowErrors: true,
      },
    );
    expect(errors.map(({ id, terminating }) => [id, terminating])).toEqual([
      ["RefreshNotPossible,RoleCredentials.UseRoleCommand", false],
    ]);
    expect(await json("$all.RoleArn")).toBe(admin);
  });
});
