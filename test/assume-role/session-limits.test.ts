import { describe, expect, it } from "vitest";
import {
  checkDuration,
  checkPolicy,
  checkPolicyArns,
  checkTags,
  checkText,
  checkTransitiveTagKeys,
  maximumChainedDuration,
  maximumRoleDuration,
  maximumSessionDuration,
  parseDuration,
} from "../../src/assume-role/session-limits.ts";
import { codeOf, errorOf, textsOf } from "../credentials/fixtures.ts";

const x = (length: number) => "x".repeat(length);

describe(checkText, () => {
  it.each([
    ["roleSessionName", ["ab", x(64), "jo@example.com", "a_b+c=d,e.f-g"]],
    ["sourceIdentity", ["ab", x(64), "jo@example.com", "awsome", "aws"]],
    ["externalId", ["ab", x(1224), "ticket:42/a=b+c,d.e@f-g_h"]],
    [
      "mfaSerial",
      ["GAHT12345678", "arn:aws:iam::111111111111:mfa/ops/jo", "arn:aws-us-gov:iam::1:u2f/a", x(256), x(9)],
    ],
    ["tokenCode", ["000000", "123456"]],
  ] as const)("accepts a valid %s", (name, texts) => {
    for (const text of texts) expect(checkText(name, text)).toBe(text);
  });

  it.each([
    ["roleSessionName", "RoleSessionNameInvalid", ["", "x", x(65), "a b", "a/b", "a:b", "ä!", "jörg", "a\nb", "ab\n"]],
    ["sourceIdentity", "SourceIdentityInvalid", ["", "x", x(65), "a b", "aws:jo", "AWS:jo", "jörg"]],
    ["externalId", "ExternalIdInvalid", ["", "x", x(1225), "a b", "a#b", "日本"]],
    ["mfaSerial", "MfaSerialInvalid", ["", "12345678", x(257), "jo's phone", "arn:aws:iam::1:mfa/jo\n"]],
    ["tokenCode", "TokenCodeInvalid", ["", "12345", "1234567", "12345a", " 123456", "123456\n", "１２３４５６"]],
  ] as const)("rejects an invalid %s", async (name, code, texts) => {
    for (const text of texts) {
      const error = await errorOf(() => checkText(name, text));
      expect([text, error.code]).toEqual([text, code]);
      expect(error.details.action).toBeTruthy();
    }
  });

  it("shows no MFA code, and truncates a long text", async () => {
    expect(textsOf(await errorOf(() => checkText("tokenCode", "98765")))).not.toContain("98765");
    const error = await errorOf(() => checkText("externalId", `start${x(5000)}`));
    expect(error.message).toContain("start");
    expect(error.message.length).toBeLessThan(300);
  });
});

describe(checkDuration, () => {
  it.each([
    [900, maximumRoleDuration],
    [43_200, maximumRoleDuration],
    [3600, maximumChainedDuration],
    [129_600, maximumSessionDuration],
  ])("accepts %i of %i seconds", (seconds, most) => {
    expect(checkDuration(seconds, most)).toBe(seconds);
  });
  it.each([
    [899, maximumRoleDuration],
    [0, maximumRoleDuration],
    [-3600, maximumRoleDuration],
    [43_201, maximumRoleDuration],
    [3601, maximumChainedDuration],
    [129_601, maximumSessionDuration],
    [3600.5, maximumRoleDuration],
    [Number.NaN, maximumRoleDuration],
    [Number.POSITIVE_INFINITY, maximumRoleDuration],
  ])("rejects %d of %i seconds", async (seconds, most) => {
    expect(await codeOf(() => checkDuration(seconds, most))).toBe("DurationInvalid");
  });
});

