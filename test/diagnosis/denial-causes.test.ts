import { describe, expect, it } from "vitest";
import { denialCauses } from "../../src/diagnosis/denial-causes.ts";
import { device, idsOf, last, openRooms, role, signIn, startUrl, write } from "./diagnosing.ts";

const room = openRooms();

describe(denialCauses, () => {
  const settings = `role_arn = ${role("Admin")}\nsource_profile = jo`;
  const prefix = `User: arn:aws:iam::111111111111:user/jo is not authorized to perform: sts:AssumeRole on resource: ${role("Admin")}`;

  const deny = (message: string) =>
    room.sandbox.failNext({ action: "AssumeRole", code: "AccessDenied", status: 403, message });

  it.each([
    ["because no identity-based policy allows the sts:AssumeRole action", "IdentityPolicyLacksAllow"],
    ["with an explicit deny in an identity-based policy", "IdentityPolicyDenies"],
    ["with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/NoRoles", "IdentityPolicyDenies"],
    ["because no role trust policy allows the sts:AssumeRole action", "TrustPolicyLacksAllow"],
    ["because no resource-based policy allows the sts:AssumeRole action", "TrustPolicyLacksAllow"],
    ["with an explicit deny in the role trust policy", "TrustPolicyDenies"],
    ["with an explicit deny in a resource-based policy", "TrustPolicyDenies"],
    ["because no service control policy allows the sts:AssumeRole action", "ServiceControlPolicyLacksAllow"],
    ["with an explicit deny in a service control policy: arn:aws:organizations::1:p-1", "ServiceControlPolicyDenies"],
    ["with an explicit deny in a resource control policy", "ResourceControlPolicyDenies"],
    ["because no permissions boundary allows the sts:AssumeRole action", "PermissionsBoundaryLacksAllow"],
    ["with an explicit deny in a permissions boundary", "PermissionsBoundaryDenies"],
    ["because no session policy allows the sts:AssumeRole action", "SessionPolicyLacksAllow"],
    ["with an explicit deny in a sessions policy", "SessionPolicyDenies"],
    ["because no VPC endpoint policy allows the sts:AssumeRole action", "VpcEndpointPolicyLacksAllow"],
    [
      "with an explicit deny in a VPC endpoint policy transitively through a service control policy",
      "ServiceControlPolicyDenies",
    ],
  ])("is certain if AWS names the policy: %s", async (words, id) => {
    deny(`${prefix} ${words}`);
    const [first] = last(await room.state(settings)).causes;
    expect([first?.id, first?.likelihood]).toEqual([id, "Certain"]);
    const arn = /: (arn:\S+)$/.exec(words)?.[1];
    if (arn) expect(first?.explanation).toContain(arn);
  });

  it.each([
    ["Cannot call AssumeRole with federation credentials", "FederatedUser"],
    ["The source identity is already set for this assume role session", "SourceIdentityAlreadySet"],
    ["Something unknown", "AccessDenied"],
  ])("recognizes other refusals: %s", async (message, id) => {
    deny(message);
    expect(idsOf(last(await room.state(settings)))).toEqual([id]);
  });

  it("returns guesses, marked as such, if STS names no policy", async () => {
    const { causes } = last(await room.state(`role_arn = ${role("DeniedByTrust")}\nsource_profile = jo`));
    expect(causes.map(({ id, likelihood }) => [id, likelihood])).toEqual([
      ["TrustPolicyLacksAllow", "Likely"],
      ["IdentityPolicyLacksAllow", "Likely"],
      ["MfaMissing", "Possible"],
      ["ExternalIdMissing", "Possible"],
      ["ConditionNotMet", "Possible"],
      ["RoleNotFound", "Possible"],
      ["PrincipalRecreated", "Possible"],
      ["Guardrail", "Possible"],
    ]);
  });

  it("does not suggest values that the call already has", async () => {
    const settings = `role_arn = ${role("DeniedByTrust")}\nsource_profile = jo\nexternal_id = wrong\nmfa_serial = ${device}`;
    const params = { profileName: "test", tokenCode: room.sandbox.totp("jo") };
    const ids = idsOf(last(await room.state(settings, params)));
    expect(ids).toContain("ExternalIdWrong");
    expect(ids).not.toContain("ExternalIdMissing");
    expect(ids).not.toContain("MfaMissing");
  });

  it("does not suggest an external id within one account", async () => {
    const hop = last(await room.state(`role_arn = ${role("SameAccount", "111111111111")}\nsource_profile = jo`));
    expect(idsOf(hop)).not.toContain("ExternalIdMissing");
  });

  // Many policies deny everything without MFA.
  it.each([
    [
      "suggests MFA if the user's own policy denies",
      "with an explicit deny in an identity-based policy",
      ["IdentityPolicyDenies", "MfaMissing"],
    ],
    [
      "does not suggest MFA if no policy allows",
      "because no identity-based policy allows the sts:AssumeRole action",
      ["IdentityPolicyLacksAllow"],
    ],
  ])("%s", async (_, words, ids) => {
    deny(`${prefix} ${words}`);
    expect(idsOf(last(await room.state(settings)))).toEqual(ids);
  });

  it("explains the token if a web identity is refused", async () => {
    const file = write(room.home, "token", room.sandbox.mintWebIdentityToken({ claims: { sub: "somebody:else" } }));
    const hop = last(await room.state(`role_arn = ${role("WebIdentity")}\nweb_identity_token_file = ${file}`));
    expect(hop).toMatchObject({ number: 1, operation: "AssumeRoleWithWebIdentity" });
    expect(idsOf(hop)[0]).toBe("TrustPolicyLacksAllow");
    expect(hop.trustPolicy).toContain("somebody:else");
  });
});

describe("IAM Identity Center", () => {
  it("is a source, and the action names its permission set", async () => {
    signIn(room.home, room.sandbox);
    const hops = await room.state(`role_arn = ${role("DeniedByTrust")}
source_profile = sso
[profile sso]
sso_start_url = ${startUrl}
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = ReadOnly`);
    expect(hops.map(({ operation, succeeded }) => [operation, succeeded])).toEqual([
      ["GetRoleCredentials", true],
      ["AssumeRole", false],
    ]);
    expect(last(hops).causes.find(({ id }) => id === "IdentityPolicyLacksAllow")?.action).toContain("ReadOnly");
  });
});
