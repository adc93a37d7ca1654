import { expect, it } from "vitest";
import { goneRoles } from "../../src/identity-center/gone-roles.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { corp } from "./fixtures.ts";

const [kept, gone] = ["111111111111", "222222222222"];
const profile = (ssoAccountId: string, ssoRoleName: string, ssoSession = "corp") => ({
  ssoSession,
  ssoAccountId,
  ssoRoleName,
});
const session = { ssoStartUrl: corp.startUrl, ssoRegion: corp.region };

// Pester/Set-RoleCredentials.Tests.ps1 has what is listed, and what cannot be listed.
it("finds the profiles of this session whose account or role is gone", async () => {
  const profiles = {
    here: profile(kept, "admin"),
    role: profile(kept, "ReadOnly"),
    account: profile(gone, "Admin"),
    elsewhere: profile(gone, "Admin", "other"),
    broken: profile(gone, "Admin", "nowhere"),
    iam: { roleArn: "arn:aws:iam::222222222222:role/Admin", sourceProfile: "here" },
  };
  const directory = {
    accounts: async () => [{ accountId: kept, accountName: "", emailAddress: "" }],
    roleNames: async () => ["Admin"],
  };
  expect(await goneRoles(corp, [], profilesOf(profiles, { corp: session, other: session }), directory)).toEqual([
    { profileName: "role", accountId: kept, roleName: "ReadOnly" },
    { profileName: "account", accountId: gone, roleName: "Admin" },
  ]);
});
