import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runArguments, runPowerShell } from "./run.ts";

const typeFile = `<Types><Type><Name>Shape</Name><Members>
  <ScriptProperty><Name>Area</Name><GetScriptBlock>$this.Side * $this.Side</GetScriptBlock></ScriptProperty>
</Members></Type></Types>`;

const formatFile = `<Configuration><ViewDefinitions><View>
  <Name>Shape</Name><ViewSelectedBy><TypeName>Shape</TypeName></ViewSelectedBy>
  <ListControl><ListEntries><ListEntry><ListItems>
    <ListItem><PropertyName>Area</PropertyName></ListItem>
    <ListItem><Label>Secret</Label><ScriptBlock>"****"</ScriptBlock></ListItem>
  </ListItems></ListEntry></ListEntries></ListControl>
</View></ViewDefinitions></Configuration>`;

describe("output", () => {
  it.each([
    ["[pscustomobject]@{ a = 1; b = 'two' }", ["", "a b", "- -", "1 two"]],
    ["[pscustomobject]@{ a = 1; b = 2; c = 3; d = 4; e = 5 }", ["", "a : 1", "b : 2", "c : 3", "d : 4", "e : 5"]],
    [
      "@{ key = 'value' }",
      [
        "",
        "Name                           Value",
        "----                           -----",
        "key                            value",
      ],
    ],
    ["'text'; 1.5; $null; $true", ["text", "1.5", "True"]],
  ])("of %s is formatted", async (script, shown) => {
    expect(lines((await runPowerShell(script)).stdout)).toEqual(shown);
  });

  it("obeys a module's format file and type file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "powershell-module-"));
    const save = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const manifest = join(folder, "Shapes.psd1");
    save(
      "Shapes.psd1",
      "@{ ModuleVersion = '1.0'; RootModule = 'Shapes.psm1'; TypesToProcess = 'Shapes.types.ps1xml'; FormatsToProcess = 'Shapes.format.ps1xml' }",
    );
    save(
      "Shapes.psm1",
      "function Get-Shape { [pscustomobject]@{ PSTypeName = 'Shape'; Side = 3; Secret = 's3cret' } }",
    );
    save("Shapes.types.ps1xml", typeFile);
    save("Shapes.format.ps1xml", formatFile);
    const { stdout } = await runPowerShell("Import-Module $args[0]; Get-Shape", { args: [manifest] });
    rmSync(folder, { recursive: true });
    expect(lines(stdout).filter(Boolean)).toEqual(["Area   : 9", "Secret : ****"]);
  });

  it("keeps every character", async () => {
    const { stdout, stderr } = await runPowerShell(
      "'é 漢字 🎉'; [Console]::Error.WriteLine('ü 🎉'); [Console]::Out.WriteLine('ß')",
    );
    expect({ stdout, stderr }).toEqual({ stdout: "é 漢字 🎉\nß\n", stderr: "ü 🎉\n" });
  });

  it("has no colours where there is no terminal", async () => {
    const { stdout, stderr } = await runPowerShell("[pscustomobject]@{ a = 1 }; throw 'bad'");
    expect(stdout + stderr).not.toContain("\x1b");
  });

  it("shows warnings, verbose and debug lines when asked", async () => {
    const { stdout, stderr } = await runPowerShell(`
      function Speak { [CmdletBinding()] param() $PSCmdlet.WriteWarning('w'); $PSCmdlet.WriteVerbose('v'); $PSCmdlet.WriteDebug('d'); $PSCmdlet.WriteInformation('i', @()) }
      Speak
      $DebugPreference = 'Continue'
      Speak -Verbose -InformationAction Continue
    `);
    expect(lines(stdout)).toEqual(["WARNING: w", "WARNING: w", "VERBOSE: v", "DEBUG: d", "i"]);
    expect(stderr).toBe("");
  });
});

