import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storeSsoSession } from "../../src/profiles/store-session.ts";
import { contextOf, errorOf, temporaryDirectory } from "../credentials/fixtures.ts";

const portal = { ssoStartUrl: "https://corp.awsapps.com/start", ssoRegion: "eu-west-1" };

function scene(content: string) {
  const home = temporaryDirectory();
  mkdirSync(join(home, ".aws"));
  const config = join(home, ".aws", "config");
  writeFileSync(config, content);
  const locations = { config, credentials: join(home, ".aws", "credentials") };
  return {
    config,
    text: () => readFileSync(config, "utf8"),
    store: (name: string, changes = {}, more = {}) =>
      storeSsoSession(name, changes, contextOf({ HOME: home }), { ...locations, ...more }, {}),
  };
}

describe(storeSsoSession, () => {
  it("adds a session as aws configure sso does, and keeps everything else", async () => {
    const { store, text, config } = scene("# mine\n[profile a]\nregion = us-east-1");
    expect(await store("corp", portal)).toEqual([config]);
    expect(text()).toBe(
      "# mine\n[profile a]\nregion = us-east-1\n\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" +
        "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access",
    );
    expect(await store("corp", portal)).toEqual([]);
  });

  it("changes only the given settings of a session", async () => {
    const before = `[sso-session corp]\nsso_start_url = ${portal.ssoStartUrl}\nsso_region = us-east-1 # why\nmore = 1\n`;
    const { store, text } = scene(before);
    await store("corp", { ssoRegion: "eu-west-1" });
    expect(text()).toBe(
      `[sso-session corp]\nsso_start_url = ${portal.ssoStartUrl}\n# why\nsso_region = eu-west-1\nmore = 1\n`,
    );
  });

  it("stores the given scopes", async () => {
    const { store, text } = scene("");
    await store("corp", { ...portal, ssoRegistrationScopes: "sso:account:access,codewhisperer:completions" });
    expect(text()).toContain("sso_registration_scopes = sso:account:access,codewhisperer:completions");
  });

  it.each<[string, string, object, object, string]>([
    ["no start URL", "corp", { ssoRegion: "eu-west-1" }, {}, "ProfileIncomplete"],
    ["no region", "corp", { ssoStartUrl: portal.ssoStartUrl }, {}, "ProfileIncomplete"],
    ["a name that some tools misread", "my corp", portal, {}, "ProfileNameInvalid"],
    ["a value with a line break", "corp", { ...portal, ssoStartUrl: "https://x\n[y]" }, {}, "ValueRefused"],
    ["-ProfileLocation", "corp", portal, { storeInCredentialsOnly: true }, "ParameterConflict"],
  ])("refuses %s, and changes nothing", async (_what, name, changes, more, code) => {
    const { store, text } = scene("[default]\n");
    expect((await errorOf(() => store(name, changes, more))).code).toBe(code);
    expect(text()).toBe("[default]\n");
  });
});
