import { describe, expect, it } from "vitest";
import { type CompletionSources, completionsFor } from "../../src/completion/completions.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { CompletionParams, CompletionSubject } from "../../src/protocol/completion-messages.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { UsedRole } from "../../src/protocol/history-messages.ts";

const profiles: Record<string, Settings> = {
  default: { accessKeyId: "AKIA", secretAccessKey: "never shown", region: "eu-west-1" },
  prod: {
    roleArn: "arn:aws:iam::123456789012:role/Admin",
    sourceProfile: "default",
    mfaSerial: "arn:aws:iam::111111111111:mfa/jo",
  },
  "my profile": { ssoAccountId: "222222222222", ssoRoleName: "ReadOnly" },
  staff: { ssoSession: "corp", ssoAccountId: "222222222222", ssoRoleName: "Auditor" },
  console: { loginSession: "arn:aws:iam::333333333333:user/jo" },
  Production: { credentialProcess: "secret --password hunter2" },
  broken: { roleArn: "no arn" },
  empty: { region: "us-east-1" },
};
const history: UsedRole[] = [
  {
    roleArn: "arn:aws:iam::222222222222:role/ops/Deploy",
    lastUsed: "2030-01-02T03:04:05.000Z",
    displayName: "Deploys",
    region: "eu-west-1",
  },
  { roleArn: "arn:aws:iam::123456789012:role/Admin", lastUsed: "2030-01-01T00:00:00.000Z", profileName: "prod" },
];

const sources: CompletionSources = {
  profiles: () => Object.entries(profiles).map(([name, settings]) => ({ name, settings })),
  ssoSessions: () => ["corp", "other"],
  listedRoles: (session) => (session === "listed" ? listed : []),
  history: () => history,
  environment: {},
};

function complete(
  subject: CompletionSubject,
  word = "",
  more: Partial<CompletionParams> = {},
  environment: Environment = {},
) {
  return completionsFor({ subject, word, ...more }, { ...sources, environment });
}
/** The completions of profiles with these names and settings. */
function completeProfiles(word: string, found: ReturnType<CompletionSources["profiles"]>) {
  return completionsFor({ subject: "profile", word }, { ...sources, profiles: () => found });
}
const texts = (...args: Parameters<typeof complete>) => complete(...args).map(({ text }) => text);

const listed = [
  { accountId: "222222222222", accountName: "Staging", roleName: "PowerUser" },
  { accountId: "222222222222", accountName: "Staging", roleName: "ReadOnly" },
  { accountId: "333333333333", accountName: "Sandbox" },
];

