import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { openSandbox } from "./open-sandbox.ts";

const sandbox = await openSandbox();

const base = { RoleArn: roleArn("Admin"), RoleSessionName: "session" };

function assume(input: Partial<AssumeRoleCommandInput>, keys: Keys = keysOf.jo, region = "eu-west-1") {
  return stsClient(sandbox, keys, { region }).send(new AssumeRoleCommand({ ...base, ...input }));
}

describe("AssumeRole", () => {
  it("returns working credentials, valid for one hour by default", async () => {
    const before = Date.now();
    const answer = await assume({});
    expect(answer.AssumedRoleUser?.Arn).toBe("arn:aws:sts::123456789012:assumed-role/Admin/session");
    expect(answer.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z2-7]{17}:session$/);
    expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(answer.PackedPolicySize).toBeUndefined();
    const lifetime = (answer.Credentials?.Expiration?.getTime() ?? 0) - before;
    expect(lifetime / 1000).toBeGreaterThan(3598);
    expect(lifetime / 1000).toBeLessThan(3660);

    const identity = await stsClient(sandbox, keysIn(answer)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(answer.AssumedRoleUser?.Arn);
    expect(identity.UserId).toBe(answer.AssumedRoleUser?.AssumedRoleId);
  });

  it.each<[string, Partial<AssumeRoleCommandInput>, Keys?, string?]>([
    ["allows twelve hours when the role does", { DurationSeconds: 43_200 }],
    ["a role under a path", { RoleArn: roleArn("ops/ci/Deployer") }],
    ["a matching external id", { RoleArn: roleArn("ExternalIdRequired"), ExternalId: "ticket-42" }],
    ["a source identity", { RoleArn: roleArn("SourceIdentityRequired"), SourceIdentity: "jo" }],
    ["a session name that the policy requires", { RoleArn: roleArn("SessionNamed"), RoleSessionName: "jo" }],
    [
      "a tag that the policy requires",
      { RoleArn: roleArn("TagRequired"), Tags: [{ Key: "project", Value: "apollo" }] },
    ],
    [
      "a role in the same account whose trust policy names the caller",
      { RoleArn: roleArn("SameAccount", "111111111111") },
      keysOf.ann,
    ],
    ["the last of a thousand accounts", { RoleArn: roleArn("Audit", "100000000999") }],
    ["a role in China", { RoleArn: "arn:aws-cn:iam::444444444444:role/Admin" }, keysOf.wei, "cn-north-1"],
    ["a role in GovCloud", { RoleArn: "arn:aws-us-gov:iam::555555555555:role/Admin" }, keysOf.sam, "us-gov-west-1"],
  ])("allows %s", async (_, input, keys, region) => {
    const answer = await assume(input, keys, region);
    expect(answer.Credentials?.SessionToken?.length).toBeGreaterThan(300);
  });

  it.each<[string, string, Partial<AssumeRoleCommandInput>, Keys?, string?]>([
    ["a role that trusts a different principal", "AccessDenied", { RoleArn: roleArn("DeniedByTrust") }],
    ["a role that the caller's policy denies", "AccessDenied", { RoleArn: roleArn("DeniedByIdentity") }],
    ["a role in another account when the caller has no policy", "AccessDenied", {}, keysOf.ann],
    ["a role that does not exist", "AccessDenied", { RoleArn: roleArn("Nowhere") }],
    ["a role in an account that does not exist", "AccessDenied", { RoleArn: roleArn("Admin", "999999999999") }],
    ["a role without its path", "AccessDenied", { RoleArn: roleArn("Deployer") }],
    ["a role name in a different case", "AccessDenied", { RoleArn: roleArn("admin") }],
    ["a role in another partition", "AccessDenied", { RoleArn: "arn:aws-cn:iam::123456789012:role/Admin" }],
    ["a missing external id", "AccessDenied", { RoleArn: roleArn("ExternalIdRequired") }],
    ["a wrong external id", "AccessDenied", { RoleArn: roleArn("ExternalIdRequired"), ExternalId: "ticket-43" }],
    ["a missing MFA code", "AccessDenied", { RoleArn: roleArn("MfaRequired") }],
    ["a missing source identity", "AccessDenied", { RoleArn: roleArn("SourceIdentityRequired") }],
    ["a session name that the policy forbids", "AccessDenied", { RoleArn: roleArn("SessionNamed") }],
    [
      "a tag where tags are not allowed",
      "AccessDenied",
      { RoleArn: roleArn("NoTags"), Tags: [{ Key: "a", Value: "b" }] },
    ],
    [
      "a source identity that the role does not allow",
      "AccessDenied",
      { RoleArn: roleArn("NoTags"), SourceIdentity: "jo" },
    ],
    ["the keys of root", "AccessDenied", {}, keysOf.root],
    ["a region in which STS is deactivated", "RegionDisabledException", {}, keysOf.jo, "me-south-1"],
    ["a duration over the role's maximum", "ValidationError", { RoleArn: roleArn("OneHour"), DurationSeconds: 3601 }],
    ["899 seconds", "ValidationError", { DurationSeconds: 899 }],
    ["43201 seconds", "ValidationError", { DurationSeconds: 43_201 }],
    ["a session name of one character", "ValidationError", { RoleSessionName: "a" }],
    ["a session name of 65 characters", "ValidationError", { RoleSessionName: "a".repeat(65) }],
    ["a session name with a space", "ValidationError", { RoleSessionName: "a b" }],
    ["a session name with a non-ASCII letter", "ValidationError", { RoleSessionName: "Zoë" }],
    ["an external id of one character", "ValidationError", { ExternalId: "a" }],
    ["an ARN of a user", "ValidationError", { RoleArn: "arn:aws:iam::123456789012:user/jo" }],
    ["an ARN that is too short", "ValidationError", { RoleArn: "arn:aws:iam::1:role" }],
    ["51 tags", "ValidationError", { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: "v" })) }],
    ["a tag without a name", "ValidationError", { Tags: [{ Key: "", Value: "v" }] }],
    ["a tag with a character that is not allowed", "ValidationError", { Tags: [{ Key: "a", Value: "b;c" }] }],
    [
      "11 policy ARNs",
      "ValidationError",
      { PolicyArns: Array.from({ length: 11 }, (_, i) => ({ arn: `arn:aws:iam::aws:policy/P${i}` })) },
    ],
    [
      "tags that differ by case only",
      "InvalidParameterValue",
      {
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      },
    ],
    ["a transitive key without a matching tag", "InvalidParameterValue", { TransitiveTagKeys: ["a"] }],
    ["a tag with the reserved aws: prefix", "InvalidParameterValue", { Tags: [{ Key: "aws:a", Value: "b" }] }],
    ["a policy that is not JSON", "MalformedPolicyDocument", { Policy: "{" }],
    ["JSON that is not a policy", "MalformedPolicyDocument", { Policy: '{"Version":"2012-10-17"}' }],
    ["a policy of 2049 characters", "ValidationError", { Policy: `{"a":"${"x".repeat(2042)}"}` }],
    ["policies and tags that exceed the packed size limit", "PackedPolicyTooLarge", { Tags: incompressibleTags() }],
  ])("refuses %s", async (_, code, input, keys, region) => {
    const status = /Denied|Disabled/.test(code) ? 403 : 400;
    const failure = assume(input, keys, region);
    await expect(failure).rejects.toMatchObject({ Code: code, $metadata: { httpStatusCode: status } });
    expect(sandbox.calls.at(-1)).toMatchObject({ action: "AssumeRole", errorCode: code, status });
  });

  it("reports the packed policy size", async () => {
    const answer = await assume({ Tags: [{ Key: "project", Value: "apollo" }] });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    expect(answer.PackedPolicySize).toBeLessThan(100);
  });

  it("limits a session to its session policy", async () => {
    const policy = (resource: string) =>
      JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "sts:*", Resource: resource } });
    const trusted = { RoleArn: roleArn("ChainA", "111111111111") };
    const limited = keysIn(await assume({ ...trusted, Policy: policy("arn:aws:iam::222222222222:role/Other") }));
    const enough = keysIn(await assume({ ...trusted, Policy: policy("arn:aws:iam::222222222222:role/*") }));
    const chainB = { RoleArn: roleArn("ChainB", "222222222222") };
    await expect(assume(chainB, limited)).rejects.toMatchObject({ Code: "AccessDenied" });
    await expect(assume(chainB, enough)).resolves.toHaveProperty("Credentials");
  });
});

function incompressibleTags() {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed.toString(36);
  };
  return Array.from({ length: 50 }, (_, i) => ({
    Key: `key${i}${random()}`,
    Value: random() + random() + random() + random(),
  }));
}
