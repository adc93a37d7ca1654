import { describe, expect, it } from "vitest";
import { configuredSessionName, sessionName } from "../../src/assume-role/session-name.ts";
import { codeOf, contextOf, noon } from "../credentials/fixtures.ts";

describe(sessionName, () => {
  it.each([
    ["the configured one", "jo", { AWS_ROLE_SESSION_NAME: "env" }, "jo"],
    ["AWS_ROLE_SESSION_NAME", undefined, { AWS_ROLE_SESSION_NAME: "env" }, "env"],
    ["one that ends in epoch seconds", undefined, {}, `RoleCredentials-session-${noon / 1000}`],
    [
      "one of its own for an empty variable",
      undefined,
      { AWS_ROLE_SESSION_NAME: "" },
      `RoleCredentials-session-${noon / 1000}`,
    ],
  ])("is %s", (_what, configured, environment, expected) => {
    expect(sessionName(configured, contextOf(environment))).toBe(expected);
  });
  it("counts whole seconds", () => {
    expect(sessionName(undefined, contextOf({}, { now: () => 1999 }))).toBe("RoleCredentials-session-1");
  });
  it.each(["x", "two words", "x".repeat(65)])("refuses %j, wherever it comes from", async (name) => {
    expect(await codeOf(() => sessionName(name, contextOf()))).toBe("RoleSessionNameInvalid");
    const context = contextOf({ AWS_ROLE_SESSION_NAME: name });
    expect(await codeOf(() => sessionName(undefined, context))).toBe("RoleSessionNameInvalid");
  });
});

describe(configuredSessionName, () => {
  it("is what the environment says", () => {
    expect(configuredSessionName(contextOf({ AWS_ROLE_SESSION_NAME: "env" }))).toBe("env");
    expect(configuredSessionName(contextOf())).toBeUndefined();
  });
});
