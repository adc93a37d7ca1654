import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPowerShell } from "../../scripts/powershell.mjs";
import { noTerminal, openTerminal, type Terminal } from "./terminal.ts";

const prompt = /PS [^\n]*> /;
const enter = "\r";
const control = { C: "\x03" };

describe.skipIf(noTerminal)(`PowerShell at a terminal${noTerminal ? ` (${noTerminal})` : ""}`, () => {
  let terminal: Terminal;
  beforeEach(async () => {
    // Without PSReadLine, which draws in its own way and needs a terminal that does more than answer.
    terminal = openTerminal([
      "-NoExit",
      "-Command",
      "if (Get-Module PSReadLine) { Remove-Module PSReadLine }; 'ready'",
    ]);
    await terminal.waitFor(/ready/);
  });
  afterEach(() => terminal.close());

  it("stops a running command at Ctrl+C and goes on", async () => {
    terminal.type(`'be' + 'gun'; while ($true) { [System.Threading.Thread]::Sleep(20) }; 'not ' + 'reached'${enter}`);
    await terminal.waitFor(/begun/);
    terminal.type(control.C);
    terminal.type(`'still ' + 'alive'${enter}`);
    await terminal.waitFor(/still alive/);
    expect(terminal.screen).not.toContain("not reached");
    terminal.type(`exit 3${enter}`);
    expect(await terminal.exitCode()).toBe(3);
  });

  it("runs finally blocks at Ctrl+C", async () => {
    terminal.type(
      `try { 'be' + 'gun'; while ($true) { [System.Threading.Thread]::Sleep(20) } } finally { [Console]::WriteLine('cleaned ' + 'up') }${enter}`,
    );
    await terminal.waitFor(/begun/);
    terminal.type(control.C);
    await terminal.waitFor(/cleaned up/);
  });

  it("keeps the question on the line where it is answered", async () => {
    terminal.type(`$Host.UI.Write('que' + 'stion: '); 'you ' + 'said ' + $Host.UI.ReadLine()${enter}`);
    await terminal.waitFor(/question: /);
    terminal.type("yes");
    // pwsh draws where it is told that the cursor stands, and this terminal always says the same.
    await terminal.waitFor(findPowerShell().embedded ? /question: yes/ : /yes/);
    terminal.type(enter);
    await terminal.waitFor(/you said yes/);
  });

  it("reads a secret without showing it", async () => {
    await terminal.waitFor(prompt);
    terminal.type(
      `$Host.UI.Write('ask' + 'ing'); 'len' + 'gth ' + $Host.UI.ReadLineAsSecureString().Length; 'do' + 'ne'${enter}`,
    );
    await terminal.waitFor(/asking/);
    // What is typed before a program listens is echoed by the terminal itself, and a loaded machine takes a moment.
    await setTimeout(500);
    terminal.type(`hunter2${enter}`);
    await terminal.waitFor(/length 7[\s\S]*done/);
    expect(terminal.screen).toMatch(/(\*[^*]*){7}/);
    expect(terminal.screen).not.toContain("hunter2");
  });

  it("goes on asking until a command is whole", async () => {
    terminal.type(`function f {${enter}`);
    await terminal.waitFor(/>> /);
    terminal.type(`'from' + ' f'${enter}}${enter}${enter}f${enter}`);
    await terminal.waitFor(/from f/);
  });

  it("leaves a half-typed line at Ctrl+C", async () => {
    await terminal.waitFor(prompt);
    terminal.type(`throw 'never`);
    await terminal.waitFor(/never/);
    terminal.type(control.C);
    terminal.type(`'next ' + 'line'${enter}`);
    await terminal.waitFor(/next line/);
  });

  // pwsh leaves these to PSReadLine.
  describe.runIf(findPowerShell({ PATH: process.env.PATH }).embedded)("with the embedded editor", () => {
    it("recalls and edits earlier lines", async () => {
      terminal.type(`$n = 20; 'is ' + (2 * $n + 1)${enter}`);
      await terminal.waitFor(/is 41/);
      // Up, to the 1 before the parenthesis, and 2 instead of it.
      terminal.type(`\x1b[A\x1b[D\x7f2${enter}`);
      await terminal.waitFor(/is 42/);
    });

    it("completes at Tab, and on to the next match", async () => {
      terminal.type(
        `function Get-FirstThing { 'it was ' + 'first' }; function Get-SecondThing { 'it was ' + 'second' }; 'defi' + 'ned'${enter}`,
      );
      await terminal.waitFor(/defined/);
      terminal.type(`get-*thing\t${enter}`);
      await terminal.waitFor(/it was first/);
      terminal.type(`get-*thing\t\t${enter}`);
      await terminal.waitFor(/it was second/);
    });

    it("draws a line that is longer than the terminal is wide", async () => {
      const long = "x".repeat(200);
      terminal.type(`'${long}'.Length + 100000${enter}`);
      await terminal.waitFor(/100200/);
    });
  });
});
