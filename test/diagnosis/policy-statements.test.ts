/** The tests create a sandbox with only the generated policies: with both of them the hop succeeds, with either one it fails. */
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { claimsOf, principalOf, trustPolicy } from "../../src/diagnosis/policy-statements.ts";
import type { HopReport } from "../../src/protocol/diagnosis-messages.ts";
import { parseRoleArn } from "../../src/protocol/role-arn.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { temporaryDirectory } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import type { Role, Statement, World } from "../sandbox/iam/world-types.ts";
import { openOwnSandbox } from "../sandbox/open-sandbox.ts";
import { defaultWorld } from "../sandbox/world.ts";
import { device, last, role, signIn, startUrl, store, type TestChainOptions, testChain, write } from "./diagnosing.ts";

let home: string;
beforeEach(() => {
  home = temporaryDirectory();
});

const caller = "111111111111";
const owner = "222222222222";

interface Policies {
  readonly trust?: readonly Statement[];
  readonly identity?: readonly Statement[];
}

/** A sandbox where the role Target has the given trust policy, and its callers have only the given identity policy. */
function worldOf({ trust = [], identity = [] }: Policies, targetAccount = owner): World {
  const target: Role = { name: "Target", path: "/deep/down/", maxSessionDuration: 43_200, trust };
  const jo = defaultWorld.accounts[0]?.users?.[0];
  const jump = { Effect: "Allow", Action: ["sts:*"], Resource: role("ops/Jump", caller) } as const;
  const accounts = [
    {
      id: caller,
      users: [{ name: "jo", keys: jo?.keys ?? [], mfaDevices: jo?.mfaDevices ?? [], policy: [jump, ...identity] }],
      roles: [
        {
          name: "Jump",
          path: "/ops/",
          trust: [{ Effect: "Allow" as const, Principal: { AWS: caller }, Action: "sts:*" }],
          policy: identity,
        },
        {
          name: "AWSReservedSSO_ReadOnly_0123456789abcdef",
          path: "/aws-reserved/sso.amazonaws.com/eu-west-1/",
          trust: [],
          policy: identity,
        },
        ...(targetAccount === caller ? [target] : []),
      ],
    },
    { id: owner, roles: targetAccount === owner ? [target] : [], oidcProviders: [issuer] },
  ];
  const identityCenter = { region: "eu-west-1", startUrl, assignments: { [caller]: ["ReadOnly"] } };
  return { accounts, identityCenter };
}

const issuer = { issuer: "https://oidc.sandbox.example/id/1", clientIds: ["sts.amazonaws.com"] };

function statements(policy: string | undefined): Statement[] {
  return JSON.parse(policy ?? '{"Statement":[]}').Statement;
}

interface Case extends TestChainOptions {
  /** Replaces the profile. */
  readonly params?: UseRoleParams;
  readonly targetAccount?: string;
  readonly mfa?: boolean;
}

async function walkIn(
  world: World,
  settings: string,
  { params = { profileName: "test" }, mfa, ...options }: Case,
): Promise<HopReport> {
  const sandbox = await openOwnSandbox({ world });
  signIn(home, sandbox);
  // Generating its key takes a while.
  if (settings.includes("web_identity")) write(home, "token", sandbox.mintWebIdentityToken(tagged));
  store(home, settings);
  const code = mfa ? { tokenCode: sandbox.totp("jo") } : {};
  return last(await testChain(sandbox, home, { noCache: true, ...code, ...params }, options));
}

const tagged = {
  claims: {
    "https://aws.amazon.com/tags": { principal_tags: { team: ["a"] }, transitive_tag_keys: ["team"] },
    "https://aws.amazon.com/source_identity": "pod",
  },
};

const target = role("deep/down/Target", owner);
const fromJo = `role_arn = ${target}\nsource_profile = jo`;
const fromJump = `role_arn = ${target}\nsource_profile = jump\n[profile jump]\nrole_arn = ${role("ops/Jump", caller)}\nsource_profile = jo`;

