import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noTerminal, type Terminal } from "../powershell/terminal.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { openModuleTerminal } from "./workplace.ts";

const enter = "\r";

describe.skipIf(noTerminal)(`Connect-RoleConsole at a terminal${noTerminal ? ` (${noTerminal})` : ""}`, () => {
  let sandbox: Sandbox;
  let home: string;
  let terminal: Terminal;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox?.close());
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "role-credentials-connect-"));
    terminal = await openModuleTerminal(sandbox, home);
  });
  afterEach(() => {
    terminal?.close();
    rmSync(home, { recursive: true, force: true });
  });

  const linkShown = async () => {
    await terminal.waitFor(/\/v1\/authorize\?\S+code_challenge=[\w-]{43}/);
    return /https?:\/\/127\S+\/v1\/authorize\?\S+code_challenge=[\w-]{43}/.exec(terminal.screen)?.[0] ?? "";
  };
  const allow = (link: string) =>
    fetch(link, { method: "POST", body: new URLSearchParams({ decision: "allow" }), redirect: "manual" });

  it("prompts for the code of another device, and does not show it", async () => {
    terminal.type(`$DebugPreference = "Continue"; Connect-RoleConsole dev -Region eu-west-1 -Remote${enter}`);
    const answer = await allow(await linkShown());
    const page = await (await fetch(answer.headers.get("location") ?? "")).text();
    const code = /id="code">([^<]+)</.exec(page)?.[1] ?? "no code";
    await terminal.waitFor(/Code that the page shows/);
    terminal.type(`${code}${enter}`);
    await terminal.waitFor(/dev\s+111111111111\s+arn:aws:iam::111111111111:user\/jo/);
    expect(terminal.screen).not.toContain(code);
  });

  it("ends at once at Ctrl+C, closes its port, and stores nothing", async () => {
    terminal.type(`Connect-RoleConsole dev -NoBrowser${enter}`);
    const redirect = new URL(await linkShown()).searchParams.get("redirect_uri") ?? "";
    expect((await fetch(redirect)).status).toBe(400);
    await terminal.interrupt();
    terminal.type(`'al' + 'ive'${enter}`);
    await terminal.waitFor(/alive/);
    await expect
      .poll(
        () =>
          fetch(redirect).then(
            () => "open",
            () => "closed",
          ),
        { timeout: 20_000 },
      )
      .toBe("closed");
    expect(existsSync(join(home, ".aws", "config"))).toBe(false);
  });
});
