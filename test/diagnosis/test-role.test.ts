import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testHop } from "../../src/diagnosis/test-role.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { escapeForTerminal } from "../../src/protocol/terminal.ts";
import { Core } from "../../src/server/core.ts";
import { closedPort, contextOf } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import { assume, device, idsOf, last, openRooms, role, startUrl, store, testChain, write } from "./diagnosing.ts";

const room = openRooms();

describe("a working chain", () => {
  const chain = `role_arn = ${role("ChainC", "333333333333")}
source_profile = b
[profile b]
role_arn = ${role("ChainB", "222222222222")}
source_profile = a
[profile a]
role_arn = ${role("ChainA", "111111111111")}
source_profile = jo`;

  it("reports source, identity, STS endpoint and expiration of each hop", async () => {
    const hops = await room.state(chain);
    expect(
      hops.map(({ operation, profileName, identity, succeeded }) => [
        operation,
        profileName,
        identity?.arn.replace(/-\d+$/, ""),
        succeeded,
      ]),
    ).toEqual([
      ["Keys", "jo", "arn:aws:iam::111111111111:user/jo", true],
      ["AssumeRole", "a", "arn:aws:sts::111111111111:assumed-role/ChainA/RoleCredentials-session", true],
      ["AssumeRole", "b", "arn:aws:sts::222222222222:assumed-role/ChainB/RoleCredentials-session", true],
      ["AssumeRole", "test", "arn:aws:sts::333333333333:assumed-role/ChainC/RoleCredentials-session", true],
    ]);
    expect(hops.map(({ source }) => source)).toEqual([
      "aws_access_key_id of profile jo",
      "profile jo",
      `role ${role("ChainA", "111111111111")} (profile a)`,
      `role ${role("ChainB", "222222222222")} (profile b)`,
    ]);
    expect(hops.every(({ endpoint, region }) => endpoint === room.sandbox.urls.sts && region === "eu-west-1")).toBe(
      true,
    );
    expect(hops[0]?.expiration).toBeUndefined();
    expect(hops.slice(1).every(({ expiration }) => Date.parse(expiration ?? "") > Date.now() + 3_500_000)).toBe(true);
    expect(hops.map((hop) => hop.last)).toEqual([false, false, false, true]);
    expect(hops.flatMap(({ causes }) => causes)).toEqual([]);
  });

  it("calls STS once for each role and once for its identity", async () => {
    await room.state(chain);
    const actions = room.sandbox.calls.map(({ action }) => action);
    expect(actions.filter((action) => action === "AssumeRole")).toHaveLength(3);
    expect(actions.filter((action) => action === "GetCallerIdentity")).toHaveLength(4);
  });

  it("marks cached credentials and still verifies them", async () => {
    await room.state(chain);
    room.sandbox.clearCalls();
    const hops = await room.state(chain);
    expect(hops.map(({ cached }) => cached)).toEqual([false, true, true, true]);
    const toSts = room.sandbox.calls.filter(({ service }) => service === "sts");
    expect(toSts.map(({ action }) => action)).toEqual(Array(4).fill("GetCallerIdentity"));
  });

  it("bypasses the cache with noCache", async () => {
    await room.state(chain);
    room.sandbox.clearCalls();
    const hops = await room.state(chain, { profileName: "test", noCache: true });
    expect(hops.map(({ cached }) => cached)).toEqual([false, false, false, false]);
    expect(room.sandbox.calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(3);
  });

  it("detects the loss of a cached role with noCache", async () => {
    await room.state(assume("Admin"));
    room.sandbox.failNext({ action: "AssumeRole", code: "AccessDenied", status: 403 });
    expect(last(await room.state(assume("Admin"))).succeeded).toBe(true);
    const fresh = await room.state(assume("Admin"), { profileName: "test", noCache: true });
    expect(last(fresh).succeeded).toBe(false);
  });

  it("runs a credential_process once for any number of hops", async () => {
    const script = write(
      room.home,
      "process.cjs",
      `require("node:fs").appendFileSync(__dirname + "/runs", "x");
console.log(JSON.stringify({ Version: 1, AccessKeyId: "${keysOf.jo.accessKeyId}", SecretAccessKey: "${keysOf.jo.secretAccessKey}" }));`,
    );
    const program = `[profile program]\ncredential_process = "${process.execPath}" "${script}"`;
    const hops = await room.state(assume("Admin", "program", program));
    expect(hops.map(({ operation, succeeded }) => [operation, succeeded])).toEqual([
      ["CredentialProcess", true],
      ["AssumeRole", true],
    ]);
    expect(readFileSync(join(room.home, "runs"), "utf8")).toBe("x");
  });

  it.each(["Environment", "Ec2InstanceMetadata", "EcsContainer"])("starts at %s", async (operation) => {
    const environment = {
      AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${room.sandbox.urls.container}/full`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token-EXAMPLE",
    };
    const settings = `role_arn = ${role("Admin")}\ncredential_source = ${operation}`;
    const hops = await room.state(settings, undefined, { environment });
    expect(hops.map((hop) => [hop.operation, hop.succeeded])).toEqual([
      [operation, true],
      ["AssumeRole", true],
    ]);
  });

  it("starts at given credentials", async () => {
    const hops = await room.state("region = eu-west-1", { roleArn: role("Admin"), credentials: keysOf.jo });
    expect(hops.map(({ operation, source }) => [operation, source])).toEqual([
      ["Credential", "-Credential"],
      ["AssumeRole", "-Credential"],
    ]);
  });

  it("uses the STS of the role's partition without a configured region", async () => {
    const settings = `role_arn = arn:aws-cn:iam::444444444444:role/Admin\nsource_profile = wei`;
    const hops = await room.state(settings, undefined, { environment: { AWS_DEFAULT_REGION: "" } });
    expect(hops.map(({ region, succeeded }) => [region, succeeded])).toEqual([
      ["cn-north-1", true],
      ["cn-north-1", true],
    ]);
  });

  it("reports a wrong clock even if the calls succeed", async () => {
    const hops = await room.state(assume("Admin"), undefined, { now: () => Date.now() + 120_000 });
    expect(hops.map(({ succeeded }) => succeeded)).toEqual([true, true]);
    expect(hops[0]?.clockSkewSeconds).toBeGreaterThan(90);
    expect(hops[0]?.clockSkewSeconds).toBeLessThan(150);
  });
});

describe("MFA", () => {
  const mfa = assume("MfaRequired", "jo", `mfa_serial = ${device}`);
  const withCode = () => ({ profileName: "test", tokenCode: room.sandbox.totp("jo") });

  it("requests a code as Use-Role does, and uses it once", async () => {
    const asked: string[] = [];
    const hops = await room.state(mfa, undefined, {
      code: (serial) => {
        asked.push(serial);
        return room.sandbox.totp("jo");
      },
    });
    expect(hops.map(({ succeeded, codeTaken }) => [succeeded, codeTaken ?? false])).toEqual([
      [true, false],
      [true, true],
    ]);
    expect(asked).toEqual([device]);
  });

  it("reports a failed hop if it cannot prompt", async () => {
    const hop = last(await room.state(mfa));
    expect(hop).toMatchObject({ succeeded: false, error: { id: "MfaRequired", mfaSerial: device } });
    expect(idsOf(hop)).toEqual(["MfaRequired"]);
  });

  it("reports an MFA session as a separate hop", async () => {
    const hops = await room.state(`${mfa}\nmfa_session = true`, withCode());
    expect(hops.map(({ operation, succeeded }) => [operation, succeeded])).toEqual([
      ["Keys", true],
      ["GetSessionToken", true],
      ["AssumeRole", true],
    ]);
  });

  it("reports a wrong code", async () => {
    const hop = last(await room.state(mfa, { profileName: "test", tokenCode: "000000" }));
    expect([hop.error?.id, idsOf(hop)]).toEqual(["MfaCodeRejected", ["MfaCodeRejected"]]);
  });

  it("reports another user's device", async () => {
    const hops = await room.state(mfa.replace("mfa/jo", "mfa/ann"), withCode());
    expect(idsOf(last(hops))).toEqual(["MfaDeviceWrong"]);
  });

  it("reports a code sent with temporary credentials", async () => {
    const hub = `[profile hub]\nrole_arn = ${role("Hub", "111111111111")}\nsource_profile = jo`;
    const hops = await room.state(assume("MfaRequired", "hub", `mfa_serial = ${device}`, hub), withCode());
    expect(idsOf(last(hops))).toEqual(["MfaNeedsLongTermKeys"]);
  });
});

describe("a failed hop", () => {
  const other = "[profile other]";
  const hub = `[profile hub]\nrole_arn = ${role("Hub", "111111111111")}\nsource_profile = jo`;
  const noLogin = `sso_start_url = ${startUrl}\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = ReadOnly`;
  const china = "role_arn = arn:aws-cn:iam::444444444444:role/Admin\nsource_profile = jo\nregion = eu-west-1";
  const admin = `role_arn = ${role("Admin")}`;
  // The problem, the number of the hop, the error's id, the settings, and the first cause if it has another name.
  it.each<[string, number, string, string, string?]>([
    ["wrong trust", 2, "AccessDenied", assume("DeniedByTrust"), "TrustPolicyLacksAllow"],
    ["an identity policy's Deny", 2, "AccessDenied", assume("DeniedByIdentity"), "IdentityPolicyDenies"],
    [
      "a missing MFA code with a known device",
      2,
      "AccessDenied",
      assume("MfaRequired", "jo", other, assume("Admin"), `mfa_serial = ${device}`),
      "MfaMissing",
    ],
    [
      "a missing external id that another profile has",
      2,
      "AccessDenied",
      assume("ExternalIdRequired", "jo", other, assume("Other"), "external_id = x1"),
      "ExternalIdMissing",
    ],
    [
      "a duration beyond the role's",
      2,
      "DurationInvalid",
      assume("OneHour", "jo", "duration_seconds = 7200"),
      "RoleDuration",
    ],
    ["the chained hour", 3, "DurationInvalid", assume("Admin", "hub", "duration_seconds = 7200", hub), "ChainedHour"],
    ["a disabled region", 2, "RegionDisabled", assume("Admin", "jo", "region = me-south-1")],
    ["a role of another partition", 2, "PartitionMismatch", china],
    ["keys of another partition", 1, "CredentialsRejected", assume("Admin", "wei"), "KeyUnknown"],
    [
      "a role's tags without TagSession",
      2,
      "AccessDenied",
      assume("NoTags", "jo", "session_tags = team=a"),
      "TagSessionNotAllowed",
    ],
    [
      "a source identity without SetSourceIdentity",
      2,
      "AccessDenied",
      assume("NoTags", "jo", "source_identity = jo"),
      "SetSourceIdentityNotAllowed",
    ],
    ["expired keys", 1, "CredentialsExpired", assume("Admin", "expired")],
    ["an unknown key", 1, "CredentialsRejected", assume("Admin", "unknown"), "KeyUnknown"],
    ["an inactive key", 1, "CredentialsRejected", assume("Admin", "annInactive"), "KeyUnknown"],
    ["a bad secret", 1, "CredentialsRejected", assume("Admin", "badsecret"), "SecretKeyWrong"],
    ["a left-over session token", 1, "CredentialsRejected", assume("Admin", "leftover"), "SessionTokenLeftOver"],
    ["a missing session token", 1, "CredentialsRejected", assume("Admin", "tokenless"), "SessionTokenMissing"],
    ["root's keys", 2, "RootNotAllowed", assume("Admin", "root")],
    ["a missing sign-in", 1, "SsoLoginRequired", noLogin],
    ["a missing source", 1, "SourceMissing", admin],
    ["a missing source profile", 1, "SourceProfileNotFound", assume("Admin", "nowhere")],
    ["two sources", 1, "SourceConflict", assume("Admin", "jo", "credential_source = Environment")],
    ["a cycle", 1, "ProfileCycle", assume("Admin", "x", "[profile x]", assume("Admin", "test"))],
    ["a malformed ARN", 1, "ArnInvalid", "role_arn = Admin\nsource_profile = jo"],
    ["an environment without keys", 1, "EnvironmentIncomplete", `${admin}\ncredential_source = Environment`],
    ["a missing program", 1, "CredentialProcessFailed", "credential_process = no-such-program-anywhere"],
  ])("names %s", async (_, number, id, settings, first = id) => {
    const hops = await room.state(settings);
    const hop = last(hops);
    expect(hop).toMatchObject({ number, succeeded: false, last: true, error: { id } });
    expect(idsOf(hop)[0]).toBe(first);
    expect(hops).toHaveLength(number);
    expect(hops.slice(0, -1).every(({ succeeded }) => succeeded)).toBe(true);
    expect(hop.causes.every(({ explanation, action }) => explanation !== "" && action !== "")).toBe(true);
    // No report contains a secret.
    for (const keys of Object.values(keysOf)) expect(JSON.stringify(hops)).not.toContain(keys.secretAccessKey);
  });

  it.each([
    ["eu-west-1", ["KeyUnknown", "WrongPartition"]],
    ["eu-south-1", ["KeyUnknown", "WrongPartition", "RegionNotEnabled"]],
    ["cn-north-1", ["KeyUnknown", "WrongPartition"]],
  ])("suggests the region as a cause if a key is unknown in %s", async (region, ids) => {
    const hop = last(await room.state(`aws_access_key_id = AKIANOBODY\naws_secret_access_key = x\nregion = ${region}`));
    expect(idsOf(hop)).toEqual(ids);
  });

  const denied = "x is not authorized to perform: sts:AssumeRole";
  it.each([
    ["STS", `${denied} with an explicit deny in a permissions boundary: arn:\u202e\u001b[31m`, ""],
    ["the files", denied, assume("B", "jo", "mfa_serial = arn:\u202e\u0007")],
  ])("escapes control characters from %s", async (_, message, settings) => {
    room.sandbox.failNext({ action: "AssumeRole", code: "AccessDenied", status: 403, message });
    const hop = last(await room.state(assume("Admin", "jo", other, settings)));
    expect(JSON.stringify(hop.causes)).toContain("u202e");
    const { trustPolicy, identityPolicy, ...texts } = hop;
    JSON.stringify(texts, (_, value) => {
      if (typeof value === "string") expect(value).toBe(escapeForTerminal(value));
      return value;
    });
  });

  it("ends the chain", async () => {
    const hops = await room.state(assume("Admin", "b", "[profile b]", assume("DeniedByTrust")));
    expect(hops.map(({ profileName, succeeded }) => [profileName, succeeded])).toEqual([
      ["jo", true],
      ["b", false],
    ]);
    expect(room.sandbox.calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(1);
  });

  it.each([
    ["ten minutes ahead", 600],
    ["ten minutes behind", -600],
    ["a day ahead", 86_400],
  ])("reports a clock that is %s", async (_, seconds) => {
    const now = () => Date.now() + seconds * 1000;
    const hop = last(await room.state(assume("Admin"), undefined, { now }));
    expect([hop.number, hop.error?.id, idsOf(hop)]).toEqual([1, "ClockSkew", ["ClockSkew"]]);
    expect(Math.abs((hop.clockSkewSeconds ?? 0) - seconds)).toBeLessThan(30);
  });

  it.each([
    ["Ec2InstanceMetadata", "InstanceMetadataFailed", "AWS_EC2_METADATA_SERVICE_ENDPOINT"],
    ["EcsContainer", "ContainerUriRefused", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  ])("reports %s that fails", async (operation, id, variable) => {
    const url = operation === "EcsContainer" ? "http://example.com/" : `http://127.0.0.1:${await closedPort()}`;
    const settings = `${admin}\ncredential_source = ${operation}`;
    const hop = last(await room.state(settings, undefined, { environment: { [variable]: url } }));
    expect(hop).toMatchObject({ number: 1, operation, error: { id } });
  });

  it("reports an unreachable STS", async () => {
    const endpointUrl = `http://127.0.0.1:${await closedPort()}`;
    const hop = last(await room.state(assume("Admin"), { profileName: "test", endpointUrl }));
    expect([hop.number, hop.error?.id, hop.endpoint]).toEqual([1, "StsUnreachable", endpointUrl]);
  });

  it("reports missing credentials", async () => {
    const hops = await testChain(room.sandbox, room.home, {}, { environment: { AWS_EC2_METADATA_DISABLED: "true" } });
    expect([last(hops).operation, last(hops).error?.id]).toEqual(["Profile", "NoCredentials"]);
  });
});

describe("an invalid request", () => {
  it.each<[string, string, UseRoleParams]>([
    ["an unknown profile", "ProfileNotFound", { profileName: "nobody" }],
    ["a malformed ARN", "ArnInvalid", { roleArn: "Admin", sourceProfile: "jo" }],
    ["an unknown source", "SourceProfileNotFound", { roleArn: role("Admin"), sourceProfile: "nobody" }],
    ["an unknown profile with a role", "SourceProfileNotFound", { roleArn: role("Admin"), profileName: "nobody" }],
    ["two sources", "ParameterConflict", { roleArn: role("Admin"), sourceProfile: "jo", credentials: keysOf.jo }],
    ["an invalid duration", "DurationInvalid", { profileName: "test", durationInSeconds: 1 }],
    ["an invalid region", "RegionInvalid", { profileName: "test", region: "a/b" }],
    ["an invalid endpoint", "EndpointInvalid", { profileName: "test", endpointUrl: "no url" }],
    ["an invalid code", "TokenCodeInvalid", { profileName: "test", tokenCode: "1" }],
  ])("throws for %s", async (_, code, params) => {
    const testing = room.state(assume("Admin"), params);
    await expect(testing).rejects.toMatchObject({ name: "RoleError", code });
  });

  it("throws for a hop beyond the chain", async () => {
    store(room.home, "");
    const core = new Core();
    const context = contextOf({ HOME: room.home, ...room.sandbox.environment });
    const params = { profileName: "jo", hop: 2, invocationId: "c" };
    const asked = testHop(params, core.resolution(params, context), core.state("c"), context);
    await expect(asked).rejects.toBeInstanceOf(RoleError);
    core.close();
  });
});
