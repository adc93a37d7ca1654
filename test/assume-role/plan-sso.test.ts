import { describe, expect, it } from "vitest";
import { planSsoRole } from "../../src/assume-role/plan-sso.ts";
import { namesSession } from "../../src/identity-center/choose-session.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { errorOf } from "../credentials/fixtures.ts";
import { profilesOf } from "./fixtures.ts";

const shared = profilesOf({}, { corp: { ssoStartUrl: "https://corp.awsapps.com/start", ssoRegion: "eu-west-1" } });
const role = { accountId: "123456789012", roleName: "Admin" };
const corp = { ...role, ssoSession: "corp" };

describe(planSsoRole, () => {
  it.each<[string, UseRoleParams]>([
    ["a session", corp],
    ["a start URL", { ...role, startUrl: "https://corp.awsapps.com/start", ssoRegion: "eu-west-1" }],
  ])("plans a role of %s without a profile", (_what, params) => {
    expect(namesSession(params)).toBe(true);
    const plan = planSsoRole(params, shared);
    expect(plan).toMatchObject({ hops: [], settings: {}, source: { operation: "GetRoleCredentials" } });
    expect(plan.source.place({ shared }, {})).toBe("IAM Identity Center at https://corp.awsapps.com/start");
    expect(plan.source.about?.({})).toEqual({ account: "123456789012", roleName: "Admin" });
  });

  it("leaves other requests alone", () => {
    expect(namesSession({ ...role, profileName: "a" })).toBe(false);
  });

  it.each<[string, UseRoleParams, string, string]>([
    ["no role", { ssoSession: "corp", accountId: role.accountId }, "ParameterConflict", "-RoleName"],
    ["an empty role", { ...corp, roleName: "" }, "ParameterConflict", "-RoleName"],
    ["no account", { ssoSession: "corp", roleName: "Admin" }, "ParameterConflict", "-AccountId"],
    ["an invalid account", { ...corp, accountId: "1" }, "AccountIdInvalid", "1"],
    ["a profile too", { ...corp, profileName: "prod" }, "ParameterConflict", "-ProfileName"],
    ["an ARN too", { ...corp, roleArn: "arn:aws:iam::123456789012:role/x" }, "ParameterConflict", "-RoleArn"],
    ["a source too", { ...corp, sourceProfile: "prod" }, "ParameterConflict", "-SourceProfile"],
    [
      "credentials too",
      { ...corp, credentials: { accessKeyId: "A", secretAccessKey: "s" } },
      "ParameterConflict",
      "-Credential",
    ],
    ["a duration", { ...corp, durationInSeconds: 900 }, "ParameterConflict", "-DurationInSeconds"],
    ["a policy", { ...corp, policy: "{}" }, "ParameterConflict", "-Policy"],
    [
      "a managed policy",
      { ...corp, policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
      "ParameterConflict",
      "-PolicyArn",
    ],
    ["a tag", { ...corp, tags: [{ key: "a", value: "b" }] }, "ParameterConflict", "-Tag"],
    ["a transitive tag", { ...corp, transitiveTagKeys: ["a"] }, "ParameterConflict", "-TransitiveTagKey"],
    ["an unknown session", { ...corp, ssoSession: "gone" }, "SsoSessionNotFound", "gone"],
  ])("refuses %s", async (_what, params, code, target) => {
    const error = await errorOf(() => planSsoRole(params, shared));
    expect(error.code).toBe(code);
    expect(error.details.target).toBe(target);
  });
});
