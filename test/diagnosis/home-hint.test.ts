import { describe, expect, it } from "vitest";
import { errorWithHomeHint, homeHint, withHomeHint } from "../../src/diagnosis/home-hint.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { HopReport } from "../../src/protocol/diagnosis-messages.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { contextOf } from "../credentials/fixtures.ts";

const onWindows = (environment: Environment) => contextOf(environment, { platform: "win32" });
const both = { HOME: "C:\\home\\jo", USERPROFILE: "C:\\Users\\jo" };
const report = (succeeded: boolean): HopReport => ({
  number: 1,
  last: true,
  operation: "Profile",
  hop: "profile a",
  cached: false,
  succeeded,
  causes: [],
});

describe(homeHint.name, () => {
  it("names both folders if HOME and USERPROFILE differ", () => {
    expect(homeHint(onWindows(both))).toMatchObject({
      id: "HomeDiffers",
      likelihood: "Possible",
      explanation: expect.stringMatching(/C:\\home\\jo.*C:\\Users\\jo/),
    });
  });

  it.each<[string, Environment, NodeJS.Platform]>([
    ["they are the same folder", { HOME: "c:/users/jo/", USERPROFILE: "C:\\Users\\jo" }, "win32"],
    ["one is missing", { USERPROFILE: "C:\\Users\\jo" }, "win32"],
    ["variables name both files", { ...both, AWS_CONFIG_FILE: "c", AWS_SHARED_CREDENTIALS_FILE: "d" }, "win32"],
    ["the platform is not Windows", both, "linux"],
  ])("is undefined if %s", (_, environment, platform) => {
    expect(homeHint(contextOf(environment, { platform }))).toBeUndefined();
  });
});

it("only a failed hop and a missing profile mention the other folder", () => {
  expect(withHomeHint(report(false), onWindows(both)).causes).toHaveLength(1);
  expect(withHomeHint(report(true), onWindows(both)).causes).toEqual([]);
  const missing = errorWithHomeHint(new RoleError("ProfileNotFound", "There is no profile 'a'."), onWindows(both));
  expect(String(missing)).toContain("USERPROFILE");
  const other = new RoleError("FileBroken", "x");
  expect(errorWithHomeHint(other, onWindows(both))).toBe(other);
});
