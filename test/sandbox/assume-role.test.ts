import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

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

  it.each<[string, string, number, Partial<AssumeRoleCommandInput>, Keys?, string?]>([
    ["a role that trusts a different principal", "AccessDenied", 403, { RoleArn: roleArn("DeniedByTrust") }],
    ["a role that the caller's policy denies", "AccessDenied", 403, { RoleArn: roleArn("DeniedByIdentity") }],
    ["a role in another account when the caller has no policy", "AccessDenied", 403, {}, keysOf.ann],
    ["a role that does not exist", "AccessDenied", 403, { RoleArn: roleArn("Nowhere") }],
    ["a role in an account that does not exist", "AccessDenied", 403, { RoleArn: roleArn("Admin", "999999999999") }],
    ["a role without its path", "AccessDenied", 403, { RoleArn: roleArn("Deployer") }],
    ["a role name in a different case", "AccessDenied", 403, { RoleArn: roleArn("admin") }],
    ["a role in another partition", "AccessDenied", 403, { RoleArn: "arn:aws-cn:iam::123456789012:role/Admin" }],
    ["a missing external id", "AccessDenied", 403, { RoleArn: roleArn("ExternalIdRequired") }],
    ["a wrong external id", "AccessDenied", 403, { RoleArn: roleArn("ExternalIdRequired"), ExternalId: "ticket-43" }],
    ["a missing MFA code", "AccessDenied", 403, { RoleArn: roleArn("MfaRequired") }],
    ["a missing source identity", "AccessDenied", 403, { RoleArn: roleArn("SourceIdentityRequired") }],
    ["a session name that the policy forbids", "AccessDenied", 403, { RoleArn: roleArn("SessionNamed") }],
    [
      "a tag where tags are not allowed",
      "AccessDenied",
      403,
      { RoleArn: roleArn("NoTags"), Tags: [{ Key: "a", Value: "b" }] },
    ],
    [
      "a source identity that the role does not allow",
      "AccessDenied",
      403,
      { RoleArn: roleArn("NoTags"), SourceIdentity: "jo" },
    ],
    ["the keys of root", "AccessDenied", 403, {}, keysOf.root],
    ["a region in which STS is deactivated", "RegionDisabledException", 403, {}, keysOf.jo, "me-south-1"],
    [
      "a duration over the role's maximum",
      "ValidationError",
      400,
      { RoleArn: roleArn("OneHour"), DurationSeconds: 3601 },
    ],
    ["899 seconds", "ValidationError", 400, { DurationSeconds: 899 }],
    ["43201 seconds", "ValidationError", 400, { DurationSeconds: 43_201 }],
    ["a session name of one character", "ValidationError", 400, { RoleSessionName: "a" }],
    ["a session name of 65 characters", "ValidationError", 400, { RoleSessionName: "a".repeat(65) }],
    ["a session name with a space", "ValidationError", 400, { RoleSessionName: "a b" }],
    ["a session name with a non-ASCII letter", "ValidationError", 400, { RoleSessionName: "Zoë" }],
    ["an external id of one character", "ValidationError", 400, { ExternalId: "a" }],
    ["an ARN of a user", "ValidationError", 400, { RoleArn: "arn:aws:iam::123456789012:user/jo" }],
    ["an ARN that is too short", "ValidationError", 400, { RoleArn: "arn:aws:iam::1:role" }],
    ["51 tags", "ValidationError", 400, { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: "v" })) }],
    ["a tag without a name", "ValidationError", 400, { Tags: [{ Key: "", Value: "v" }] }],
    ["a tag with a character that is not allowed", "ValidationError", 400, { Tags: [{ Key: "a", Value: "b;c" }] }],
    [
      "11 policy ARNs",
      "ValidationError",
      400,
      { PolicyArns: Array.from({ length: 11 }, (_, i) => ({ arn: `arn:aws:iam::aws:policy/P${i}` })) },
    ],
    [
      "tags that differ by case only",
      "InvalidParameterValue",
      400,
      {
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      },
    ],
    ["a transitive key without a matching tag", "InvalidParameterValue", 400, { TransitiveTagKeys: ["a"] }],
    ["a tag with the reserved aws: prefix", "InvalidParameterValue", 400, { Tags: [{ Key: "aws:a", Value: "b" }] }],
    ["a policy that is not JSON", "MalformedPolicyDocument", 400, { Policy: "{" }],
    ["JSON that is not a policy", "MalformedPolicyDocument", 400, { Policy: '{"Version":"2012-10-17"}' }],
    ["a policy of 2049 characters", "ValidationError", 400, { Policy: `{"a":"${"x".repeat(2042)}"}` }],
    [
      "policies and tags that exceed the packed size limit",
      "PackedPolicyTooLarge",
      400,
      { Tags: incompressibleTags() },
    ],
  ])("refuses %s", async (_, code, status, input, keys, region) => {
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
