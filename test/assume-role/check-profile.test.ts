import { describe, expect, it } from "vitest";
import { checkProfile } from "../../src/assume-role/check-profile.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Changes } from "../../src/profiles/store.ts";
import { contextOf, errorOf, textsOf } from "../credentials/fixtures.ts";
import { profilesOf } from "./fixtures.ts";

const roleArn = "arn:aws:iam::123456789012:role/Admin";
const keys: Settings = { accessKeyId: "AKIA", secretAccessKey: "secret-of-file" };
const stored: Record<string, Settings> = {
  base: keys,
  prod: { roleArn, sourceProfile: "base" },
  ec2: { roleArn, credentialSource: "Ec2InstanceMetadata" },
  sso: { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "Admin" },
  web: { roleArn, webIdentityTokenFile: "/token" },
  plain: { region: "eu-west-1" },
};
const check = (name: string, changes: Changes) => checkProfile(name, changes, profilesOf(stored), contextOf());

describe(checkProfile, () => {
  it.each<[string, string, Changes]>([
    ["keys for a new profile", "new", { ...keys }],
    ["keys with a token", "new", { ...keys, sessionToken: "t" }],
    ["one half of existing keys", "base", { secretAccessKey: "other" }],
    ["a role with an existing source", "new", { roleArn, sourceProfile: "base" }],
    ["a role with a role as source", "new", { roleArn, sourceProfile: "prod" }],
    ["a role whose keys are in the same profile", "base", { roleArn, sourceProfile: "base" }],
    ["keys and a role at once", "new", { ...keys, roleArn, sourceProfile: "new" }],
    ["a role of the container", "new", { roleArn, credentialSource: "EcsContainer" }],
    ["a change of a role's session", "prod", { externalId: "ticket-42", durationSeconds: "7200" }],
    ["an MFA device for keys without a role", "base", { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" }],
    ["a region", "prod", { region: "eu-west-1" }],
    ["settings that are unrelated to roles", "new", { output: "json" }],
    ["the removal of an absent setting", "new", { externalId: null }],
    ["a web identity", "new", { roleArn, webIdentityTokenFile: "/token" }],
  ])("accepts %s", (_what, name, changes) => {
    expect(check(name, changes)).toMatchObject(changes);
  });

  it("replaces one source with the other", () => {
    expect(check("prod", { credentialSource: "EcsContainer" })).toEqual({
      credentialSource: "EcsContainer",
      sourceProfile: null,
    });
    expect(check("ec2", { sourceProfile: "base" })).toEqual({ sourceProfile: "base", credentialSource: null });
  });

  it.each<[string, string, Changes, string, string?]>([
    ["an access key without a secret", "new", { accessKeyId: "AKIA" }, "ProfileIncomplete", "new"],
    ["a secret without an access key", "new", { secretAccessKey: "secret-of-file" }, "ProfileIncomplete", "new"],
    [
      "the removal of an access key's secret",
      "base",
      { accessKeyId: "AKIB", secretAccessKey: null },
      "ProfileIncomplete",
      "base",
    ],
    ["keys beside a role that another profile assumes", "prod", { ...keys }, "SourceConflict", "prod"],
    ["keys beside a role that the instance assumes", "ec2", { ...keys }, "SourceConflict", "ec2"],
    ["keys beside IAM Identity Center", "sso", { ...keys }, "SourceConflict", "sso"],
    ["keys beside a web identity", "web", { ...keys }, "SourceConflict", "web"],
    ["a role without a source", "new", { roleArn }, "SourceMissing", "new"],
    ["the removal of a role's source", "prod", { sourceProfile: null }, "SourceMissing", "prod"],
    [
      "two sources at once",
      "new",
      { roleArn, sourceProfile: "base", credentialSource: "Environment" },
      "SourceConflict",
      "new",
    ],
    ["a missing source", "new", { roleArn, sourceProfile: "gone" }, "SourceProfileNotFound", "gone"],
    ["a source without credentials", "new", { roleArn, sourceProfile: "plain" }, "ProfileIncomplete", "plain"],
    [
      "a cycle",
      "base",
      { roleArn, sourceProfile: "prod", accessKeyId: null, secretAccessKey: null },
      "ProfileCycle",
      "prod",
    ],
    ["a profile as its own source", "prod", { sourceProfile: "prod" }, "ProfileCycle", "prod"],
    ["an unknown credential source", "new", { roleArn, credentialSource: "Ec2" }, "CredentialSourceInvalid", "new"],
    ["a role name in place of an ARN", "new", { roleArn: "Admin", sourceProfile: "base" }, "ArnInvalid", "Admin"],
    [
      "an account of nine digits",
      "new",
      { roleArn: "arn:aws:iam::123456789:role/A", sourceProfile: "base" },
      "ArnInvalid",
      "arn:aws:iam::123456789:role/A",
    ],
    ["an invalid region", "new", { region: "eu west" }, "RegionInvalid", "-Region"],
    ["an invalid MFA serial", "base", { mfaSerial: "phone" }, "MfaSerialInvalid", "phone"],
    ["a session without a role", "plain", { externalId: "ticket-42" }, "SourceMissing", "plain"],
    ["a source without a role", "plain", { sourceProfile: "base" }, "SourceMissing", "plain"],
    ["a short duration", "prod", { durationSeconds: "10" }, "DurationInvalid", "10"],
    ["a session name of one character", "prod", { roleSessionName: "x" }, "RoleSessionNameInvalid", "x"],
    ["malformed tags", "prod", { sessionTags: "team" }, "TagInvalid", "prod"],
  ])("refuses %s", async (_what, name, changes, code, target) => {
    const error = await errorOf(() => check(name, changes));
    expect(error.code).toBe(code);
    expect(error.details.target).toBe(target);
    expect(error.details.action).toBeTruthy();
    expect(textsOf(error)).not.toContain("secret-of-file");
  });

  it("does not read the stored profile through Object.prototype", async () => {
    expect((await errorOf(() => check("__proto__", { accessKeyId: "AKIA" }))).code).toBe("ProfileIncomplete");
    expect(check("constructor", { ...keys })).toEqual(keys);
  });
});