describe(trustPolicy, () => {
  it.each<[string, string, Case?]>([
    ["a user", fromJo],
    ["an external id", `${fromJo}\nexternal_id = ticket-42`],
    ["an MFA code", `${fromJo}\nmfa_serial = ${device}`, { mfa: true }],
    ["an MFA session", `${fromJo}\nmfa_serial = ${device}\nmfa_session = true`, { mfa: true }],
    ["a session name", `${fromJo}\nrole_session_name = jo`],
    ["a session name from the environment", fromJo, { environment: { AWS_ROLE_SESSION_NAME: "from-outside" } }],
    ["a source identity", `${fromJo}\nsource_identity = jo`],
    ["tags", `${fromJo}\nsession_tags = team=a, project=b`],
    ["transitive tags", `${fromJo}\nsession_tags = team=a,project=b\ntransitive_session_tags = team`],
    [
      "all settings at once",
      `${fromJo}\nexternal_id = x1\nmfa_serial = ${device}\nrole_session_name = jo\nsource_identity = jo\nsession_tags = team=a\ntransitive_session_tags = team`,
      { mfa: true },
    ],
    ["a session of a role with a path as the caller", fromJump],
    [
      "inherited tags and source identity",
      `${fromJump}\nsession_tags = team=a\ntransitive_session_tags = team\nsource_identity = jo`,
    ],
    [
      "a permission set of Identity Center",
      `role_arn = ${target}\nsource_profile = sso\n[profile sso]\nsso_start_url = ${startUrl}\nsso_region = eu-west-1\nsso_account_id = ${caller}\nsso_role_name = ReadOnly`,
    ],
    ["parameters", "region = eu-west-1", { params: { roleArn: target, credentials: keysOf.jo, externalId: "x1" } }],
  ])("allows a hop with %s only together with the identity policy", async (_, settings, of = {}) => {
    const state = (policies: Policies) => walkIn(worldOf(policies), settings, of);
    const failed = await state({});
    expect(failed).toMatchObject({ succeeded: false, operation: "AssumeRole", error: { id: "AccessDenied" } });
    const trust = statements(failed.trustPolicy);
    const identity = statements(failed.identityPolicy);

    expect((await state({ trust, identity })).error).toBeUndefined();
    expect((await state({ trust })).succeeded).toBe(false);
    expect((await state({ identity })).succeeded).toBe(false);
  });

  it("is enough for a hop within one account", async () => {
    const settings = fromJo.replace(owner, caller);
    const failed = await walkIn(worldOf({}, caller), settings, {});
    const trust = statements(failed.trustPolicy);
    expect(failed.succeeded).toBe(false);
    expect((await walkIn(worldOf({ trust }, caller), settings, {})).succeeded).toBe(true);
  });

  it("allows only the web identity with the token's tags and source identity", async () => {
    const settings = `role_arn = ${target}\nweb_identity_token_file = ${join(home, "token")}`;
    const failed = await walkIn(worldOf({}), settings, {});
    expect(failed).toMatchObject({ succeeded: false, operation: "AssumeRoleWithWebIdentity" });
    expect(failed.identityPolicy).toBeUndefined();
    const trust = statements(failed.trustPolicy);
    expect((await walkIn(worldOf({ trust }), settings, {})).error).toBeUndefined();
    const other = JSON.parse(JSON.stringify(trust).replace("system:serviceaccount", "system:other"));
    expect((await walkIn(worldOf({ trust: other }), settings, {})).succeeded).toBe(false);
  });

  it.each([
    ["an external id", `${fromJo}\nexternal_id = x1`, fromJo],
    ["an MFA code", `${fromJo}\nmfa_serial = ${device}`, fromJo],
    ["a session name", `${fromJo}\nrole_session_name = jo`, `${fromJo}\nrole_session_name = ann`],
    ["a source identity", `${fromJo}\nsource_identity = jo`, `${fromJo}\nsource_identity = ann`],
    ["tags", `${fromJo}\nsession_tags = team=a`, `${fromJo}\nsession_tags = cost=a`],
  ])("refuses a hop without %s if the policy was made for a hop with it", async (_, narrow, wide) => {
    const failed = await walkIn(worldOf({}), narrow, { mfa: narrow.includes("mfa_serial") });
    const world = worldOf({ trust: statements(failed.trustPolicy), identity: statements(failed.identityPolicy) });
    expect((await walkIn(world, wide, {})).succeeded).toBe(false);
  });
});

describe(principalOf, () => {
  const of = (arn: string, roleArn?: string) =>
    principalOf({ arn, account: caller }, roleArn === undefined ? undefined : parseRoleArn(roleArn));

  const [user, root] = [`arn:aws:iam::${caller}:user/ops/jo`, `arn:aws:iam::${caller}:root`];
  const guest = `arn:aws:sts::${caller}:federated-user/jo`;
  const jump = `arn:aws:sts::${caller}:assumed-role/Jump/s`;
  it.each([
    [user, undefined, "user", user, true],
    [root, undefined, "root", root, true],
    [guest, undefined, "federatedUser", guest, true],
    [jump, role("ops/Jump", caller), "role", role("ops/Jump", caller), true],
    // The path of a different role is not used.
    [jump, role("ops/Other", caller), "role", role("Jump", caller), false],
    [jump, undefined, "role", role("Jump", caller), false],
    [`arn:aws-cn:sts::${caller}:assumed-role/Jump/s`, undefined, "role", `arn:aws-cn:iam::${caller}:role/Jump`, false],
  ])("maps %s (role %s) to a %s, %s", (arn, roleArn, kind, principal, exact) => {
    expect(of(arn, roleArn)).toMatchObject({ kind, arn: principal, exact });
  });
});

describe(claimsOf, () => {
  const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
  const base = { iss: "https://issuer.example/x", sub: "me", aud: "sts" };

  it.each<[string, unknown, object | undefined]>([
    ["an audience", base, { issuer: base.iss, subject: "me", audience: "sts", tagged: false }],
    ["several audiences", { ...base, aud: ["a", "b"] }, { audience: "a" }],
    ["an authorized party, which takes precedence", { ...base, azp: "client" }, { audience: "client" }],
    ["no audience", { iss: base.iss, sub: "me" }, undefined],
    ["no subject", { ...base, sub: 7 }, undefined],
    ["nothing", null, undefined],
  ])("reads %s", (_, claims, expected) => {
    const read = claimsOf(token(claims));
    if (expected) expect(read).toMatchObject(expected);
    else expect(read).toBeUndefined();
  });

  it.each(["", "a", "a.b.c", "..", "a.bnVsbA.c"])("reads nothing in %j", (text) => {
    expect(claimsOf(text)).toBeUndefined();
  });
});
