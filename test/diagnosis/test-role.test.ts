import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testHop } from "../../src/diagnosis/test-role.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { escapeForTerminal } from "../../src/protocol/terminal.ts";
import { Core } from "../../src/server/core.ts";
import { closedPort, contextOf } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import { assuming, credentialsFile, device, idsOf, last, openRooms, role, walkChain } from "./diagnosing.ts";

const room = openRooms();

describe("a working chain", () => {
  const chain = `${assuming(role("ChainC", "333333333333"), "b")}
[profile b]
${assuming(role("ChainB", "222222222222"), "a")}
[profile a]
${assuming(role("ChainA", "111111111111"))}`;

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
    await room.state(assuming());
    room.deny("User: x is not authorized to perform: sts:AssumeRole on resource: y");
    expect(last(await room.state(assuming())).succeeded).toBe(true);
    expect(last(await room.state(assuming(), { profileName: "test", noCache: true })).succeeded).toBe(false);
  });

  it("runs a credential_process once for any number of hops", async () => {
    const script = join(room.home.directory, "process.cjs");
    writeFileSync(
      script,
      `require("node:fs").appendFileSync(${JSON.stringify(join(room.home.directory, "runs"))}, "x");
console.log(JSON.stringify({ Version: 1, AccessKeyId: "${keysOf.jo.accessKeyId}", SecretAccessKey: "${keysOf.jo.secretAccessKey}" }));`,
    );
    const hops = await room.state(`${assuming(role("Admin"), "program")}
[profile program]
credential_process = "${process.execPath}" "${script}"`);
    expect(hops.map(({ operation, succeeded }) => [operation, succeeded])).toEqual([
      ["CredentialProcess", true],
      ["AssumeRole", true],
    ]);
    expect(readFileSync(join(room.home.directory, "runs"), "utf8")).toBe("x");
  });

  it.each([
    ["Environment", "credential_source = Environment"],
    ["Ec2InstanceMetadata", "credential_source = Ec2InstanceMetadata"],
    ["EcsContainer", "credential_source = EcsContainer"],
  ])("starts at %s", async (operation, source) => {
    const environment = {
      AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${room.sandbox.urls.container}/full`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token-EXAMPLE",
    };
    const hops = await room.state(`role_arn = ${role("Admin")}\n${source}`, undefined, { environment });
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
    const hops = await room.state(assuming("arn:aws-cn:iam::444444444444:role/Admin", "wei"), undefined, {
      environment: { AWS_DEFAULT_REGION: "" },
    });
    expect(hops.map(({ region, succeeded }) => [region, succeeded])).toEqual([
      ["cn-north-1", true],
      ["cn-north-1", true],
    ]);
  });

  it("reports a wrong clock even if the calls succeed", async () => {
    const hops = await room.state(assuming(), undefined, {
      now: () => Date.now() + 120_000,
    });
    expect(hops.map(({ succeeded }) => succeeded)).toEqual([true, true]);
    expect(hops[0]?.clockSkewSeconds).toBeGreaterThan(90);
    expect(hops[0]?.clockSkewSeconds).toBeLessThan(150);
  });
});

describe("MFA", () => {
  const mfa = `${assuming(role("MfaRequired"))}\nmfa_serial = ${device}`;

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
    const hops = await room.state(`${mfa}\nmfa_session = true`, {
      profileName: "test",
      tokenCode: room.sandbox.totp("jo"),
    });
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
    const hop = last(
      await room.state(mfa.replace("mfa/jo", "mfa/ann"), { profileName: "test", tokenCode: room.sandbox.totp("jo") }),
    );
    expect(idsOf(hop)).toEqual(["MfaDeviceWrong"]);
  });

  it("reports a code sent with temporary credentials", async () => {
    const hop = last(
      await room.state(
        `${assuming(role("MfaRequired"), "hub")}\nmfa_serial = ${device}
[profile hub]\n${assuming(role("Hub", "111111111111"))}`,
        { profileName: "test", tokenCode: room.sandbox.totp("jo") },
      ),
    );
    expect(idsOf(hop)).toEqual(["MfaNeedsLongTermKeys"]);
  });
});

describe("a failed hop", () => {
  // The problem, the number of the hop, the error's id, and the first cause.
  it.each<[string, number, string, string, string, Partial<UseRoleParams>?]>([
    ["wrong trust", 2, "AccessDenied", "TrustPolicyLacksAllow", assuming(role("DeniedByTrust"))],
    ["an identity policy's Deny", 2, "AccessDenied", "IdentityPolicyDenies", assuming(role("DeniedByIdentity"))],
    [
      "a missing MFA code with a known device",
      2,
      "AccessDenied",
      "MfaMissing",
      `${assuming(role("MfaRequired"))}\n[profile other]\nsource_profile = jo\nmfa_serial = ${device}\nrole_arn = ${role("Admin")}`,
    ],
    [
      "a missing external id that another profile has",
      2,
      "AccessDenied",
      "ExternalIdMissing",
      `${assuming(role("ExternalIdRequired"))}\n[profile other]\nsource_profile = jo\nexternal_id = x1\nrole_arn = ${role("Other")}`,
    ],
    [
      "a duration beyond the role's",
      2,
      "DurationInvalid",
      "RoleDuration",
      `${assuming(role("OneHour"))}\nduration_seconds = 7200`,
    ],
    [
      "the chained hour",
      3,
      "DurationInvalid",
      "ChainedHour",
      `${assuming(role("Admin"), "hub")}\nduration_seconds = 7200\n[profile hub]\n${assuming(role("Hub", "111111111111"))}`,
    ],
    ["a disabled region", 2, "RegionDisabled", "RegionDisabled", `${assuming()}\nregion = me-south-1`],
    [
      "a role of another partition",
      2,
      "PartitionMismatch",
      "PartitionMismatch",
      `${assuming("arn:aws-cn:iam::444444444444:role/Admin")}\nregion = eu-west-1`,
    ],
    ["keys of another partition", 1, "CredentialsRejected", "KeyUnknown", assuming(role("Admin"), "wei")],
    [
      "a role's tags without TagSession",
      2,
      "AccessDenied",
      "TagSessionNotAllowed",
      `${assuming(role("NoTags"))}\nsession_tags = team=a`,
    ],
    [
      "a source identity without SetSourceIdentity",
      2,
      "AccessDenied",
      "SetSourceIdentityNotAllowed",
      `${assuming(role("NoTags"))}\nsource_identity = jo`,
    ],
    ["expired keys", 1, "CredentialsExpired", "CredentialsExpired", assuming(role("Admin"), "expired")],
    ["an unknown key", 1, "CredentialsRejected", "KeyUnknown", assuming(role("Admin"), "unknown")],
    ["an inactive key", 1, "CredentialsRejected", "KeyUnknown", assuming(role("Admin"), "annInactive")],
    ["a bad secret", 1, "CredentialsRejected", "SecretKeyWrong", assuming(role("Admin"), "badsecret")],
    [
      "a left-over session token",
      1,
      "CredentialsRejected",
      "SessionTokenLeftOver",
      assuming(role("Admin"), "leftover"),
    ],
    ["a missing session token", 1, "CredentialsRejected", "SessionTokenMissing", assuming(role("Admin"), "tokenless")],
    ["root's keys", 2, "RootNotAllowed", "RootNotAllowed", assuming(role("Admin"), "root")],
    [
      "a missing sign-in",
      1,
      "SsoLoginRequired",
      "SsoLoginRequired",
      "sso_start_url = https://sandbox.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = ReadOnly",
    ],
    ["a missing source", 1, "SourceMissing", "SourceMissing", `role_arn = ${role("Admin")}`],
    [
      "a missing source profile",
      1,
      "SourceProfileNotFound",
      "SourceProfileNotFound",
      assuming(role("Admin"), "nowhere"),
    ],
    ["two sources", 1, "SourceConflict", "SourceConflict", `${assuming()}\ncredential_source = Environment`],
    [
      "a cycle",
      1,
      "ProfileCycle",
      "ProfileCycle",
      `${assuming(role("Admin"), "x")}\n[profile x]\n${assuming(role("Admin"), "test")}`,
    ],
    ["a malformed ARN", 1, "ArnInvalid", "ArnInvalid", "role_arn = Admin\nsource_profile = jo"],
    [
      "an environment without keys",
      1,
      "EnvironmentIncomplete",
      "EnvironmentIncomplete",
      `role_arn = ${role("Admin")}\ncredential_source = Environment`,
    ],
    [
      "a missing program",
      1,
      "CredentialProcessFailed",
      "CredentialProcessFailed",
      "credential_process = no-such-program-anywhere",
    ],
  ])("names %s", async (_, number, id, first, settings) => {
    const hops = await room.state(settings);
    const hop = last(hops);
    expect([hop.number, hop.succeeded, hop.last, hop.error?.id, idsOf(hop)[0]]).toEqual([
      number,
      false,
      true,
      id,
      first,
    ]);
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

  it.each([
    [
      "STS",
      "x is not authorized to perform: sts:AssumeRole with an explicit deny in a permissions boundary: arn:\u202e\u001b[31m",
      "",
    ],
    [
      "the files",
      "x is not authorized to perform: sts:AssumeRole",
      `[profile other]\n${assuming(role("B"))}\nmfa_serial = arn:\u202e\u0007`,
    ],
  ])("escapes control characters from %s", async (_, message, other) => {
    room.deny(message);
    const hop = last(await room.state(`${assuming()}\n${other}`));
    expect(JSON.stringify(hop.causes)).toContain("u202e");
    const { trustPolicy, identityPolicy, ...told } = hop;
    JSON.stringify(told, (_, value) => {
      if (typeof value === "string") expect(value).toBe(escapeForTerminal(value));
      return value;
    });
  });

  it("ends the chain", async () => {
    const hops = await room.state(`${assuming(role("ChainC", "333333333333"), "b")}
[profile b]
${assuming(role("DeniedByTrust"))}`);
    expect(hops.map(({ profileName, succeeded }) => [profileName, succeeded])).toEqual([
      ["jo", true],
      ["b", false],
    ]);
    expect(room.sandbox.calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(1);
  });

  it.each([600, -600, 86_400])("reports a clock that is %d seconds ahead", async (seconds) => {
    const hop = last(
      await room.state(assuming(), undefined, {
        now: () => Date.now() + seconds * 1000,
      }),
    );
    expect([hop.number, hop.error?.id, idsOf(hop)]).toEqual([1, "ClockSkew", ["ClockSkew"]]);
    expect(Math.abs((hop.clockSkewSeconds ?? 0) - seconds)).toBeLessThan(30);
  });

  it("reports instance metadata that does not answer", async () => {
    const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await closedPort()}` };
    const hop = last(
      await room.state(`role_arn = ${role("Admin")}\ncredential_source = Ec2InstanceMetadata`, undefined, {
        environment,
      }),
    );
    expect([hop.number, hop.operation, hop.error?.id]).toEqual([1, "Ec2InstanceMetadata", "InstanceMetadataFailed"]);
  });

  it("reports a forbidden container host", async () => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/credentials" };
    const hop = last(
      await room.state(`role_arn = ${role("Admin")}\ncredential_source = EcsContainer`, undefined, { environment }),
    );
    expect([hop.number, hop.operation, hop.error?.id]).toEqual([1, "EcsContainer", "ContainerUriRefused"]);
  });

  it("reports an unreachable STS", async () => {
    const endpointUrl = `http://127.0.0.1:${await closedPort()}`;
    const hop = last(await room.state(assuming(), { profileName: "test", endpointUrl }));
    expect([hop.number, hop.error?.id, hop.endpoint]).toEqual([1, "StsUnreachable", endpointUrl]);
  });

  it("reports missing credentials", async () => {
    const hops = await walkChain(room.sandbox, room.home, {}, { environment: { AWS_EC2_METADATA_DISABLED: "true" } });
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
    const walking = room.state(assuming(), params);
    await expect(walking).rejects.toMatchObject({ name: "RoleError", code });
  });

  it("throws for a hop beyond the chain", async () => {
    room.home.store("", credentialsFile);
    const core = new Core();
    const context = contextOf({ HOME: room.home.directory, ...room.sandbox.environment });
    const params = { profileName: "jo", hop: 2, invocationId: "c" };
    const asked = testHop(params, core.resolution(params, context), core.state("c"), context);
    await expect(asked).rejects.toBeInstanceOf(RoleError);
    core.close();
  });
});
