import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { quote } from "../powershell/session.ts";
import { noTerminal, openTerminal } from "../powershell/terminal.ts";
import { roleArn } from "../sandbox/clients.ts";
import { joAsParameters, openWorkplace, type Workplace } from "./workplace.ts";

const admin = roleArn("Admin");
const hub = roleArn("Hub", "111111111111");
const oneHour = roleArn("OneHour");
const manifest = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "module", "RoleCredentials.psd1");
const sdkFreeWho = "$env:AWS_ACCOUNT_ID";

let work: Workplace;
let untouched: Record<string, string>;
beforeAll(async () => {
  work = await openWorkplace({ awsSdk: "4" });
  await work.session.run(`
    function global:AwsVariables { $all = @{}; foreach ($entry in [Environment]::GetEnvironmentVariables().GetEnumerator()) { if ($entry.Key -like 'AWS*') { $all[$entry.Key] = $entry.Value } }; $all }
    function global:Who { (Get-STSCallerIdentity).Arn -replace '/RoleCredentials-session-.*' }`);
  untouched = await variables();
});
afterAll(() => work?.close());
beforeEach(() => work.sandbox.clearCalls());

const json = <T>(script: string) => work.session.json<T>(script);
const variables = () => json<Record<string, string>>("AwsVariables");
const assumed = (name: string, account = "123456789012") => `arn:aws:sts::${account}:assumed-role/${name}`;
const jo = "arn:aws:iam::111111111111:user/jo";

async function errorsOf(script: string) {
  return (await work.session.run(script, { allowErrors: true })).errors.map(({ id }) => id);
}

