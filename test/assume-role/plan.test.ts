import { describe, expect, it } from "vitest";
import { type Plan, planDefault, planProfile, planSourceProfile } from "../../src/assume-role/plan.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { SharedConfig } from "../../src/profiles/shared-config.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { codeOf, errorOf } from "../credentials/fixtures.ts";
import { filesOf, profilesOf } from "./fixtures.ts";

const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const keys: Settings = { accessKeyId: "AKIA", secretAccessKey: "secret" };
const role = (name: string, source: Settings): Settings => ({ roleArn: arn(name), ...source });
const from = (sourceProfile: string): Settings => ({ sourceProfile });

const kindOf: Readonly<Record<string, string>> = {
  AssumeRoleWithWebIdentity: "webIdentity",
  CredentialProcess: "process",
  Ec2InstanceMetadata: "instanceMetadata",
  EcsContainer: "container",
  Environment: "environment",
  GetRoleCredentials: "sso",
  Keys: "keys",
  Login: "login",
};

/** Formats a plan: `keys base → One → Two`. */
function line({ source, hops }: Plan): string {
  let start = kindOf[source.operation] ?? source.operation;
  if (source.profile) start += ` ${source.profile.name}`;
  if (source.identity) start += ` ${source.identity.profileName ?? "of the environment"}`;
  return [start, ...hops.map(({ roleArn }) => roleArn.name)].join(" → ");
}

const planOf = (name: string, shared: SharedConfig, environment: Environment = {}) =>
  line(planProfile(name, shared, environment));

