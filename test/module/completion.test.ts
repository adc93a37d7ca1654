import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { roleArn } from "../sandbox/clients.ts";
import { openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

const admin = roleArn("Admin");
const config = `
[profile prod]
role_arn = ${admin}
source_profile = default
mfa_serial = arn:aws:iam::111111111111:mfa/jo

[profile "my profile"]
region = eu-west-1

[profile @splat]
region = eu-west-1

[profile zero]
role_arn = arn:aws:iam::012345678901:role/Zero
source_profile = default
`;

interface Match {
  readonly CompletionText: string;
  readonly ListItemText: string;
  readonly ToolTip: string;
}

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({ config });
});
afterAll(() => work?.close());
beforeEach(() => work.sandbox.clearCalls());

async function complete(line: string): Promise<Match[]> {
  const literal = line.replaceAll("'", "''");
  const matches = await work.session.json<Match | Match[]>(
    `[System.Management.Automation.CommandCompletion]::CompleteInput('${literal}', ${line.length}, $null).CompletionMatches`,
  );
  return [matches].flat();
}
const texts = async (line: string) => (await complete(line)).map(({ CompletionText }) => CompletionText);

describe("Tab", () => {
  it.each([
    ["Use-Role -ProfileName prod", ["prod"]],
    ["Use-Role -SourceProfile prod", ["prod"]],
    ["Set-RoleCredentials -StoreAs prod", ["prod"]],
    ["Set-RoleCredential -StoreAs prod", ["prod"]],
    ["Get-RoleProfile prod", ["prod"]],
    ["Enter-Role -RoleArn admin", [admin]],
    ["Use-Role adm", [admin]],
    ["Open-RoleConsole -RoleName Ad", ["Admin"]],
    ["Use-Role -RoleName Admin -AccountId ", ["123456789012"]],
    ["Use-Role -Region eu-west-2", ["eu-west-2"]],
    ["Enter-Role -MfaSerial arn", ["arn:aws:iam::111111111111:mfa/jo"]],
    ["Use-Role -PolicyArn PowerUser", ["arn:aws:iam::aws:policy/PowerUserAccess"]],
    ["Set-RoleCredentials -CredentialSource Ecs", ["EcsContainer"]],
    ["Open-RoleConsole -Color gr", ["green"]],
    ["Open-RoleConsole -Destination cloudf", ["cloudformation", "cloudfront"]],
    ["Open-RoleConsole -ContainerColor tur", ["turquoise"]],
    ["Open-RoleConsole -ContainerIcon brief", ["briefcase"]],
  ])("completes %s", async (line, expected) => {
    expect(await texts(line)).toEqual(expected);
  });

  it.each([
    ["Use-Role -ProfileName my", ["'my profile'"]],
    ["Use-Role -ProfileName 'my", ["'my profile'"]],
    ['Use-Role -ProfileName "my', ["'my profile'"]],
    ["Use-Role -ProfileName spl", ["'@splat'"]],
    ["Use-Role -RoleName Zero -AccountId 0", ["'012345678901'"]],
  ])("quotes a completion if needed: %s", async (line, expected) => {
    expect(await texts(line)).toEqual(expected);
  });

  it("describes each completion without secrets", async () => {
    const matches = await complete("Use-Role -ProfileName ");
    expect(matches.find(({ ListItemText }) => ListItemText === "prod")?.ToolTip).toBe(
      `Role ${admin} from default, with MFA`,
    );
    expect(matches.find(({ ListItemText }) => ListItemText === "default")?.ToolTip).toBe("Keys");
    expect(JSON.stringify(matches)).not.toMatch(secretPattern);
  });

  it("offers recently used roles before those of profiles", async () => {
    await work.session.run(`$null = Use-Role ${roleArn("Hub", "111111111111")}`);
    expect((await texts("Use-Role -RoleArn arn"))[0]).toBe(roleArn("Hub", "111111111111"));
  });

  it("makes no call and leaves no error behind", async () => {
    const before = await work.session.json("$Error.Count");
    await complete("Use-Role -RoleArn ");
    expect(work.sandbox.calls).toEqual([]);
    expect(await work.session.json("$Error.Count")).toBe(before);
  });

  it("ignores a broken file silently", async () => {
    work.store({ config: "[profile broken\nx" });
    try {
      expect(await texts("Use-Role -MfaSerial arn")).toEqual([]);
    } finally {
      work.store({ config });
    }
  });
});