describe("Use-Role -ScriptBlock", () => {
  it("runs the block as the role, and what comes after as before", async () => {
    expect(await json(`Use-Role ${admin} -ScriptBlock { Who }; Who`)).toEqual([assumed("Admin"), jo]);
    expect(await variables()).toEqual(untouched);
  });

  it("gives the block its arguments, and the credentials as $_", async () => {
    expect(
      await json(`Use-Role ${admin} -ScriptBlock { param($a) $a; "$args"; $_.RoleArn } -ArgumentList 1, 2, 3`),
    ).toEqual([1, "2 3", admin]);
  });

  it("has a scope of its own, and sees the caller's variables", async () => {
    expect(await json(`$x = 'outer'; Use-Role ${admin} -ScriptBlock { $x; $x = 'inner' }; $x`)).toEqual([
      "outer",
      "outer",
    ]);
  });

  it("leaves $_ of the caller as it was", async () => {
    expect(await json(`'a', 'b' | ForEach-Object { $null = Use-Role ${admin} -ScriptBlock { $_ }; $_ }`)).toEqual([
      "a",
      "b",
    ]);
  });

  it.each([
    ["an error that ends it", `try { Use-Role ${admin} -ScriptBlock { throw 'boom' } } catch { "$_" }`, "boom"],
    ["return", `Use-Role ${admin} -ScriptBlock { 1; return; 2 }`, 1],
    ["break, which ends the block", `Use-Role ${admin} -ScriptBlock { 1; break; 2 }`, 1],
    [
      "variables that the block sets",
      `Use-Role ${admin} -ScriptBlock { $env:AWS_PROFILE = 'x'; $env:AWS_ACCESS_KEY_ID = 'y'; 'done' }`,
      "done",
    ],
  ])("restores all after %s", async (_, script, output) => {
    expect(await json(script)).toEqual(output);
    expect(await variables()).toEqual(untouched);
    expect(await json("(Get-Role).Depth")).toBe(0);
  });

  it("goes on after an error that ends a statement, as a block does elsewhere", async () => {
    const script = `$seen = Use-Role ${admin} -ScriptBlock { [int] 'x'; Who }`;
    expect(await errorsOf(script)).toEqual(["InvalidCastFromStringToInteger"]);
    expect(await json("$seen")).toBe(assumed("Admin"));
  });

  it("passes errors of the block on, and its other output", async () => {
    const script = `Use-Role ${admin} -ScriptBlock { Get-RoleProfile nobody; 'after' }`;
    const { errors, stdout } = await work.session.run(script, { allowErrors: true });
    expect(errors.map(({ id }) => id)).toEqual(["ProfileNotFound,RoleCredentials.GetRoleProfileCommand"]);
    expect(stdout).toContain("after");
  });

  it("streams, and whoever takes the output is not the role", async () => {
    const seen = await json<string[]>(
      `
      Use-Role ${admin} -ScriptBlock { "block $${sdkFreeWho}"; "block $${sdkFreeWho}" } | ForEach-Object { $_; "after $${sdkFreeWho}" }`.replaceAll(
        "$$",
        "$",
      ),
    );
    expect(seen).toEqual(["block 123456789012", "after ", "block 123456789012", "after "]);
    expect(await variables()).toEqual(untouched);
  });

  it("nests, each from the original identity, or with -Chain from the role around it", async () => {
    const seen = await json(`
      Use-Role ${admin} -ScriptBlock {
        Who
        Use-Role ${hub} -ScriptBlock {
          Who
          Use-Role ${oneHour} -Chain -ScriptBlock { Who; @(Get-Role).Count }
          Who
        }
        Who
      }`);
    const hubSession = assumed("Hub", "111111111111");
    expect(seen).toEqual([assumed("Admin"), hubSession, assumed("OneHour"), 3, hubSession, assumed("Admin")]);
    expect(await variables()).toEqual(untouched);
  });

  it("takes roles that were entered in the block away with it, and does not let Exit-Role out of it", async () => {
    const seen = await json(`
      Use-Role ${admin} -ScriptBlock {
        Enter-Role ${oneHour}; Who; Exit-Role; Who
        try { Exit-Role } catch { $_.FullyQualifiedErrorId }
        Exit-Role -All; Who
        Enter-Role ${hub}
      }`);
    expect(seen).toEqual([
      assumed("OneHour"),
      assumed("Admin"),
      "NoRoleEntered,RoleCredentials.ExitRoleCommand",
      assumed("Admin"),
    ]);
    expect(await variables()).toEqual(untouched);
  });

  it("returns to the role that the session is in", async () => {
    expect(await json(`Enter-Role ${hub}; Use-Role ${admin} -ScriptBlock { Who }; Who; Exit-Role`)).toEqual([
      assumed("Admin"),
      assumed("Hub", "111111111111"),
    ]);
    expect(await variables()).toEqual(untouched);
  });

  it("runs once for each of many roles, and goes on after one that fails", async () => {
    const script = `'${roleArn("DeniedByTrust")}', '${admin}', '${oneHour}' | Use-Role -InOrder -ScriptBlock { Who }`;
    expect(await errorsOf(`$seen = ${script}`)).toEqual(["AccessDenied,RoleCredentials.UseRoleCommand"]);
    expect(await json("$seen")).toEqual([assumed("Admin"), assumed("OneHour")]);
    expect(await variables()).toEqual(untouched);
  });

  it("does not run the block when the one role cannot be assumed", async () => {
    expect(await errorsOf(`Use-Role ${roleArn("DeniedByTrust")} -ScriptBlock { throw 'ran' }`)).toEqual([
      "AccessDenied,RoleCredentials.UseRoleCommand",
    ]);
  });

  it("does not go with -AutoRefresh", async () => {
    expect(await errorsOf(`Use-Role ${admin} -AutoRefresh -ScriptBlock { }`)).toEqual([
      "ParameterConflict,RoleCredentials.UseRoleCommand",
    ]);
  });

  it("shows no block of another runspace's identity in ForEach-Object -Parallel", async () => {
    const wrong = await json<string[]>(`
      1..12 | ForEach-Object -ThrottleLimit 6 -Parallel {
        Import-Module ${quote(manifest)}
        $account = [string](100000000000 + $_)
        foreach ($round in 1..3) {
          Use-Role -RoleName Audit -AccountId $account -ScriptBlock {
            foreach ($look in 1..50) { if ($env:AWS_ACCOUNT_ID -ne $account) { "$account saw $env:AWS_ACCOUNT_ID" } }
          }
        }
      }`);
    expect(wrong).toEqual([]);
    expect(await variables()).toEqual(untouched);
  });

  it("gives plain Use-Role its own identity beside the blocks of others", async () => {
    const callers = await json<string[]>(`
      1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
        Import-Module ${quote(manifest)}
        $account = [string](100000000100 + $_)
        if ($_ % 2) { Use-Role -RoleName Audit -AccountId $account -ScriptBlock { [System.Threading.Thread]::Sleep(100) } }
        else { (Use-Role -RoleName Audit -AccountId $account).RoleArn }
      }`);
    expect(callers).toHaveLength(3);
    const principals = work.sandbox.calls
      .filter(({ action }) => action === "AssumeRole")
      .map(({ principal }) => principal);
    expect(new Set(principals)).toEqual(new Set([jo]));
  });

  it("tells a runspace that the block itself has started, instead of waiting for ever", async () => {
    const seen = await json<string[]>(`
      Use-Role ${admin} -ScriptBlock {
        1..2 | ForEach-Object -Parallel {
          Import-Module ${quote(manifest)}
          try { Use-Role ${hub} -ScriptBlock { 'ran' } } catch { $_.FullyQualifiedErrorId }
          try { Enter-Role ${hub} } catch { $_.FullyQualifiedErrorId }
          (Get-Role).Name
          (Use-Role ${hub}).RoleArn
        }
      }`);
    expect(seen.toSorted()).toEqual([
      ...[
        "Admin",
        "Admin",
        "RoleBusy,RoleCredentials.EnterRoleCommand",
        "RoleBusy,RoleCredentials.EnterRoleCommand",
        "RoleBusy,RoleCredentials.UseRoleCommand",
        "RoleBusy,RoleCredentials.UseRoleCommand",
        hub,
        hub,
      ],
    ]);
    expect(await variables()).toEqual(untouched);
  });
});

