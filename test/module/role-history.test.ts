import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPowerShell } from "../powershell/run.ts";
import { roleArn } from "../sandbox/clients.ts";
import { openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

const admin = roleArn("Admin");
const hub = roleArn("Hub", "111111111111");

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({ config: `[profile prod]\nrole_arn = ${admin}\nsource_profile = default\nregion = eu-west-1\n` });
});
afterAll(() => work?.close());
beforeEach(() => work.session.run("Exit-Role -All; Clear-RoleHistory -Confirm:$false"));

const json = <T>(script: string) => work.session.json<T>(script);
const arns = () => json<string[]>("Get-RoleHistory | ForEach-Object RoleArn");

describe("Get-RoleHistory", () => {
  it("is empty at first, then lists the roles of Use-Role and Enter-Role, newest first", async () => {
    expect(await json("Get-RoleHistory")).toEqual([]);
    await work.session.run(`$null = Use-Role -ProfileName prod; Enter-Role ${hub}`);
    const [first, second] = await json<Record<string, unknown>[]>("Get-RoleHistory");
    expect(first).toMatchObject({ RoleArn: hub, Account: "111111111111", Role: "Hub" });
    expect(second).toMatchObject({ RoleArn: admin, ProfileName: "prod", Region: "eu-west-1" });
    expect(first).not.toHaveProperty("ProfileName");
  });

  it("does not list denied roles or plain keys", async () => {
    await work.session.run(`$null = Use-Role ${roleArn("DeniedByTrust")}; $null = Use-Role -ProfileName default`, {
      allowErrors: true,
    });
    expect(await json("Get-RoleHistory")).toEqual([]);
  });

  it("returns at most the requested number", async () => {
    await work.session.run(`$null = Use-Role ${hub}; $null = Use-Role ${admin}`);
    expect(await json("(Get-RoleHistory -First 1).RoleArn")).toBe(admin);
  });

  it("limits its size", async () => {
    await work.session.run("$null = 0..79 | ForEach-Object { [string](100000000000 + $_) } | Use-Role -RoleName Audit");
    expect(await arns()).toHaveLength(50);
  });

  it("pipes into Enter-Role and Use-Role by profile, or else by ARN", async () => {
    await work.session.run(`$null = Use-Role ${hub}; $null = Use-Role -ProfileName prod`);
    expect(await json("Get-RoleHistory -First 1 | Enter-Role; (Get-Role).ProfileName; Exit-Role")).toBe("prod");
    expect(await json("Get-RoleHistory | Use-Role -InOrder | ForEach-Object RoleArn")).toEqual([admin, hub]);
    expect(await json("Get-RoleProfile prod | Enter-Role; (Get-Role).ProfileName; Exit-Role")).toBe("prod");
    expect(await json("Get-RoleHistory | Open-RoleConsole -PassThru")).toHaveLength(2);
  });

  it("stores a file for the owner only, without secrets", async () => {
    await work.session.run(`$null = Use-Role ${admin}; $null = Get-RoleHistory`);
    const file = join(work.session.home, ".aws", "role-credentials", "settings.ini");
    expect(readFileSync(file, "utf8")).not.toMatch(secretPattern);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("lists the role of a script that ended immediately", async () => {
    const home = work.session.home;
    const manifest = join(import.meta.dirname, "..", "..", "module", "RoleCredentials.psd1");
    const { stderr } = await runPowerShell(`Import-Module '${manifest}'; $null = Use-Role ${hub}`, {
      env: { ...work.sandbox.environment, HOME: home, USERPROFILE: home },
    });
    expect(stderr).toBe("");
    await expect.poll(arns, { timeout: 5000 }).toEqual(hub);
  });

  it("displays a table", async () => {
    const { stdout } = await work.session.run("$null = Use-Role -ProfileName prod; Get-RoleHistory");
    expect(stdout).toMatch(/LastUsed +Account +Role +ProfileName/);
    expect(stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\dZ 123456789012 Admin +prod/);
  });
});

describe("Clear-RoleHistory", () => {
  beforeEach(() => work.session.run(`$null = Use-Role ${hub}; $null = Use-Role ${admin}`));

  it("removes one role, by name or from the pipeline", async () => {
    await work.session.run(`Clear-RoleHistory ${hub}`);
    expect(await arns()).toBe(admin);
    await work.session.run("Get-RoleHistory | Clear-RoleHistory");
    expect(await arns()).toEqual([]);
  });

  it("removes all roles, and reports the number with -WhatIf", async () => {
    const { stdout } = await work.session.run("Clear-RoleHistory -WhatIf");
    expect(stdout).toMatch(/Forget.*2 roles/s);
    expect(await arns()).toHaveLength(2);
    await work.session.run("Clear-RoleHistory");
    expect(await arns()).toEqual([]);
  });

  it("accepts an empty history", async () => {
    const { errors } = await work.session.run(`Clear-RoleHistory ${roleArn("Nobody")}`);
    expect(errors).toEqual([]);
    expect(await arns()).toHaveLength(2);
  });
});
