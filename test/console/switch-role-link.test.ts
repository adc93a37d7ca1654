import { describe, expect, it } from "vitest";
import { consoleHosts } from "../../src/console/console-hosts.ts";
import { checkColor, consoleColors, switchRoleLink } from "../../src/console/switch-role-link.ts";
import { partitions } from "../../src/network/partitions.ts";
import { codeOf } from "../credentials/fixtures.ts";

const role = { partition: "aws", account: "123456789012", roleName: "Admin" };

describe(switchRoleLink, () => {
  it("returns the link from the IAM User Guide", () => {
    expect(switchRoleLink({ ...role, displayName: "text_to_display" })).toBe(
      "https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=text_to_display",
    );
  });

  it.each([
    ["aws", "signin.aws.amazon.com"],
    ["aws-cn", "signin.amazonaws.cn"],
    ["aws-us-gov", "signin.amazonaws-us-gov.com"],
    ["aws-eusc", "eusc-de-east-1.signin.amazonaws-eusc.eu"],
  ])("uses the console of partition %s", (partition, host) => {
    expect(new URL(switchRoleLink({ ...role, partition })).host).toBe(host);
  });

  it("includes the path of a role, a display name and a color", () => {
    const link = switchRoleLink({
      ...role,
      roleName: "/ops/ci/Deployer",
      displayName: "Prod & Co. #1 +é",
      color: "F2B0A9",
    });
    expect(Object.fromEntries(new URL(link).searchParams)).toEqual({
      account: "123456789012",
      roleName: "ops/ci/Deployer",
      displayName: "Prod & Co. #1 +é",
      color: "F2B0A9",
    });
    expect(link).toContain("roleName=ops/ci/Deployer&");
  });

  it.each(["my-company", "abc", "a1b2", `a${"b".repeat(62)}`])("accepts the account alias %s", (account) => {
    expect(new URL(switchRoleLink({ ...role, account })).searchParams.get("account")).toBe(account);
  });

  it.each([
    ["an account of eleven digits", { account: "12345678901" }, "AccountIdInvalid"],
    ["an alias of two characters", { account: "ab" }, "AccountIdInvalid"],
    ["an alias with capitals", { account: "MyCompany" }, "AccountIdInvalid"],
    ["an alias with two consecutive hyphens", { account: "my--company" }, "AccountIdInvalid"],
    ["an alias that ends in a hyphen", { account: "company-" }, "AccountIdInvalid"],
    ["an alias of 64 characters", { account: "a".repeat(64) }, "AccountIdInvalid"],
    ["an account with query syntax", { account: "abc&roleName=x" }, "AccountIdInvalid"],
    ["a role name with a space", { roleName: "Ad min" }, "RoleNameInvalid"],
    ["an empty role name", { roleName: "" }, "RoleNameInvalid"],
    ["a path and name of more than 64 characters", { roleName: `${"p/".repeat(32)}x` }, "RoleNameInvalid"],
    ["an empty display name", { displayName: " " }, "DisplayNameInvalid"],
    ["a display name of 65 characters", { displayName: "x".repeat(65) }, "DisplayNameInvalid"],
    ["a display name with a line break", { displayName: "a\nb" }, "DisplayNameInvalid"],
    ["an unknown partition", { partition: "aws-moon" }, "ConsoleUnavailable"],
    ["a partition named like a member of every object", { partition: "constructor" }, "ConsoleUnavailable"],
  ])("refuses %s", async (_, more, code) => {
    expect(await codeOf(() => switchRoleLink({ ...role, ...more }))).toBe(code);
  });

  it("counts a surrogate pair in a display name as one character", () => {
    expect(() => switchRoleLink({ ...role, displayName: "🚀".repeat(64) })).not.toThrow();
  });
});

describe(checkColor, () => {
  it.each([["f2b0a9", "F2B0A9"], ["#F2B0A9", "F2B0A9"], ...Object.entries(consoleColors), ["RED", "F2B0A9"]])(
    "maps %s to %s",
    (given, color) => {
      expect(checkColor(given)).toBe(color);
    },
  );

  it.each(["", "F2B", "F2B0A9FF", "##F2B0A9", "pink", "F2B0AG", "constructor", "F2B0A9\n"])(
    "refuses '%s'",
    async (color) => {
      expect(await codeOf(() => checkColor(color))).toBe("ColorInvalid");
    },
  );
});

describe(consoleHosts, () => {
  it("has every partition of the endpoint rules", () => {
    for (const { name } of partitions) expect(consoleHosts(name).console).toMatch(/^console\./);
  });
});
