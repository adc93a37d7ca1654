import { describe, expect, it } from "vitest";
import { ssoCliKey, ssoLoginOf } from "../../src/identity-center/sso-login.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import { errorOf, profileOf } from "../credentials/fixtures.ts";

const session = { ssoStartUrl: "https://corp.awsapps.com/start", ssoRegion: "eu-central-1" };
const shared = (settings?: Settings) => ({ ssoSession: (name: string) => (name === "corp" ? settings : undefined) });
const account = { ssoAccountId: "123456789012", ssoRoleName: "Admin" };

describe(ssoLoginOf, () => {
  it("merges a profile with the session that it names", () => {
    const profile = profileOf({ ...account, ssoSession: "corp" });
    expect(ssoLoginOf(profile, shared(session))).toEqual({
      profileName: "prod",
      accountId: "123456789012",
      roleName: "Admin",
      startUrl: session.ssoStartUrl,
      region: "eu-central-1",
      sessionName: "corp",
    });
  });

  it("accepts the legacy form, with all settings in the profile", () => {
    expect(ssoLoginOf(profileOf({ ...account, ...session }), shared())).toEqual({
      profileName: "prod",
      accountId: "123456789012",
      roleName: "Admin",
      startUrl: session.ssoStartUrl,
      region: "eu-central-1",
    });
  });

  it("accepts a profile that repeats its session's settings", () => {
    const profile = profileOf({ ...account, ...session, ssoSession: "corp" });
    expect(ssoLoginOf(profile, shared(session)).sessionName).toBe("corp");
  });

  it.each<[string, Settings, Settings | undefined, string]>([
    ["a session that does not exist", { ...account, ssoSession: "gone" }, session, "SsoSessionNotFound"],
    ["no account", { ssoRoleName: "Admin", ssoSession: "corp" }, session, "ProfileIncomplete"],
    ["no role", { ssoAccountId: "1", ssoSession: "corp" }, session, "ProfileIncomplete"],
    ["neither (a sign-in for tokens only)", { ssoSession: "corp" }, session, "ProfileIncomplete"],
    ["no region in the session", { ...account, ssoSession: "corp" }, { ssoStartUrl: "u" }, "ProfileIncomplete"],
    ["no start URL in the session", { ...account, ssoSession: "corp" }, { ssoRegion: "r" }, "ProfileIncomplete"],
    ["no start URL in the legacy form", { ...account, ssoRegion: "r" }, undefined, "ProfileIncomplete"],
    [
      "a different region than its session",
      { ...account, ssoSession: "corp", ssoRegion: "x" },
      session,
      "SourceConflict",
    ],
    [
      "a different URL than its session",
      { ...account, ssoSession: "corp", ssoStartUrl: "x" },
      session,
      "SourceConflict",
    ],
  ])("rejects a profile with %s", async (_what, settings, known, code) => {
    const error = await errorOf(() => ssoLoginOf(profileOf(settings), shared(known)));
    expect(error.code).toBe(code);
    expect(error.details.target).toBe("prod");
  });
});

describe(ssoCliKey, () => {
  it("contains the session's name, or the start URL in the legacy form", () => {
    expect(ssoCliKey(ssoLoginOf(profileOf({ ...account, ssoSession: "corp" }), shared(session)))).toEqual({
      accountId: "123456789012",
      roleName: "Admin",
      sessionName: "corp",
    });
    expect(ssoCliKey(ssoLoginOf(profileOf({ ...account, ...session }), shared()))).toEqual({
      accountId: "123456789012",
      roleName: "Admin",
      startUrl: session.ssoStartUrl,
    });
  });
});
