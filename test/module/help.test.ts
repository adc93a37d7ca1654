import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPowerShell, type Session } from "../powershell/session.ts";

interface Help {
  readonly Name: string;
  readonly Synopsis: string;
  readonly Description: string;
  readonly Examples: number;
  readonly Parameters: readonly string[];
  readonly Explained: readonly string[];
}

// Pester/Conventions.Tests.ps1 checks more, but needs pwsh.
describe("Get-Help", () => {
  let session: Session;
  let all: Help[];
  beforeAll(async () => {
    session = await openPowerShell({ module: true });
    all = await session.json<Help[]>(`
      foreach ($command in (Get-Module RoleCredentials).ExportedCmdlets.Values) {
        $help = Get-Help $command.Name -Full
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        @{
          Name = $command.Name; Synopsis = $help.Synopsis; Description = [string]::Join(' ', $help.description.Text)
          Examples = @($help.examples.example).Count
          Parameters = @(foreach ($name in $command.Parameters.Keys) { if ($name -notin $common) { $name } })
          Explained = @(foreach ($parameter in $help.parameters.parameter) { if ($parameter.description) { $parameter.name } })
        }
      }`);
  });
  afterAll(() => session.close());

  it("has a synopsis, a description and three examples for every command", () => {
    expect(all.map(({ Name }) => Name)).toEqual(expect.arrayContaining(["Set-RoleCredentials", "Use-Role"]));
    for (const { Name, Synopsis, Description, Examples } of all) {
      expect(Synopsis, Name).toMatch(/^[A-Z].*\.$/s);
      expect(Description.length, Name).toBeGreaterThan(200);
      expect(Examples, Name).toBeGreaterThanOrEqual(3);
    }
  });

  it("explains every parameter", () => {
    for (const { Name, Parameters, Explained } of all)
      expect([...Explained].sort(), Name).toEqual(expect.arrayContaining([...Parameters].sort()));
  });

  it("shows examples with their output", async () => {
    const { stdout } = await session.run("Get-Help Use-Role -Examples");
    expect(stdout).toContain("SecretAccessKey : ****************");
  });

  it("has the about page", async () => {
    const { stdout } = await session.run("Get-Help about_RoleCredentials");
    expect(stdout).toContain("QUICK START");
  });
});
