import { describe, expect, it } from "vitest";
import { configuredSessionName, sessionName } from "../../src/assume-role/session-name.ts";
import { codeOf, contextOf, noon } from "../credentials/fixtures.ts";

describe(sessionName, () => {
  it.each([
    ["the configured name", "jo", { AWS_ROLE_SESSION_NAME: "env" }, "jo"],
    ["AWS_ROLE_SESSION_NAME", undefined, { AWS_ROLE_SESSION_NAME: "env" }, "env"],
    ["a name that ends in epoch seconds", undefined, {}, `RoleCredentials-session-${noon / 1000}`],
    [
      "a generated name for an empty variable",
      undefined,
      { AWS_ROLE_SESSION_NAME: "" },
      `RoleCredentials-session-${noon / 1000}`,
    ],
  ])("is %s", (_what, configured, environment, expected) => {
    expect(sessionName(configured, contextOf(environment))).toBe(expected);
  });
  it("uses whole seconds", () => {
    expect(sessionName(undefined, contextOf({}, { now: () => 1999 }))).toBe("RoleCredentials-session-1");
  });
  it.each(["x", "two words", "x".repeat(65)])("rejects %j from any origin", async (name) => {
    expect(await codeOf(() => sessionName(name, contextOf()))).toBe("RoleSessionNameInvalid");
    const context = contextOf({ AWS_ROLE_SESSION_NAME: name });
    expect(await codeOf(() => sessionName(undefined, context))).toBe("RoleSessionNameInvalid");
  });
});

describe(configuredSessionName, () => {
  it("comes from the environment", () => {
    expect(configuredSessionName(contextOf({ AWS_ROLE_SESSION_NAME: "env" }))).toBe("env");
    expect(configuredSessionName(contextOf())).toBeUndefined();
  });
});
