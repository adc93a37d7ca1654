import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, quote, type Session } from "../powershell/session.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

const manifest = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "module", "RoleCredentials.psd1");

describe("one core for all runspaces of a process", () => {
  let sandbox: Sandbox;
  let session: Session;

  beforeAll(async () => {
    sandbox = await startSandbox();
    session = await openPowerShell({ module: true, env: sandbox.environment });
    await session.run(`
      Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey Jo/EXAMPLE+secret00000000000000000000001
      Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default`);
  });
  afterAll(async () => {
    await session?.close();
    await sandbox?.close();
  });

  it("serves concurrent callers in many runspaces with one call to STS", async () => {
    sandbox.clearCalls();
    const keys = await session.json<string[]>(`
      1..10 | ForEach-Object -ThrottleLimit 10 -Parallel {
        Import-Module ${quote(manifest)}
        1..5 | ForEach-Object { (Use-Role -ProfileName prod).AccessKeyId }
      }`);
    expect(keys).toHaveLength(50);
    expect(new Set(keys).size).toBe(1);
    expect(sandbox.calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(1);
  });

  it("keeps serving other runspaces after the first one has ended", async () => {
    const keys = await session.json<string[]>(`
      1..3 | ForEach-Object {
        $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $other.AddScript('Import-Module ${manifest.replaceAll("'", "''")}; (Use-Role -ProfileName prod).AccessKeyId').Invoke()
        $other.Runspace.Dispose()
        (Use-Role -ProfileName prod).AccessKeyId
      }`);
    expect(keys).toHaveLength(6);
  });

  it("reports how to supply a code if it cannot prompt, and leaves no other error behind", async () => {
    const said = await session.json<unknown[]>(`
      Set-RoleCredentials -StoreAs secure -RoleArn arn:aws:iam::123456789012:role/MfaRequired -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo
      $other = [powershell]::Create([initialsessionstate]::CreateDefault2())
      $other.AddScript('Import-Module ${manifest.replaceAll("'", "''")}; try { Use-Role -ProfileName secure } catch { $_.ErrorDetails.RecommendedAction }; $Error | ForEach-Object FullyQualifiedErrorId').Invoke()`);
    expect(said).toEqual([expect.stringContaining("-TokenCode"), "MfaRequired,RoleCredentials.UseRoleCommand"]);
  });
});
