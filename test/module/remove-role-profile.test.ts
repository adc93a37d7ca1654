import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPowerShell, quote } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { credentialsFile, openWorkplace, type Workplace } from "./workplace.ts";

const before = `# the first\n${credentialsFile("default")}\n; the second\r\n`;
const section = credentialsFile("prod");
const after = `[last]\r\naws_access_key_id=AKIA\r\naws_secret_access_key=x`;
const config = `[default]\nregion = eu-west-1\n[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = default\n`;

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
});
afterAll(() => work.close());
beforeEach(() => work.store({ credentials: before + section + after, config }));

const read = (name: string) => readFileSync(join(work.session.home, ".aws", name), "utf8");

describe("Remove-RoleProfile", () => {
  it("removes a profile from both files and keeps every other byte", async () => {
    await work.session.run("Remove-RoleProfile prod -Force");
    expect(read("credentials")).toBe(before + after);
    expect(read("config")).toBe("[default]\nregion = eu-west-1\n");
  });

  it.each([
    ["by name", "Remove-RoleProfile prod, last -Force", ["default"]],
    ["from the pipeline", "'prod' | Remove-RoleProfile -Confirm:$false", ["default", "last"]],
    ["from Get-RoleProfile", "Get-RoleProfile pr* | Remove-RoleProfile -Force", ["default", "last"]],
    ["by AWS Tools' alias", "Remove-RoleProfile -StoredCredentials prod -Force", ["default", "last"]],
  ])("removes profiles %s", async (_, script, left) => {
    await work.session.run(script);
    expect([await work.session.json("(Get-RoleProfile).ProfileName")].flat()).toEqual(left);
  });

  it("asks for confirmation and follows the answer", async () => {
    const no = await work.session.run("Remove-RoleProfile prod", { answers: ["n"] });
    expect(no.stdout).toMatch(/"Remove" on target "profile 'prod' in\s+\S*config,\s+\S*credentials"/);
    expect(read("config")).toBe(config);
    await work.session.run("Remove-RoleProfile prod", { answers: ["y"] });
    expect(read("config")).not.toContain("prod");
  });

  it("removes nothing with -WhatIf, even with -Force", async () => {
    const { stdout } = await work.session.run(
      "Remove-RoleProfile prod -WhatIf; Remove-RoleProfile prod -Force -WhatIf",
    );
    expect(stdout.match(/What if: .*profile 'prod'/g)).toHaveLength(2);
    expect(read("credentials")).toBe(before + section + after);
  });

  it("reports names that are missing or differ in case, and removes the others", async () => {
    const { errors } = await work.session.run("Remove-RoleProfile PROD, prod, 'pr*' -Force", { allowErrors: true });
    expect(errors).toMatchObject([
      {
        id: "ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand",
        category: "ObjectNotFound",
        target: "PROD",
        terminating: false,
      },
      { id: "ProfileNotFound,RoleCredentials.RemoveRoleProfileCommand", target: "pr*" },
    ]);
    expect(read("config")).toBe("[default]\nregion = eu-west-1\n");
  });

  it("removes nothing without a terminal", async () => {
    const quiet = await openPowerShell({
      module: true,
      nonInteractive: true,
      env: { AWS_CONFIG_FILE: join(work.session.home, ".aws", "config") },
    });
    try {
      const { errors } = await quiet.run(`Remove-RoleProfile ${quote("prod")}`, { allowErrors: true });
      expect(errors).toHaveLength(1);
      expect(read("config")).toBe(config);
    } finally {
      await quiet.close();
    }
  });
});
