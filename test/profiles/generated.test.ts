import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changeGeneratedProfiles, generatedAmong } from "../../src/profiles/generated.ts";
import { readSharedConfig } from "../../src/profiles/read.ts";
import { contextOf, errorOf, temporaryDirectory } from "../credentials/fixtures.ts";

const role = (account: number, roleName = "Admin") => ({
  profileName: `account${account}-${roleName}`,
  settings: {
    ssoSession: "corp",
    ssoAccountId: String(account).padStart(12, "0"),
    ssoRoleName: roleName,
    region: "eu-west-1",
  },
});

function scene(content = "# mine\n", credentialsContent = "", more = {}) {
  const home = temporaryDirectory();
  mkdirSync(join(home, ".aws"));
  const [config, credentials] = [join(home, ".aws", "config"), join(home, ".aws", "credentials")];
  writeFileSync(config, content);
  writeFileSync(credentials, credentialsContent);
  const locations = { config, credentials, ...more };
  return {
    config,
    credentials,
    locations,
    text: () => readFileSync(config, "utf8"),
    write: (text: string) => writeFileSync(config, text),
    change: (profiles: ReturnType<typeof role>[], removes: string[] = []) =>
      changeGeneratedProfiles(profiles, removes, contextOf({ HOME: home }), locations),
  };
}

describe(changeGeneratedProfiles, () => {
  it("adds profiles at the end, and keeps every other byte", async () => {
    const { change, text, config } = scene("# mine\n[profile a]\nregion = us-east-1");
    expect(await change([role(1), role(2)])).toMatchObject({
      files: [config],
      added: ["account1-Admin", "account2-Admin"],
    });
    expect(text()).toMatch(
      /^# mine\n\[profile a\]\nregion = us-east-1\n\n\[profile account1-Admin\]\nsso_session = corp\nsso_account_id = 000000000001\nsso_role_name = Admin\nregion = eu-west-1\nrole_credentials_digest = [0-9a-f]{16}\n\n\[profile account2-Admin\]\n/,
    );
    const before = text();
    expect(await change([role(1), role(2)])).toMatchObject({
      files: [],
      unchanged: ["account1-Admin", "account2-Admin"],
    });
    expect(text()).toBe(before);
  });

  it("adds a thousand profiles in one change", async () => {
    const { change, locations, text } = scene();
    const roles = Array.from({ length: 1000 }, (_, index) => role(index));
    expect((await change(roles)).added).toHaveLength(1000);
    expect(readSharedConfig(locations).profiles()).toHaveLength(1000);
    const names = roles.map(({ profileName }) => profileName);
    expect(generatedAmong(names, locations).size).toBe(1000);
    expect((await change([], names)).removed).toHaveLength(1000);
    expect(readSharedConfig(locations).profiles()).toEqual([]);
    expect(text()).toBe("# mine\n\n");
  });

  it("changes no profile that has another role, and adds the rest", async () => {
    const { change, text } = scene("[profile account1-Admin]\nregion = x\n", "[account2-Admin]\nregion = y\n");
    expect(await change([role(1), role(2), role(3)])).toMatchObject({
      added: ["account3-Admin"],
      conflicts: [
        { profileName: "account1-Admin", setting: "ssoSession" },
        { profileName: "account2-Admin", setting: "ssoSession" },
      ],
    });
    expect(text()).toMatch(/^\[profile account1-Admin\]\nregion = x\n\n\[profile account3-Admin\]/);
  });

  it("removes a generated profile, and keeps what surrounds it", async () => {
    const before = "[profile a]\nregion = us-east-1\n\n";
    const { change, text, write } = scene(before);
    await change([role(1), role(2)]);
    write(`${text()}\n# above b\n[profile b]\nregion = x\n`);
    expect((await change([role(3)], ["account1-Admin", "account2-Admin"])).removed).toHaveLength(2);
    expect(text()).toMatch(
      /^\[profile a\]\nregion = us-east-1\n\n# above b\n\[profile b\]\nregion = x\n\n\[profile account3-Admin\]\n/,
    );
  });

  it.each<[string, (text: string) => string]>([
    ["has another value", (text) => text.replace("eu-west-1", "us-east-1")],
    ["has another setting", (text) => `${text}output = json\n`],
    ["has a comment", (text) => text.replace("region", "# mine\nregion")],
    ["has a comment at its end", (text) => `${text}# mine\n`],
    ["has a comment in its header", (text) => text.replace("]\n", "] # mine\n")],
    ["has two sections", (text) => `${text}\n[profile account1-Admin]\noutput = json\n`],
    ["is a copy under this name", (text) => text.replaceAll("account1-", "account9-")],
    ["has no digest", (text) => text.replace(/role_credentials_digest.*\n/, "")],
  ])("removes no profile that %s", async (_what, edit) => {
    const { change, text, write, locations } = scene();
    await change([role(1)]);
    write(edit(text()));
    const before = text();
    const names = ["account1-Admin", "account9-Admin"];
    expect(await change([], names)).toMatchObject({ files: [], removed: [] });
    expect(generatedAmong(names, locations).size).toBe(0);
    expect(text()).toBe(before);
  });

  it("removes no profile of which the credentials file has a part", async () => {
    const { change, credentials } = scene();
    await change([role(1)]);
    writeFileSync(credentials, "[account1-Admin]\nregion = us-east-1\n");
    expect((await change([], ["account1-Admin"])).removed).toEqual([]);
  });

  it("keeps a generated profile through a change of line breaks", async () => {
    const { change, text, write } = scene();
    await change([role(1)]);
    write(text().replaceAll("\n", "\r\n"));
    expect((await change([], ["account1-Admin"])).removed).toEqual(["account1-Admin"]);
  });

  it("stores in the file of -ProfileLocation", async () => {
    const { change, text, credentials } = scene("", "# mine\n", { storeInCredentialsOnly: true });
    expect((await change([role(1)])).files).toEqual([credentials]);
    expect(text()).toBe("");
    expect(readFileSync(credentials, "utf8")).toMatch(/^# mine\n\n\[account1-Admin\]\n/);
    expect((await change([], ["account1-Admin"])).removed).toEqual(["account1-Admin"]);
  });

  it.each([
    ["a name that some tools misread", { ...role(1), profileName: "my admin" }, "ProfileNameInvalid"],
    [
      "a value with a line break",
      { ...role(1), settings: { ...role(1).settings, ssoRoleName: "a\n[b]" } },
      "ValueRefused",
    ],
  ])("refuses %s, and adds no profile", async (_what, profile, code) => {
    const { change, text } = scene("[default]\n");
    expect((await errorOf(() => change([role(2), profile]))).code).toBe(code);
    expect(text()).toBe("[default]\n");
  });
});