describe(completionsFor, () => {
  it("offers the accounts and roles of a session that have been listed", () => {
    expect(complete("account", "", { ssoSession: "listed" })).toEqual([
      { text: "222222222222", tip: "In IAM Identity Center: Staging" },
      { text: "333333333333", tip: "In IAM Identity Center: Sandbox" },
    ]);
    expect(texts("roleName", "", { ssoSession: "listed", accountId: "222222222222" })).toEqual([
      "PowerUser",
      "ReadOnly",
    ]);
    expect(texts("account", "", { ssoSession: "listed", roleName: "ReadOnly" })).toEqual(["222222222222"]);
  });

  it("offers texts that start with the word before texts that contain it, ignoring case", () => {
    expect(texts("profile", "pro")).toEqual(["prod", "Production", "my profile"]);
  });

  it("offers texts that match the word's wildcards", () => {
    expect(texts("profile", "*ro?")).toEqual(["prod", "my profile", "Production", "broken"]);
    expect(texts("profile", "p*n")).toEqual(["Production"]);
    expect(texts("profile", "p.*[")).toEqual([]);
    expect(texts("profile", "*\\d")).toEqual([]);
  });

  it("offers all profiles with descriptions, without secrets", () => {
    expect(complete("profile")).toEqual([
      { text: "default", tip: "Keys, eu-west-1" },
      { text: "prod", tip: "Role arn:aws:iam::123456789012:role/Admin from default, with MFA" },
      { text: "my profile", tip: "IAM Identity Center: ReadOnly in 222222222222" },
      { text: "staff", tip: "IAM Identity Center: Auditor in 222222222222 from corp" },
      { text: "console", tip: "aws login: arn:aws:iam::333333333333:user/jo" },
      { text: "Production", tip: "Credentials from a process" },
      { text: "broken", tip: "Role no arn" },
      { text: "empty", tip: "Settings only, us-east-1" },
    ]);
  });

  it("offers each role once: recently used ones, then those of the profiles", () => {
    expect(complete("role")).toEqual([
      { text: "arn:aws:iam::222222222222:role/ops/Deploy", tip: "Deploys: used 2030-01-02 03:04 UTC, eu-west-1" },
      { text: "arn:aws:iam::123456789012:role/Admin", tip: "Role: used 2030-01-01 00:00 UTC, profile prod" },
    ]);
  });

  it("finds a role by any part of its ARN", () => {
    expect(texts("role", "deploy")).toEqual(["arn:aws:iam::222222222222:role/ops/Deploy"]);
  });

  it("offers role names with their paths, limited to the given account", () => {
    expect(texts("roleName")).toEqual(["ops/Deploy", "Admin"]);
    expect(texts("roleName", "", { accountId: "123456789012" })).toEqual(["Admin"]);
  });

  it("offers accounts, limited to the given role", () => {
    expect(texts("account")).toEqual(["222222222222", "123456789012"]);
    expect(texts("account", "", { roleName: "/ops/Deploy" })).toEqual(["222222222222"]);
  });

  it("offers the sessions of IAM Identity Center, and a session's accounts and roles", () => {
    expect(texts("ssoSession", "co")).toEqual(["corp"]);
    expect(texts("account", "", { ssoSession: "corp" })).toEqual(["222222222222"]);
    expect(texts("roleName", "", { ssoSession: "corp", accountId: "222222222222" })).toEqual(["Auditor"]);
    expect(texts("roleName", "", { ssoSession: "other" })).toEqual([]);
  });

  it("offers regions with their long names, those of the implied partition first", () => {
    expect(complete("region", "eu-west-1")).toEqual([{ text: "eu-west-1", tip: "Europe (Ireland)" }]);
    expect(texts("region")[0]).toBe("af-south-1");
    expect(texts("region", "", { roleArn: "arn:aws-cn:iam::444444444444:role/x" })[0]).toBe("cn-north-1");
    expect(texts("region", "", {}, { AWS_REGION: "us-gov-west-1" })[0]).toBe("us-gov-east-1");
  });

  it("offers the MFA devices of profiles", () => {
    expect(complete("mfaSerial")).toEqual([
      { text: "arn:aws:iam::111111111111:mfa/jo", tip: "MFA device of profile prod" },
    ]);
  });

  it("offers AWS managed policies in the partition of the role", () => {
    expect(texts("policy", "readonlyaccess")).toContain("arn:aws:iam::aws:policy/ReadOnlyAccess");
    const inChina = complete("policy", "", { roleArn: "arn:aws-cn:iam::444444444444:role/x" });
    expect(inChina.every(({ text }) => text.startsWith("arn:aws-cn:iam::aws:policy/"))).toBe(true);
  });

  it("offers the console's services", () => {
    expect(complete("destination", "lam")).toEqual([{ text: "lambda", tip: "Lambda: lambda/home" }]);
  });

  it("omits names with control characters, and escapes descriptions", () => {
    const evil = "a\u001b[31mb";
    expect(completeProfiles("", [{ name: evil, settings: {} }])).toEqual([]);
    const [named] = completeProfiles("", [{ name: "a", settings: { region: "\u202edlrow" } }]);
    expect(named?.tip).toContain("\\u202edlrow");
  });

  it("limits the number of completions", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ name: `profile-${index}`, settings: {} }));
    expect(completeProfiles("", many)).toHaveLength(500);
    expect(completeProfiles("profile-9999", many)).toHaveLength(1);
  });
});
