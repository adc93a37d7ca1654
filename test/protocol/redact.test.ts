import { describe, expect, it } from "vitest";
import { redact } from "../../src/protocol/redact.ts";

describe(redact.name, () => {
  it.each([
    ["in plain text", "x-amz-security-token:a+b/c= and so on", "x-amz-security-token:**** and so on"],
    ["in form encoding", "Token=a%2Bb%2Fc%3D&x=1", "Token=****&x=1"],
    ["that occurs twice", "a+b/c=a+b/c=", "********"],
  ])("masks a secret %s", (_, message, shown) => {
    expect(redact(message, [undefined, "", "a+b/c="])).toBe(shown);
  });

  it("masks any web identity token", () => {
    expect(redact("Token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2ln is expired", [])).toBe("Token **** is expired");
  });

  it("keeps the rest unchanged, up to a readable length", () => {
    const arn = "arn:aws:sts::123456789012:assumed-role/Admin/jo";
    expect(redact(arn, ["secret"])).toBe(arn);
    expect(redact("x".repeat(10_000_000), []).length).toBeLessThan(5000);
  });
});
