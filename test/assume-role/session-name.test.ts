import { describe, expect, it } from "vitest";
import { sessionName } from "../../src/assume-role/session-name.ts";
import { codeOf, contextOf } from "../credentials/fixtures.ts";

// use-role.test.ts has the order in which a name is chosen.
describe(sessionName, () => {
  it("uses whole seconds", () => {
    expect(sessionName(undefined, contextOf({}, { now: () => 1999 }))).toBe("RoleCredentials-session-1");
  });

  it.each(["x", "two words", "x".repeat(65)])("rejects %j from any origin", async (name) => {
    expect(await codeOf(() => sessionName(name, contextOf()))).toBe("RoleSessionNameInvalid");
    const context = contextOf({ AWS_ROLE_SESSION_NAME: name });
    expect(await codeOf(() => sessionName(undefined, context))).toBe("RoleSessionNameInvalid");
  });
});
