import { describe, expect, it } from "vitest";
import { resolveRetries } from "../../src/network/retries.ts";

describe(resolveRetries, () => {
  it.each([
    ["nothing", {}, {}, 3, "standard"],
    ["the profile", { maxAttempts: "5", retryMode: "adaptive" }, {}, 5, "adaptive"],
    [
      "the environment first",
      { maxAttempts: "5", retryMode: "adaptive" },
      { AWS_MAX_ATTEMPTS: "1", AWS_RETRY_MODE: "standard" },
      1,
      "standard",
    ],
    ["an empty variable as unset", { maxAttempts: "5" }, { AWS_MAX_ATTEMPTS: "", AWS_RETRY_MODE: "" }, 5, "standard"],
    ["legacy as standard, in any case", { retryMode: "Legacy" }, {}, 3, "standard"],
    ["white space and leading zeros", { maxAttempts: " 007 " }, {}, 7, "standard"],
  ] as const)("takes %s", (_name, settings, environment, maxAttempts, retryMode) => {
    expect(resolveRetries({ settings, environment })).toEqual({ maxAttempts, retryMode });
  });

  it.each(["0", "-1", "1.5", "three", "1e3", "1000", "0x3", " ", "٣"])("refuses %j attempts", (value) => {
    const error = expect.objectContaining({
      code: "SettingInvalid",
      details: expect.objectContaining({ target: "max_attempts" }),
    });
    expect(() => resolveRetries({ settings: { maxAttempts: value }, environment: {} })).toThrow(error);
  });

  it("refuses an unknown mode and names the variable", () => {
    const error = expect.objectContaining({
      code: "SettingInvalid",
      details: expect.objectContaining({ target: "AWS_RETRY_MODE" }),
    });
    expect(() => resolveRetries({ settings: {}, environment: { AWS_RETRY_MODE: "never" } })).toThrow(error);
  });
});
