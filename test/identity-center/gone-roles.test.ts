import { describe, expect, it } from "vitest";
import { goneRoles } from "../../src/identity-center/gone-roles.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { codeOf } from "../credentials/fixtures.ts";
import { corp } from "./fixtures.ts";

const kept = "111111111111";
const gone = "222222222222";
const suspended = "333333333333";
const profile = (ssoAccountId: string, ssoRoleName: string, ssoSession = "corp") => ({
  ssoSession,
  ssoAccountId,
  ssoRoleName,
});
const session = { ssoStartUrl: corp.startUrl, ssoRegion: corp.region };

function scene(profiles: Record<string, object>) {
  const asked: string[] = [];
  const shared = {
    ...profilesOf(profiles),
    ssoSession: (name: string) => (["corp", "other"].includes(name) ? session : undefined),
  };
  const directory = {
    accounts: async () => {
      asked.push("accounts");
      return [kept, suspended].map((accountId) => ({ accountId, accountName: "", emailAddress: "" }));
    },
    roleNames: async (accountId: string) => {
      asked.push(accountId);
      if (accountId === suspended) throw new RoleError("AccessDenied", "Suspended.", { target: accountId });
      return ["Admin"];
    },
  };
  return {
    asked,
    find: (listed: { accountId: string; roleName: string }[]) => goneRoles(corp, listed, shared, directory),
  };
}

describe(goneRoles, () => {
  it("finds the profiles of this session whose account or role is gone", async () => {
    const { find } = scene({
      here: profile(kept, "admin"),
      role: profile(kept, "ReadOnly"),
      account: profile(gone, "Admin"),
      elsewhere: profile(gone, "Admin", "other"),
      broken: profile(gone, "Admin", "nowhere"),
      iam: { roleArn: "arn:aws:iam::222222222222:role/Admin", sourceProfile: "here" },
    });
    expect(await find([])).toEqual([
      { profileName: "role", accountId: kept, roleName: "ReadOnly" },
      { profileName: "account", accountId: gone, roleName: "Admin" },
    ]);
  });

  it("asks for nothing that the caller has listed", async () => {
    const { find, asked } = scene({ here: profile(kept, "Admin") });
    expect(await find([{ accountId: kept, roleName: "Admin" }])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("finds nothing if one account cannot be listed", async () => {
    const { find } = scene({ account: profile(gone, "Admin"), closed: profile(suspended, "Admin") });
    expect(await codeOf(() => find([]))).toBe("AccessDenied");
  });
});