describe(parseDuration, () => {
  it("reads whole seconds", () => {
    expect(parseDuration("3600", maximumRoleDuration, "prod")).toBe(3600);
    expect(parseDuration("000003600", maximumRoleDuration, "prod")).toBe(3600);
  });
  it.each(["", "1h", "3600s", "3600.0", "1e4", "0x1000", "+3600", "-3600", " 3600", "9999999999"])(
    "refuses %j",
    async (text) => {
      const error = await errorOf(() => parseDuration(text, maximumRoleDuration, "prod"));
      expect(error.code).toBe("DurationInvalid");
      expect(error.message).toContain(`duration_seconds of profile 'prod' is '${text}'`);
    },
  );
});

const tag = (key: string, value = "v") => ({ key, value });

describe(checkTags, () => {
  it.each([
    ["fifty", Array.from({ length: 50 }, (_, i) => tag(`k${i}`))],
    ["the longest", [tag(x(128), x(256))]],
    ["an empty value", [tag("k", "")]],
    ["letters of any language", [tag("プロジェクト", "größe 1")]],
    ["all allowed symbols", [tag("a_.:/=+-@ b", "a_.:/=+-@ b")]],
  ])("takes %s", (_what, tags) => {
    expect(checkTags(tags)).toBe(tags);
  });
  it.each([
    ["fifty-one", Array.from({ length: 51 }, (_, i) => tag(`k${i}`))],
    ["an empty key", [tag("")]],
    ["a long key", [tag(x(129))]],
    ["a long value", [tag("k", x(257))]],
    ["a disallowed symbol in a key", [tag("k;")]],
    ["a disallowed symbol in a value", [tag("k", "<v>")]],
    ["a line break", [tag("k", "a\tb")]],
    ["a reserved key", [tag("AWS:team")]],
    ["a duplicate key", [tag("team"), tag("Team")]],
  ])("refuses %s", async (_what, tags) => {
    expect(await codeOf(() => checkTags(tags))).toBe("TagInvalid");
  });
});

describe(checkTransitiveTagKeys, () => {
  it.each([[["project"]], [[x(128)]]])("takes %j", (keys) => {
    expect(checkTransitiveTagKeys(keys)).toBe(keys);
  });
  it.each([
    ["an empty key", [""]],
    ["a long key", [x(129)]],
    ["fifty-one keys", Array.from({ length: 51 }, (_, i) => `k${i}`)],
  ])("refuses %s", async (_what, keys) => {
    expect(await codeOf(() => checkTransitiveTagKeys(keys))).toBe("TagInvalid");
  });
});

describe(checkPolicy, () => {
  it.each(['{"Version":"2012-10-17","Statement":[]}', JSON.stringify(x(2046))])("accepts %s", (policy) => {
    expect(checkPolicy(policy)).toBe(policy);
  });
  it.each([
    ["an empty policy", ""],
    ["a long policy", JSON.stringify(x(2047))],
    ["a policy that is not JSON", "{Version: 1}"],
  ])("refuses %s", async (_what, policy) => {
    expect(await codeOf(() => checkPolicy(policy))).toBe("PolicyInvalid");
  });
});

describe(checkPolicyArns, () => {
  it("accepts ten ARNs", () => {
    const arns = Array.from({ length: 8 }, (_, i) => `arn:aws:iam::123456789012:policy/path/p${i}`);
    const more = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-cn:iam::aws:policy/job-function/Billing"];
    expect(checkPolicyArns([...arns, ...more])).toHaveLength(10);
  });
  it.each([
    ["eleven ARNs", Array.from({ length: 11 }, (_, i) => `arn:aws:iam::aws:policy/p${i}`)],
    ["the name of a policy", ["ReadOnlyAccess"]],
    ["the ARN of a role", ["arn:aws:iam::123456789012:role/Admin"]],
    ["an account of nine digits", ["arn:aws:iam::123456789:policy/p"]],
  ])("refuses %s", async (_what, arns) => {
    expect(await codeOf(() => checkPolicyArns(arns))).toBe("PolicyInvalid");
  });
});
