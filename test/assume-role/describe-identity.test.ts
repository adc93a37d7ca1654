import { describe, expect, it } from "vitest";
import { describeIdentity } from "../../src/assume-role/describe-identity.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { contextOf } from "../credentials/fixtures.ts";
import { profilesOf } from "./fixtures.ts";

const admin = "arn:aws:iam::123456789012:role/Admin";
const keys = { accessKeyId: "AKIAEXAMPLE000001234", secretAccessKey: "never" };
const noInstance = { AWS_EC2_METADATA_DISABLED: "true" };

const describeWith = (profiles: Record<string, Settings>, environment: Environment = {}) =>
  describeIdentity({ shared: profilesOf(profiles) }, contextOf({ ...noInstance, ...environment }));

describe(describeIdentity, () => {
  it("names the default profile, without its keys", () => {
    const described = describeWith({ default: { ...keys, region: "eu-west-1" } });
    expect(described).toEqual({
      source: "the keys of profile default",
      profileName: "default",
      region: "eu-west-1",
    });
  });

  it("names the role of the profile that AWS_PROFILE names", () => {
    const profiles = { default: keys, prod: { roleArn: admin, sourceProfile: "default" } };
    expect(describeWith(profiles, { AWS_PROFILE: "prod", AWS_REGION: "eu-west-3" })).toEqual({
      source: "the keys of profile default",
      profileName: "prod",
      roleArn: admin,
      account: "123456789012",
      region: "eu-west-3",
    });
  });

  it("prefers keys in the environment to the profile, and reads their other variables", () => {
    const described = describeWith(
      { default: keys },
      {
        AWS_ACCESS_KEY_ID: "ASIAEXAMPLE000005678",
        AWS_SECRET_ACCESS_KEY: "never",
        AWS_ACCOUNT_ID: "222222222222",
        AWS_CREDENTIAL_EXPIRATION: "2030-06-01T13:00:00UTC",
      },
    );
    expect(described).toEqual({
      source: "the environment",
      account: "222222222222",
      expiration: "2030-06-01T13:00:00.000Z",
    });
  });

  it("reports the account of IAM Identity Center and of a web identity", () => {
    const sso = { ssoSession: "corp", ssoAccountId: "333333333333", ssoRoleName: "ReadOnly" };
    expect(describeWith({ default: sso })).toMatchObject({ account: "333333333333", roleName: "ReadOnly" });
    const web = { AWS_ROLE_ARN: admin, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };
    expect(describeWith({}, web)).toMatchObject({ roleArn: admin, account: "123456789012" });
  });

  it.each<[string, Record<string, Settings>, Environment]>([
    ["there are no credentials", {}, {}],
    ["AWS_PROFILE names a missing profile", {}, { AWS_PROFILE: "nobody" }],
    [
      "the profile has a cycle",
      { default: { roleArn: admin, sourceProfile: "b" }, b: { roleArn: admin, sourceProfile: "default" } },
      {},
    ],
  ])("reports the problem if %s", (_, profiles, environment) => {
    const { source, problem } = describeWith(profiles, environment);
    expect(source).toBe("none");
    expect(problem).toBeTruthy();
  });
});
