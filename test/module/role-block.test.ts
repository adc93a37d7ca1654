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
  it("runs only the block as the role", async () => {
    expect(await json(`Use-Role ${admin} -ScriptBlock { Who }; Who`)).toEqual([assumed("Admin"), jo]);
    expect(await variables()).toEqual(untouched);
  });

  it("passes the block its arguments, and the credentials as $_", async () => {
    expect(
      await json(`Use-Role ${admin} -ScriptBlock { param($a) $a; "$args"; $_.RoleArn } -ArgumentList 1, 2, 3`),
    ).toEqual([1, "2 3", admin]);
  });

  it("runs the block in its own scope with access to the caller's variables", async () => {
    expect(await json(`$x = 'outer'; Use-Role ${admin} -ScriptBlock { $x; $x = 'inner' }; $x`)).toEqual([
      "outer",
      "outer",
    ]);
  });

  it("keeps the caller's $_", async () => {
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
  ])("restores everything after %s", async (_, script, output) => {
    expect(await json(script)).toEqual(output);
    expect(await variables()).toEqual(untouched);
    expect(await json("(Get-Role).Depth")).toBe(0);
  });

  it("continues after a statement-terminating error, as any script block does", async () => {
    const script = `$seen = Use-Role ${admin} -ScriptBlock { [int] 'x'; Who }`;
    expect(await errorsOf(script)).toEqual(["InvalidCastFromStringToInteger"]);
    expect(await json("$seen")).toBe(assumed("Admin"));
  });

  it("passes on the block's errors and its other output", async () => {
    const script = `Use-Role ${admin} -ScriptBlock { Get-RoleProfile nobody; 'after' }`;
    const { errors, stdout } = await work.session.run(script, { allowErrors: true });
    expect(errors.map(({ id }) => id)).toEqual(["ProfileNotFound,RoleCredentials.GetRoleProfileCommand"]);
    expect(stdout).toContain("after");
  });

  it("streams output to consumers that do not run as the role", async () => {
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

  it("nests from the original identity, or with -Chain from the enclosing role", async () => {
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

  it("leaves roles entered in the block when it ends, and Exit-Role does not leave the block", async () => {
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

  it("returns to the entered role", async () => {
    expect(await json(`Enter-Role ${hub}; Use-Role ${admin} -ScriptBlock { Who }; Who; Exit-Role`)).toEqual([
      assumed("Admin"),
      assumed("Hub", "111111111111"),
    ]);
    expect(await variables()).toEqual(untouched);
  });

  it("runs once for each of many roles, and continues after a failed one", async () => {
    const script = `'${roleArn("DeniedByTrust")}', '${admin}', '${oneHour}' | Use-Role -InOrder -ScriptBlock { Who }`;
    expect(await errorsOf(`$seen = ${script}`)).toEqual(["AccessDenied,RoleCredentials.UseRoleCommand"]);
    expect(await json("$seen")).toEqual([assumed("Admin"), assumed("OneHour")]);
    expect(await variables()).toEqual(untouched);
  });

  it("does not run the block if the only role cannot be assumed", async () => {
    expect(await errorsOf(`Use-Role ${roleArn("DeniedByTrust")} -ScriptBlock { throw 'ran' }`)).toEqual([
      "AccessDenied,RoleCredentials.UseRoleCommand",
    ]);
  });

  it("refuses -AutoRefresh", async () => {
    expect(await errorsOf(`Use-Role ${admin} -AutoRefresh -ScriptBlock { }`)).toEqual([
      "ParameterConflict,RoleCredentials.UseRoleCommand",
    ]);
  });

  it("isolates the identities of parallel blocks in ForEach-Object -Parallel", async () => {
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

  it("does not affect plain Use-Role in another runspace", async () => {
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

  it("reports an error to a runspace that the block itself started, instead of waiting forever", async () => {
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
  it("ends the block and restores everything", async () => {
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
  it("shares PowerShell's terminal", async () => {
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