describe(planProfile, () => {
  const shared = profilesOf(
    {
      base: keys,
      one: role("One", from("base")),
      two: role("Two", from("one")),
      ten: role("Ten", from("two")),
      self: { ...keys, ...role("Self", from("self")) },
      keysAndRole: { ...keys, ...role("Other", from("base")) },
      overKeysAndRole: role("Over", from("keysAndRole")),
      overSelf: role("Over", from("self")),
      ec2: role("Ec2", { credentialSource: "Ec2InstanceMetadata" }),
      ecs: role("Ecs", { credentialSource: "EcsContainer" }),
      env: role("Env", { credentialSource: "Environment" }),
      overEc2: role("Over", from("ec2")),
      bare: { credentialSource: "EcsContainer" },
      overBare: role("Over", from("bare")),
      web: role("Web", { webIdentityTokenFile: "/token" }),
      overWeb: role("Over", from("web")),
      sso: { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "Admin" },
      overSso: role("Over", from("sso")),
      process: { credentialProcess: "tool" },
      overProcess: role("Over", from("process")),
      login: { loginSession: "arn:aws:sts::123456789012:assumed-role/Admin/jo" },
      overLogin: role("Over", from("login")),
    },
    { corp: { ssoStartUrl: "https://corp.example/start", ssoRegion: "eu-west-1" } },
  );
  it.each([
    ["base", "keys base"],
    ["one", "keys base → One"],
    ["two", "keys base → One → Two"],
    ["ten", "keys base → One → Two → Ten"],
    ["self", "keys self → Self"],
    ["overSelf", "keys self → Over"],
    ["keysAndRole", "keys base → Other"],
    ["overKeysAndRole", "keys keysAndRole → Over"],
    ["ec2", "instanceMetadata → Ec2"],
    ["overEc2", "instanceMetadata → Ec2 → Over"],
    ["ecs", "container → Ecs"],
    ["env", "environment → Env"],
    ["bare", "container"],
    ["overBare", "container → Over"],
    ["web", "webIdentity web"],
    ["overWeb", "webIdentity web → Over"],
    ["sso", "sso sso"],
    ["overSso", "sso sso → Over"],
    ["process", "process process"],
    ["overProcess", "process process → Over"],
    ["login", "login login"],
    ["overLogin", "login login → Over"],
  ])("of %s is %s", (name, expected) => {
    expect(planOf(name, shared)).toBe(expected);
  });

  it("ignores the environment's credentials for a named profile", () => {
    const environment = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s", AWS_PROFILE: "two" };
    expect(planOf("one", shared, environment)).toBe("keys base → One");
  });

  it("rejects a profile with only a region if there is neither container nor instance", async () => {
    const environment = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s", AWS_EC2_METADATA_DISABLED: "true" };
    const error = await errorOf(() => planProfile("only", profilesOf({ only: { region: "eu-west-1" } }), environment));
    expect(error).toMatchObject({ code: "NoCredentials", details: { target: "only" } });
    expect(error.message).toContain("Profile 'only' has no credentials.");
  });

  it("follows a chain of a hundred profiles", () => {
    const profiles: Record<string, Settings> = { p0: keys };
    for (let i = 1; i <= 100; i++) profiles[`p${i}`] = role(`R${i}`, from(`p${i - 1}`));
    expect(planProfile("p100", profilesOf(profiles), {}).hops).toHaveLength(100);
  });

  it("contains all settings of a profile's role", () => {
    const settings: Settings = {
      ...role("Full", from("base")),
      roleSessionName: "jo@example.com",
      durationSeconds: "7200",
      externalId: "ticket-42",
      mfaSerial: "arn:aws:iam::111111111111:mfa/jo",
      mfaSession: "True",
      sourceIdentity: "jo",
      sessionTags: "team=platform, cost center = 7,empty=, ",
      transitiveSessionTags: "team, cost center,",
      region: "eu-west-1",
    };
    const plan = planProfile("full", profilesOf({ base: keys, full: settings }), {});
    expect(plan.hops).toEqual([
      {
        roleArn: expect.objectContaining({ text: arn("Full") }),
        profileName: "full",
        settings,
        roleSessionName: "jo@example.com",
        durationInSeconds: 7200,
        externalId: "ticket-42",
        mfaSerial: "arn:aws:iam::111111111111:mfa/jo",
        mfaSession: true,
        sourceIdentity: "jo",
        tags: [
          { key: "team", value: "platform" },
          { key: "cost center", value: "7" },
          { key: "empty", value: "" },
        ],
        transitiveTagKeys: ["team", "cost center"],
      },
    ]);
    expect(plan).toMatchObject({ settings, profileName: "full" });
  });

  it("opens a session if the source's profile asks for one", () => {
    const device = "arn:aws:iam::111111111111:mfa/jo";
    const base = { ...keys, mfaSerial: device, mfaSession: "true", durationSeconds: "129600" };
    const shared = profilesOf({ base, one: role("One", from("base")) });
    expect(planProfile("one", shared, {}).session).toEqual({ mfaSerial: device, durationSeconds: 129_600 });
    expect(planProfile("base", shared, {}).session).toEqual({ mfaSerial: device, durationSeconds: 129_600 });
    const without = profilesOf({ base: { ...keys, mfaSerial: device }, one: role("One", from("base")) });
    expect(planProfile("one", without, {}).session).toBeUndefined();
  });

  it.each(["123456789", "1234567890123", "", "RGW11111111111111111"])(
    "leaves the check of an account like '%s' to STS",
    (account) => {
      const text = `arn:aws:iam::${account}:role/RoleA`;
      const shared = profilesOf({ a: { roleArn: text, sourceProfile: "b" }, b: keys });
      expect(planProfile("a", shared, {}).hops[0]?.roleArn.text).toBe(text);
    },
  );

  const device = { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" };
  const twoSources = (name: string, source: string) => role(name, { ...from(source), credentialSource: "Environment" });
  /** A role whose source `b` is valid, with one more setting. */
  const roleWith = (settings: Settings) => ({ a: role("A", { ...from("b"), ...settings }), b: keys });
  it.each<[string, string, Record<string, Settings>, string]>([
    ["no such profile", "ProfileNotFound", {}, "a"],
    ["no source", "SourceMissing", { a: role("A", {}) }, "a"],
    ["two sources", "SourceConflict", { a: twoSources("A", "b"), b: keys }, "a"],
    ["two sources, further down", "SourceConflict", { a: role("A", from("b")), b: twoSources("B", "a") }, "b"],
    ["no such source", "SourceProfileNotFound", { a: role("A", from("b")) }, "b"],
    [
      "no such source, further down",
      "SourceProfileNotFound",
      { a: role("A", from("b")), b: role("B", from("c")) },
      "c",
    ],
    ["a source with an inherited name", "SourceProfileNotFound", { a: role("A", from("constructor")) }, "constructor"],
    ["itself as its source, without keys", "ProfileCycle", { a: role("A", from("a")) }, "a"],
    [
      "itself as its source, with other credentials",
      "ProfileCycle",
      { a: { ...role("A", from("a")), credentialProcess: "tool" } },
      "a",
    ],
    ["a cycle of two", "ProfileCycle", { a: role("A", from("b")), b: role("B", from("a")) }, "b"],
    [
      "a cycle of two, with keys at its start",
      "ProfileCycle",
      { a: { ...keys, ...role("A", from("b")) }, b: role("B", from("a")) },
      "b",
    ],
    [
      "a cycle of three that it leads into",
      "ProfileCycle",
      { a: role("A", from("b")), b: role("B", from("c")), c: role("C", from("d")), d: role("D", from("b")) },
      "d",
    ],
    ["a source without credentials", "ProfileIncomplete", { a: role("A", from("b")), b: { region: "eu-west-1" } }, "b"],
    ["a source that is empty", "ProfileIncomplete", { a: role("A", from("b")), b: {} }, "b"],
    ["no secret in its source", "ProfileIncomplete", { a: role("A", from("b")), b: { accessKeyId: "AKIA" } }, "b"],
    ["no access key in its source", "ProfileIncomplete", { a: role("A", from("b")), b: { secretAccessKey: "s" } }, "b"],
    ["only one of its own keys", "ProfileIncomplete", { a: { accessKeyId: "AKIA", ...role("A", from("a")) } }, "a"],
    ["a token file without a role", "ProfileIncomplete", { a: { webIdentityTokenFile: "/token" } }, "a"],
    ["a sign-in without an account", "ProfileIncomplete", { a: { ssoSession: "corp" } }, "a"],
    ["a sign-in that does not exist", "SsoSessionNotFound", { a: { ssoSession: "oops" } }, "a"],
    [
      "an unknown credential_source",
      "CredentialSourceInvalid",
      { a: role("A", { credentialSource: "environment" }) },
      "a",
    ],
    ["an unknown credential_source without a role", "CredentialSourceInvalid", { a: { credentialSource: "Ec2" } }, "a"],
    ["an invalid role ARN", "ArnInvalid", roleWith({ roleArn: "Admin" }), "a"],
    ["a user's ARN as a role", "ArnInvalid", roleWith({ roleArn: "arn:aws:iam::123456789012:user/jo" }), "a"],
    ["a fault in the source first", "SourceProfileNotFound", { a: { roleArn: "arn:foo", ...from("b") } }, "b"],
    ["a session name of one character", "RoleSessionNameInvalid", roleWith({ roleSessionName: "x" }), "x"],
    ["a duration in words", "DurationInvalid", roleWith({ durationSeconds: "1h" }), "1h"],
    [
      "a session of two days",
      "DurationInvalid",
      { a: role("A", from("b")), b: { ...keys, ...device, mfaSession: "true", durationSeconds: "129601" } },
      "129601",
    ],
    ["an external id of one character", "ExternalIdInvalid", roleWith({ externalId: "x" }), "x"],
    ["an invalid serial", "MfaSerialInvalid", roleWith({ mfaSerial: "jo's phone" }), "jo's phone"],
    ["a reserved source identity", "SourceIdentityInvalid", roleWith({ sourceIdentity: "aws:jo" }), "aws:jo"],
    ["tags that are not pairs", "TagInvalid", roleWith({ sessionTags: "team" }), "a"],
    ["a tag without a key", "TagInvalid", roleWith({ sessionTags: "=x" }), "a"],
    ["a duplicate tag", "TagInvalid", roleWith({ sessionTags: "team=1,Team=2" }), "Team"],
    ["an empty transitive key", "TagInvalid", roleWith({ transitiveSessionTags: "team,,project" }), ""],
  ])("refuses %s", async (_what, code, profiles, target) => {
    const shared = profilesOf(profiles, { corp: { ssoStartUrl: "https://corp.example", ssoRegion: "eu-west-1" } });
    const error = await errorOf(() => planProfile("a", shared, {}));
    expect(error.code).toBe(code);
    expect(error.details.target).toBe(target);
    expect(error.details.action).toBeTruthy();
  });
});

/** All kinds of credentials in a profile, in order of precedence. */
const kinds: readonly (readonly [kind: string, settings: Settings])[] = [
  ["webIdentity", { roleArn: arn("Own"), webIdentityTokenFile: "/token" }],
  ["role", role("Own", from("base"))],
  [
    "sso",
    { ssoStartUrl: "https://corp.example", ssoRegion: "eu-west-1", ssoAccountId: "123456789012", ssoRoleName: "R" },
  ],
  ["keys", keys],
  ["login", { loginSession: "arn:aws:sts::123456789012:assumed-role/Admin/jo" }],
  ["process", { credentialProcess: "tool" }],
  ["container", { credentialSource: "EcsContainer" }],
];
// credential_source with a role would be the role's source, and this role already has one.
const pairs = kinds.flatMap(([first, one], i) =>
  kinds
    .slice(i + 1)
    .filter(([second]) => !(first === "role" && second === "container"))
    .map(([second, two]) => [first, second, { ...two, ...one }] as const),
);

describe("a profile with two kinds of credentials", () => {
  it.each(pairs)("uses %s before %s if it is requested", (first, _second, settings) => {
    const expected = first === "role" ? "keys base → Own" : `${first} p`;
    expect(planOf("p", profilesOf({ base: keys, p: settings }))).toBe(expected);
  });

  it.each(pairs)("uses %s before %s if it is a source, but keys before a role", (first, second, settings) => {
    const shared = profilesOf({ base: keys, p: settings, target: role("Target", from("p")) });
    const asRole = first === "role" && second !== "keys";
    const kind = first === "role" ? second : first;
    expect(planOf("target", shared)).toBe(`${asRole ? "keys base → Own" : `${kind} p`} → Target`);
  });
});

describe(planSourceProfile, () => {
  it("says what named a source that does not exist", async () => {
    const error = await errorOf(() => planSourceProfile("gone", profilesOf({}), {}, "the command"));
    expect(error.code).toBe("SourceProfileNotFound");
    expect(error.details.target).toBe("gone");
    expect(error.message).toContain("the command");
  });
});

// default-chain.test.ts has the order of the sources.
describe(planDefault, () => {
  const shared = profilesOf({
    default: role("Default", from("base")),
    base: keys,
    prod: role("Prod", from("base")),
    empty: { region: "eu-west-1" },
  });
  const pod = { AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_ROLE_ARN: arn("Pod") };
  it.each<[string, Environment, string]>([
    ["the default profile", {}, "keys base → Default"],
    ["AWS_PROFILE", { AWS_PROFILE: "prod" }, "keys base → Prod"],
    ["the environment's web identity", { ...pod, AWS_PROFILE: "base" }, "webIdentity of the environment"],
    ["instance metadata", { AWS_PROFILE: "empty" }, "instanceMetadata"],
    [
      "empty variables as if they were unset",
      { AWS_ACCESS_KEY_ID: "", AWS_WEB_IDENTITY_TOKEN_FILE: "", AWS_PROFILE: "prod" },
      "keys base → Prod",
    ],
  ])("takes %s", (_what, environment, expected) => {
    expect(line(planDefault(shared, environment))).toBe(expected);
  });

  it.each(["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"])(
    "fails if %s holds only white space",
    async (name) => {
      const environment = { AWS_PROFILE: "empty", [name]: " " };
      expect(await codeOf(() => planDefault(shared, environment))).toBe("EnvironmentIncomplete");
    },
  );
});

describe("a profile with an unusual value", () => {
  const credentials = "[b]\naws_access_key_id = A\naws_secret_access_key = S\n";

  it.each([
    ["a hidden character", "source_profile = b\nexternal_id = a\u00a0b\n", "SettingInvalid", "line 4 of config"],
    ["a hidden character in a source's name", "source_profile = b\u200b\n", "SourceProfileNotFound", "'b\\u200b'"],
  ])("is rejected with the profile and the setting: %s", async (_, text, code, message) => {
    const shared = filesOf(`[profile a]\nrole_arn = ${arn("A")}\n${text}`, credentials);
    const error = await errorOf(() => planProfile("a", shared, {}));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each([
    ["before a key", "region = x\n\u00a0role_arn = y\n", "NoCredentials", "Line 3 of config holds", "U+00A0"],
    ["in a key", "role\u00a0arn = x\n", "NoCredentials", "Line 2 of config holds", "U+00A0"],
    [
      "before source_profile",
      `role_arn = ${arn("A")}\n\u200bsource_profile = b\n`,
      "SourceMissing",
      "Line 3",
      "U+200B",
    ],
    [
      "in a source's name",
      `role_arn = ${arn("A")}\nsource_profile = my\u00a0src\n[profile 'my src']\nregion = x\n`,
      "SourceProfileNotFound",
      "The name holds the hidden character U+00A0",
      "unlike line 4 of config",
    ],
  ])("names a hidden character %s and its line", async (_, text, code, ...messages) => {
    const environment = { AWS_EC2_METADATA_DISABLED: "true" };
    const error = await errorOf(() => planProfile("a", filesOf(`[profile a]\n${text}`), environment));
    expect(error.code).toBe(code);
    for (const message of messages) expect(error.message).toContain(message);
  });

  it("says nothing of a hidden character in a comment", async () => {
    const text = `[profile a]\nrole_arn = ${arn("A")}\n# \u200bsource_profile = b\n`;
    expect((await errorOf(() => planProfile("a", filesOf(text), {}))).message).not.toContain("hidden");
  });

  it.each([
    ["a role", `role_arn = ${arn("A")}\n`, "SourceMissing"],
    ["nothing else", "", "ProfileIncomplete"],
  ])("suggests a replacement for aws-vault's include_profile with %s", async (_, text, code) => {
    const shared = filesOf(`[profile a]\n${text}include_profile = base\n`);
    const error = await errorOf(() => planProfile("a", shared, {}));
    expect(error.code).toBe(code);
    expect(error.details.action).toMatch(/include_profile.*aws-vault.*source_profile = base/);
  });
});
