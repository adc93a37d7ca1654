import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  it("reads a secret without showing it", async () => {
    terminal.type(`'len' + 'gth ' + $Host.UI.ReadLineAsSecureString().Length; 'do' + 'ne'${enter}`);
    await terminal.waitFor(/ReadLineAsSecureString[\s\S]*\n/);
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
});
