import { describe, expect, it } from "vitest";
import { redact } from "../../src/protocol/redact.ts";

describe(redact.name, () => {
  it.each([
    ["as it is", "x-amz-security-token:a+b/c= and so on", "x-amz-security-token:**** and so on"],
    ["as a form has it", "Token=a%2Bb%2Fc%3D&x=1", "Token=****&x=1"],
    ["more than once", "a+b/c=a+b/c=", "********"],
  ])("masks a secret %s", (_, message, shown) => {
    expect(redact(message, [undefined, "", "a+b/c="])).toBe(shown);
  });

  it("masks web identity tokens, whoever wrote them", () => {
    expect(redact("Token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2ln is expired", [])).toBe("Token **** is expired");
  });

  it("leaves the rest as it is, up to what a person can read", () => {
    const arn = "arn:aws:sts::123456789012:assumed-role/Admin/jo";
    expect(redact(arn, ["secret"])).toBe(arn);
    expect(redact("x".repeat(10_000_000), []).length).toBeLessThan(5000);
  });
});