describe("errors", () => {
  const failing = `
    function Test-Failure { [CmdletBinding()] param()
      $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('written'), 'Written', 'InvalidData', 'the target'))
      $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new([Exception]::new('thrown'), 'Thrown', 'LimitsExceeded', 'other')) }`;

  it("go to standard error with their message and nothing else goes there", async () => {
    const { stdout, stderr, code } = await runPowerShell(`${failing}; Test-Failure; 'after'`);
    expect({ stdout, code }).toEqual({ stdout: "after\n", code: 0 });
    expect(stderr).toMatch(/written[\s\S]*thrown/);
  });

  it("are shown by $ErrorView", async () => {
    const { stderr } = await runPowerShell(`${failing}; $ErrorView = 'CategoryView'; Test-Failure`);
    expect(stderr).toMatch(
      /InvalidData: \(the target:String\) \[Test-Failure\], Exception[\s\S]*LimitsExceeded: \(other:String\) \[Test-Failure\], Exception/,
    );
  });

  it("stay in $Error with id, category and target", async () => {
    const { stdout } = await runPowerShell(
      `${failing}; Test-Failure 2>$null; foreach ($e in $Error) { "$($e.FullyQualifiedErrorId)|$($e.CategoryInfo.Category)|$($e.TargetObject)" }`,
    );
    expect(lines(stdout)).toEqual([
      "Thrown,Test-Failure|LimitsExceeded|other",
      "Written,Test-Failure|InvalidData|the target",
    ]);
  });
});

describe("prompts", () => {
  const ask = (script: string, ...answers: string[]) =>
    runPowerShell(script, { stdin: answers.map((line) => `${line}\n`).join("") });

  it("read lines of standard input, and null at its end", async () => {
    const { stdout } = await ask(
      '$a = $Host.UI.ReadLine(); $b = $Host.UI.ReadLine(); "<$a>$($null -eq $b)"',
      "né 漢字",
    );
    expect(stdout).toBe("né 漢字\n<né 漢字>True\n");
  });

  it("ask for a mandatory parameter, convert it, and explain it on request", async () => {
    const { stdout } = await ask(
      "function f([Parameter(Mandatory, HelpMessage = 'How many')] [int] $Count) { \"got $($Count + 1)\" }; f",
      "!?",
      "x",
      "41",
    );
    expect(stdout).toContain("Count: !?\nHow many\n");
    expect(stdout).toContain('Count: x\nCannot recognize "x" as a System.Int32');
    expect(stdout).toMatch(/got 42\n$/);
  });

  it("ask for a list until an empty line", async () => {
    const { stdout } = await ask(
      'function f([Parameter(Mandatory)] [string[]] $Name) { "got $Name" }; f',
      "a",
      "b",
      "",
    );
    expect(stdout).toMatch(/Name\[0\]: a\nName\[1\]: b\nName\[2\]: \ngot a b\n$/);
  });

  const choose = (standard: number) =>
    `$Host.UI.PromptForChoice('Caption', 'Message', [System.Management.Automation.Host.ChoiceDescription[]]@('&Yes', '&No'), ${standard})`;

  it.each([
    [["y"], 0],
    [["No"], 1],
    [["maybe", "?", "n"], 1],
    [[""], 1],
  ])("take %j for choice %i", async (answers, picked) => {
    const { stdout } = await ask(choose(1), ...answers);
    expect(stdout).toContain('\nCaption\nMessage\n[Y] Yes  [N] No  [?] Help (default is "N"): ');
    expect(stdout).toMatch(new RegExp(`\n${picked}\n$`));
  });

  it("confirm what is destructive", async () => {
    const remove =
      "function Remove-It { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() if ($PSCmdlet.ShouldProcess('it', 'Remove')) { 'removed' } }";
    expect((await ask(`${remove}; Remove-It`, "n")).stdout).not.toContain("removed");
    expect((await ask(`${remove}; Remove-It`, "y")).stdout).toMatch(/removed\n$/);
    expect((await ask(`${remove}; Remove-It -WhatIf`)).stdout).toBe(
      'What if: Performing the operation "Remove" on target "it".\n',
    );
    expect((await ask(`${remove}; Remove-It -Confirm:$false`)).stdout).toBe("removed\n");
  });

  it.runIf(process.platform !== "win32")(
    "stop the script where a secret is wanted and nobody can type it",
    async () => {
      const { stdout } = await ask(
        "'before'; try { $Host.UI.ReadLineAsSecureString() } catch { 'caught' }; 'after'",
        "secret",
      );
      expect(stdout).toBe("before\n");
    },
  );

  it.each([
    "$Host.UI.ReadLine()",
    "$Host.UI.ReadLineAsSecureString()",
    choose(0),
    "function f([Parameter(Mandatory)] $Name) {}; f",
  ])("are refused when not interactive: %s", async (script) => {
    const { stdout, stderr, code } = await runArguments(
      ["-NoProfile", "-NonInteractive", "-Command", `${script}; 'after'`],
      { stdin: "y\n" },
    );
    expect({ stdout, code }).toEqual({ stdout: "after\n", code: 0 });
    expect(stderr).toMatch(/NonInteractive|missing mandatory parameters/);
  });
});

