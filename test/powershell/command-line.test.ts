import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPowerShell } from "../../scripts/powershell.mjs";
import { runArguments, runPowerShell } from "./run.ts";

const command = (text: string, stdin?: string) =>
  runArguments(["-NoLogo", "-NoProfile", "-Command", text], stdin === undefined ? {} : { stdin });
const commands = (...lines: string[]) =>
  runArguments(["-NoLogo", "-NoExit", "-NoProfile", "-Command", "-"], { stdin: `${lines.join("\n")}\n` });

describe("exit codes", () => {
  it.each([
    ["$x = 1", 0],
    ["exit 7", 7],
    ["exit", 0],
    ["try { exit 9 } finally { $x = 1 }", 9],
    ["throw 'bad'", 1],
    ["1 / 0", 1],
    ["1 / 0; 'and on'", 0],
    ["No-SuchCommand", 1],
    ["'unclosed", 1],
  ])("-Command %s ends with %i", async (text, code) => {
    expect((await command(text)).code).toBe(code);
  });

  it.each([
    ["exit 7", 7],
    ["function f { exit 8 }; f; 'not reached'", 8],
    ["throw 'bad'", 1],
    ["1 / 0; 'and on'", 0],
  ])("a script file of %s ends with %i", async (text, code) => {
    const result = await runPowerShell(text);
    expect(result).toMatchObject({ code });
    expect(result.stdout).not.toContain("not reached");
  });

  it("of a script file that is not there is 64", async () => {
    expect((await runArguments(["-NoProfile", "-File", "nowhere.ps1"])).code).toBe(64);
  });
});

describe("-Command -", () => {
  it("runs each line as it comes, and a block at its empty line", async () => {
    const { stdout, code } = await commands("1 + 1", "function f {", "'in f'", "}", "", "f", "exit 5");
    expect({ stdout, code }).toEqual({ stdout: "2\nin f\n", code: 5 });
  });

  it("goes on after errors, which go to standard error", async () => {
    const { stdout, stderr, code } = await commands("throw 'first'", "}", "No-SuchCommand", "'after'");
    expect({ stdout, code }).toEqual({ stdout: "after\n", code: 0 });
    expect(stderr).toMatch(/first[\s\S]*Unexpected token[\s\S]*No-SuchCommand/);
  });

  it("ends with 1 when the last command failed", async () => {
    expect((await commands("'fine'", "throw 'bad'")).code).toBe(1);
  });

  it("gives the lines that follow to a command that reads", async () => {
    const { stdout } = await commands('$answer = $Host.UI.ReadLine(); "<$answer>"', "the answer", "'next'");
    expect(stdout).toBe("<the answer>\nnext\n");
  });

  it("runs commands as node-powershell frames them", async () => {
    const { stdout, stderr } = await commands(
      '[Console]::Error.WriteLine("mark")',
      '[Console]::Out.WriteLine("mark")',
      "'out'",
      '[Console]::Error.WriteLine("mark")',
      '[Console]::Out.WriteLine("mark")',
    );
    expect({ stdout, stderr }).toEqual({ stdout: "mark\nout\nmark\n", stderr: "mark\nmark\n" });
  });
});

describe("arguments", () => {
  let folder: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "powershell-arguments-")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("of a script are bound by name and position", async () => {
    const script = "param([string] $Name, [switch] $Loud, [int] $Times) \"$Name|$Loud|$Times|$($args -join '+')\"";
    const { stdout } = await runPowerShell(script, {
      args: ["two words", "-Loud", "-Times", "3", "é 漢字", "-Other:x"],
    });
    expect(stdout).toBe("two words|True|3|é 漢字+-Other+x\n");
  });

  it("before the script may be abbreviated, and the script's own path is known to it", async () => {
    const file = join(folder, "where.ps1");
    writeFileSync(file, '"$PSScriptRoot|$PSCommandPath"');
    expect((await runArguments(["-nol", "-nop", "-f", file])).stdout).toBe(`${folder}|${file}\n`);
  });

  it("choose the working directory", async () => {
    const { stdout } = await runArguments(["-nop", "-wd", folder, "-c", "$PWD.Path"]);
    expect(stdout).toBe(`${folder}\n`);
  });

  it("carry an encoded command", async () => {
    const encoded = Buffer.from("'né 漢字'; exit 4", "utf16le").toString("base64");
    expect(await runArguments(["-nop", "-EncodedCommand", encoded])).toMatchObject({ stdout: "né 漢字\n", code: 4 });
  });

  it("ask for the version", async () => {
    expect((await runArguments(["-Version"])).stdout).toBe(`PowerShell ${findPowerShell().version}\n`);
  });
});

describe("standard input", () => {
  it("feeds a command that uses $input", async () => {
    expect((await command('foreach ($line in $input) { "<$line>" }', "a\nb é\n")).stdout).toBe("<a>\n<b é>\n");
  });

  it("without a command is a invocationId that shows what is typed", async () => {
    const { stdout } = await runArguments(["-NoLogo", "-NoProfile"], { stdin: "1 + 1\n" });
    expect(stdout).toMatch(/^PS .*> 1 \+ 1\n2\nPS .*> $/);
  });
});
