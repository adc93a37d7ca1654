import { describe, expect, it } from "vitest";
import { chooseSession } from "../../src/identity-center/choose-session.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { SsoSessionChoice } from "../../src/protocol/identity-center-messages.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { errorOf } from "../credentials/fixtures.ts";

const corp = { ssoStartUrl: "https://corp.awsapps.com/start", ssoRegion: "eu-west-1" };
const account = { ssoAccountId: "123456789012", ssoRoleName: "Admin" };
const profiles: Record<string, Settings> = {
  staff: { ...account, ssoSession: "corp", caBundle: "/ca.pem" },
  tokens: { ssoSession: "corp" },
  legacy: { ...account, ...corp },
  prod: { roleArn: "arn:aws:iam::1:role/x", sourceProfile: "staff" },
  loop: { roleArn: "arn:aws:iam::1:role/x", sourceProfile: "loop" },
  keys: { accessKeyId: "A" },
};

function choose(
  choice: SsoSessionChoice,
  environmentProfile = "default",
  sessions: Record<string, Settings> = { corp },
) {
  const from = environmentProfile === "default" ? "default" : "AWS_PROFILE";
  return chooseSession(choice, profilesOf(profiles, sessions), { name: environmentProfile, from });
}

describe(chooseSession, () => {
  it.each<[string, SsoSessionChoice, object]>([
    ["a session", { ssoSession: "corp" }, { sessionName: "corp", startUrl: corp.ssoStartUrl, region: "eu-west-1" }],
    ["a profile", { profileName: "staff" }, { sessionName: "corp", profileName: "staff" }],
    ["a profile without a role", { profileName: "tokens" }, { sessionName: "corp" }],
    ["a profile in the legacy form", { profileName: "legacy" }, { startUrl: corp.ssoStartUrl, profileName: "legacy" }],
    ["the source of a profile", { profileName: "prod" }, { sessionName: "corp", profileName: "staff" }],
    ["a start URL", { startUrl: "https://x.awsapps.com/start", ssoRegion: "us-east-1" }, { region: "us-east-1" }],
  ])("takes %s", (_what, choice, expected) => {
    expect(choose(choice).session).toMatchObject(expected);
  });

  it("sends the profile's calls over its own proxy and certificates", () => {
    expect(choose({ profileName: "staff" }).settings.caBundle).toBe("/ca.pem");
  });

  it("takes the session of the environment's profile, and else the only one", () => {
    expect(choose({}, "staff").session.profileName).toBe("staff");
    expect(choose({}, "keys").session).toMatchObject({ sessionName: "corp" });
  });

  it("uses no other session if AWS_PROFILE names a profile that does not exist", async () => {
    const error = await errorOf(() => choose({}, "gone"));
    expect([error.code, error.message]).toEqual([
      "ProfileNotFound",
      "There is no profile 'gone', which AWS_PROFILE names.",
    ]);
  });

  it("splits the scopes as the AWS CLI does", () => {
    const sessions = { corp: { ...corp, ssoRegistrationScopes: " sso:account:access, codewhisperer:completions,," } };
    expect(choose({ ssoSession: "corp" }, "default", sessions).session.scopes).toEqual([
      "sso:account:access",
      "codewhisperer:completions",
    ]);
  });

  it.each<[string, SsoSessionChoice, string, string]>([
    ["two ways to name it", { ssoSession: "corp", profileName: "staff" }, "ParameterConflict", "Use one"],
    ["a start URL without a region", { startUrl: corp.ssoStartUrl }, "ParameterConflict", "both"],
    ["a region without a start URL", { ssoRegion: "eu-west-1" }, "ParameterConflict", "both"],
    ["a start URL without TLS", { startUrl: "http://x/start", ssoRegion: "r" }, "StartUrlInvalid", "https://"],
    ["a start URL with a password", { startUrl: "https://a:b@x/start", ssoRegion: "r" }, "StartUrlInvalid", "https://"],
    [
      "a start URL with a line break",
      { startUrl: "https://x.awsapps.com/st\nart", ssoRegion: "r" },
      "StartUrlInvalid",
      "https://",
    ],
    ["a start URL after a space", { startUrl: " https://x.awsapps.com/start", ssoRegion: "r" }, "StartUrlInvalid", ""],
    [
      "a region that is another host",
      { startUrl: corp.ssoStartUrl, ssoRegion: "x@evil.example/" },
      "RegionInvalid",
      "eu-west-1",
    ],
    [
      "a session that is not there",
      { ssoSession: "gone" },
      "SsoSessionNotFound",
      "Set-RoleCredentials -SsoSession gone",
    ],
    ["a profile that is not there", { profileName: "gone" }, "ProfileNotFound", ""],
    ["a profile of keys", { profileName: "keys" }, "ProfileIncomplete", "-SsoSession"],
    ["a profile that is its own source", { profileName: "loop" }, "ProfileIncomplete", "-SsoSession"],
  ])("refuses %s, and names the next step", async (_what, choice, code, action) => {
    const error = await errorOf(() => choose(choice));
    expect(error.code).toBe(code);
    expect(error.details.action).toContain(action);
  });

  it.each<[string, SsoSessionChoice]>([
    ["sso_region of sso-session 'corp'", { ssoSession: "corp" }],
    ["sso_region of sso-session 'corp'", { profileName: "staff" }],
    ["-SsoRegion", { startUrl: corp.ssoStartUrl, ssoRegion: "a b" }],
  ])("names %s if its value is not a region", async (named, choice) => {
    const error = await errorOf(() => choose(choice, "default", { corp: { ...corp, ssoRegion: "a b" } }));
    expect([error.code, error.details.target]).toEqual(["RegionInvalid", named]);
  });

  it("asks which session if there are several or none", async () => {
    const several = await errorOf(() => choose({}, "keys", { corp, other: corp }));
    expect(several.message).toContain("corp, other");
    expect(several.details.action).toContain("-SsoSession");
    const none = await errorOf(() => choose({}, "keys", {}));
    expect(none.details.action).toContain("-StartUrl");
  });
});