describe("the engine", () => {
  it("finds comment-based help", async () => {
    const { stdout } = await runPowerShell(`
      <#
      .SYNOPSIS
      Does it.
      .PARAMETER Name
      The name.
      .EXAMPLE
      Do-It -Name x
      #>
      function Do-It { param([string] $Name) }
      (Get-Help Do-It).Synopsis
      (Get-Help Do-It -Parameter Name).description.Text
      (Get-Help Do-It -Examples).examples.example.code`);
    expect(lines(stdout)).toEqual(["Does it.", "The name.", "Do-It -Name x"]);
  });

  it("completes commands and arguments", async () => {
    const { stdout } = await runPowerShell(`
      function Use-Thing { param([ArgumentCompleter({ 'alpha', 'beta' })] $Name) }
      (TabExpansion2 'Use-Thi' 7).CompletionMatches.CompletionText
      [System.Management.Automation.CommandCompletion]::CompleteInput('Use-Thing -Name ', 16, $null).CompletionMatches.CompletionText`);
    expect(lines(stdout)).toEqual(["Use-Thing", "alpha", "beta"]);
  });

  it("loads a module of PSModulePath when a command of it is called", async () => {
    const { stdout } = await runPowerShell(`
      $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine($PSScriptRoot, 'Modules', 'Auto')).FullName
      [IO.File]::WriteAllText([IO.Path]::Combine($folder, 'Auto.psm1'), 'function Get-Auto { "loaded by name" }')
      $env:PSModulePath = [IO.Path]::Combine($PSScriptRoot, 'Modules') + [IO.Path]::PathSeparator + $env:PSModulePath
      Get-Auto`);
    expect(stdout).toBe("loaded by name\n");
  });

  it("runs script blocks in parallel", async () => {
    const { stdout } = await runPowerShell(
      "$n = 5; 1..3 | ForEach-Object -ThrottleLimit 1 -Parallel { $_ * $using:n }",
    );
    expect(lines(stdout)).toEqual(["5", "10", "15"]);
  });

  it("tells modules when it ends", async () => {
    const { stdout, code } = await runPowerShell(
      "$null = $ExecutionContext.Events.SubscribeEvent($null, 'PowerShell.Exiting', 'PowerShell.Exiting', $null, { [Console]::Out.WriteLine('bye') }, $true, $false); 'x'; exit 4",
    );
    expect({ stdout, code }).toEqual({ stdout: "x\nbye\n", code: 4 });
  });

  it("runs programs, with their output and exit code", async () => {
    const { stdout } = await runPowerShell(
      '$out = & $args[0] -e \'console.log("né"); process.exit(3)\'; "<$out>$LASTEXITCODE"',
      { args: [process.execPath] },
    );
    expect(stdout).toBe("<né>3\n");
  });
});

function lines(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}
