import { describe, expect, it } from "vitest";
import { composeRoleArn, parseRoleArn, readRoleArn } from "../../src/protocol/role-arn.ts";
import { codeOf, errorOf } from "../credentials/fixtures.ts";

const admin = "arn:aws:iam::123456789012:role/Admin";

const refusedByAll = [
  "",
  "Admin",
  "arn:foo",
  "arn:aws:iam::123456789012:user/jo",
  "arn:aws:iam::123456789012:role",
  "arn:aws:iam::123456789012:role/",
  "arn:aws:iam::123456789012:role/ops//Admin",
  "arn:aws:sts::123456789012:assumed-role/Admin/jo",
  "arn:aws:iam:eu-west-1:123456789012:role/Admin",
  ` ${admin}`,
  `${admin}\n`,
  "arn:aws:iam::123456789012:role/Two words",
  `arn:aws:iam::123456789012:role/${"p/".repeat(1024)}Admin`,
];

// STS of AWS would refuse these. A typed ARN is refused before a call. An ARN in a profile is left to STS.
const refusedWhenTyped = [
  "arn:aws:iam::123456789:role/Admin",
  "arn:aws:iam::1234567890123:role/Admin",
  "arn:aws:iam:::role/S3Access",
  "arn:minio:iam:::role/idmp-one",
  "arn:aws:iam::RGW11111111111111111:role/ops/Admin",
  `arn:aws:iam::123456789012:role/${"n".repeat(65)}`,
];

const accepted = [
  [admin, { partition: "aws", accountId: "123456789012", path: "/", name: "Admin" }],
  ["arn:aws-cn:iam::123456789012:role/ops/ci/Deployer", { partition: "aws-cn", path: "/ops/ci/", name: "Deployer" }],
  ["arn:aws-us-gov:iam::123456789012:role/a+=,.@-_9", { partition: "aws-us-gov", name: "a+=,.@-_9" }],
  [`arn:aws:iam::123456789012:role/${"n".repeat(64)}`, { name: "n".repeat(64) }],
] as const;

describe(parseRoleArn, () => {
  it.each(accepted)("parses %s", (text, parts) => {
    expect(parseRoleArn(text)).toMatchObject({ text, ...parts });
  });
  it.each([...refusedByAll, ...refusedWhenTyped])("refuses %j", async (text) => {
    expect(await codeOf(() => parseRoleArn(text))).toBe("ArnInvalid");
  });
});

describe(readRoleArn, () => {
  it.each(accepted)("parses %s", (text, parts) => {
    expect(readRoleArn(text, "prod")).toEqual(parseRoleArn(text));
    expect(readRoleArn(text, "prod")).toMatchObject(parts);
  });
  it.each(refusedWhenTyped)("leaves %s to STS", (text) => {
    expect(readRoleArn(text, "prod").text).toBe(text);
  });
  it.each(refusedByAll)("refuses %j and names the profile", async (text) => {
    const error = await errorOf(() => readRoleArn(text, "prod"));
    expect(error.code).toBe("ArnInvalid");
    expect(error.details.target).toBe("prod");
  });
});

describe(composeRoleArn, () => {
  it.each([
    ["aws", "Admin", "arn:aws:iam::123456789012:role/Admin"],
    ["aws-cn", "ops/ci/Deployer", "arn:aws-cn:iam::123456789012:role/ops/ci/Deployer"],
    ["aws", "/ops/Admin", "arn:aws:iam::123456789012:role/ops/Admin"],
  ])("combines %s and %s into the ARN %s", (partition, name, text) => {
    expect(composeRoleArn(partition, "123456789012", name).text).toBe(text);
  });
  it.each(["", "123", "12345678901a", "1234567890123", "my-alias"])("refuses the account %j", async (account) => {
    expect(await codeOf(() => composeRoleArn("aws", account, "Admin"))).toBe("AccountIdInvalid");
  });
  it.each(["", "two words", "a/", "x".repeat(65), "role:x", "ünïcode"])("refuses the name %j", async (name) => {
    expect(await codeOf(() => composeRoleArn("aws", "123456789012", name))).toBe("RoleNameInvalid");
  });
});