describe("Ctrl+C", () => {
  it("ends the block and restores all", async () => {
    const seen = await json(`
      $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
      $null = $other.AddScript('Import-Module ${manifest.replaceAll("'", "''")}; Use-Role ${admin} -ScriptBlock { [AppDomain]::CurrentDomain.SetData("in", $env:AWS_ACCOUNT_ID); while ($true) { [System.Threading.Thread]::Sleep(10) } }')
      $running = $other.BeginInvoke()
      $until = [datetime]::UtcNow.AddSeconds(20)
      while (-not [AppDomain]::CurrentDomain.GetData('in') -and [datetime]::UtcNow -lt $until) { [System.Threading.Thread]::Sleep(10) }
      [AppDomain]::CurrentDomain.GetData('in')
      $other.Stop()
      $other.Runspace.Dispose()
      $null -eq $env:AWS_ACCOUNT_ID
      Use-Role ${oneHour} -ScriptBlock { 'the next has its turn' }`);
    expect(seen).toEqual(["123456789012", true, "the next has its turn"]);
    expect(await variables()).toEqual(untouched);
  });
});

describe.skipIf(noTerminal !== undefined)("a program in a block", () => {
  it("has the terminal that PowerShell has", async () => {
    const script = join(work.session.home, "terminal.ps1");
    const environment = Object.entries(work.sandbox.environment).map(
      ([name, value]) => `$env:${name} = ${quote(value)}`,
    );
    writeFileSync(
      script,
      `${environment.join("\n")}
      Import-Module ${quote(manifest)}
      Use-Role ${admin} ${joAsParameters} -ScriptBlock { sh -c 'test -t 1 && echo it is a terminal' }`,
    );
    const terminal = openTerminal(["-File", script]);
    try {
      await terminal.waitFor(/it is a terminal/);
    } finally {
      terminal.close();
    }
  });
});
