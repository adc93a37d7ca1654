import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { stsClient } from "./clients.ts";
import { authorizeOnRole } from "./iam/authorization.ts";
import { conditionsHold, wildcardMatch } from "./iam/conditions.ts";
import type { Statement } from "./iam/world-types.ts";
import { startSandbox } from "./sandbox.ts";

const account = "600000000001";
const me = `arn:aws:iam::${account}:user/me`;
const elsewhere = "600000000002";

function allow(more: Partial<Statement>): Statement {
  return { Effect: "Allow", Action: "sts:AssumeRole", ...more };
}

describe(authorizeOnRole.name, () => {
  const trustsMe = allow({ Principal: { AWS: me } });
  const trustsAccount = allow({ Principal: { AWS: account } });
  const trustsEveryone = allow({ Principal: "*" });
  const may = allow({ Resource: "*" });

  it.each<[string, boolean, { policy?: Statement[]; trust: Statement[]; roleAccount?: string }]>([
    ["the caller's account names the caller", true, { trust: [trustsMe] }],
    [
      "the caller's account trusts itself, and the caller's policy allows",
      true,
      { trust: [trustsAccount], policy: [may] },
    ],
    ["the caller's account trusts itself, and the caller's policy does not allow", false, { trust: [trustsAccount] }],
    [
      "the caller's account names the caller, and the caller's policy denies",
      false,
      { trust: [trustsMe], policy: [{ ...may, Effect: "Deny" }] },
    ],
    [
      "another account names the caller, and the caller's policy allows",
      true,
      { trust: [trustsMe], policy: [may], roleAccount: elsewhere },
    ],
    [
      "another account names the caller, and the caller's policy does not allow",
      false,
      { trust: [trustsMe], roleAccount: elsewhere },
    ],
    [
      "another account trusts everyone, and the caller's policy allows",
      true,
      { trust: [trustsEveryone], policy: [may], roleAccount: elsewhere },
    ],
    [
      "another account trusts everyone but denies the caller",
      false,
      { trust: [trustsEveryone, { ...trustsMe, Effect: "Deny" }], policy: [may], roleAccount: elsewhere },
    ],
    [
      "the caller's policy allows only another role",
      false,
      { trust: [trustsAccount], policy: [allow({ Resource: "arn:aws:iam::*:role/Other" })] },
    ],
    [
      "the trust policy allows a different action",
      false,
      { trust: [{ ...trustsMe, Action: "sts:AssumeRoleWithSAML" }] },
    ],
    [
      "the trust policy names an identity provider",
      false,
      { trust: [allow({ Principal: { Federated: me } })], policy: [may] },
    ],
  ])("decides when %s", async (_, allowed, { policy, trust, roleAccount = account }) => {
    const keys = { accessKeyId: "AKIAMEEXAMPLE0000001", secretAccessKey: "secret" };
    const user = {
      name: "me",
      keys: [{ id: keys.accessKeyId, secret: keys.secretAccessKey }],
      ...(policy && { policy }),
    };
    const roles = [{ name: "Wanted", trust }];
    const accounts = [
      { id: account, users: [user], roles: roleAccount === account ? roles : [] },
      { id: elsewhere, roles: roleAccount === elsewhere ? roles : [] },
    ];
    const sandbox = await startSandbox({ world: { accounts } });
    const RoleArn = `arn:aws:iam::${roleAccount}:role/Wanted`;
    const answer = stsClient(sandbox, keys).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "session" }));
    if (allowed) await expect(answer).resolves.toHaveProperty("Credentials");
    else await expect(answer).rejects.toMatchObject({ Code: "AccessDenied" });
    await sandbox.close();
  });
});

describe(conditionsHold.name, () => {
  const context = new Map([
    ["sts:externalid", ["42"]],
    ["aws:tagkeys", ["a", "b"]],
    ["aws:username", ["jo"]],
  ]);
  it.each<[NonNullable<Statement["Condition"]>, boolean]>([
    [{ StringEquals: { "sts:ExternalId": "42" } }, true],
    [{ StringEquals: { "STS:EXTERNALID": ["41", "42"] } }, true],
    [{ StringEquals: { "sts:ExternalId": "4" } }, false],
    [{ StringEquals: { "sts:Missing": "42" } }, false],
    [{ StringLike: { "sts:ExternalId": "4?" } }, true],
    [{ NumericLessThan: { "sts:ExternalId": 43 } }, true],
    [{ NumericLessThan: { "sts:ExternalId": 42 } }, false],
    [{ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b", "c"] } }, true],
    [{ "ForAllValues:StringEquals": { "aws:TagKeys": "a" } }, false],
    [{ "ForAllValues:StringEquals": { "aws:Missing": "a" } }, true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable
    [{ StringEquals: { "aws:username": "${aws:username}" } }, true],
    [{ StringEquals: { "sts:ExternalId": "42", "aws:username": "ann" } }, false],
  ])("evaluates %j to %s", (condition, expected) => {
    expect(conditionsHold(condition, context)).toBe(expected);
  });

  it("throws for an unknown condition operator", () => {
    expect(() => conditionsHold({ IpAddress: { "sts:ExternalId": "0.0.0.0/0" } }, context)).toThrow("IpAddress");
  });
});

describe(wildcardMatch.name, () => {
  it.each([
    ["arn:aws:iam::1:role/a", "arn:aws:iam::*:role/*", true],
    ["a.b", "a?b", true],
    ["axb", "a.b", false],
    ["a\nb", "a*b", true],
    ["ab", "A*", false],
  ])("matches '%s' against '%s': %s", (text, pattern, expected) => {
    expect(wildcardMatch(text, pattern)).toBe(expected);
  });
});
