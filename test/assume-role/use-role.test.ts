import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/profiles/settings.ts";
import type { UseRoleParams, UseRoleResult } from "../../src/protocol/role-messages.ts";
import { codeOf, errorOf, textsOf } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { openOwnSandbox, openSandbox } from "../sandbox/open-sandbox.ts";
import { relativeCredentialsPath } from "../sandbox/services/container.ts";
import { worldWithUsers } from "../sandbox/world.ts";
import { type Home, homeOf, type More, section } from "./fixtures.ts";

const phone = "arn:aws:iam::111111111111:mfa/jo";
const hardware = "arn:aws:iam::111111111111:mfa/hub";

const sandbox = await openSandbox();
let elapsed = 0;
const now = () => Date.now() + elapsed;

const base = section("profile base", { ...keysOf.jo });
const prodWith = (more: Settings = {}) =>
  section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base", ...more });
const at = (config: string, more: Record<string, string> = {}) =>
  homeOf(config, { ...sandbox.environment, AWS_REGION: "eu-west-1", ...more }, "", now);
const actions = () => sandbox.calls.map(({ action }) => action);
const lastCall = () => sandbox.calls.at(-1);

/** Enters each requested code, and returns the requested serials in order. */
async function answering(home: Home, params: UseRoleParams, code: (serial: string) => string | undefined, more?: More) {
  const asked: string[] = [];
  const tokenCodes: Record<string, string> = {};
  const invocationId = `invocation-${Math.random()}`;
  for (;;) {
    try {
      return { asked, result: await home.use({ ...params, tokenCodes: { ...tokenCodes }, invocationId }, more) };
    } catch (error) {
      const { details, code: id } = await errorOf(() => Promise.reject(error));
      const serial = details.mfaSerial ?? "";
      const answer = id === "MfaRequired" ? code(serial) : undefined;
      if (answer === undefined) throw error;
      asked.push(serial);
      tokenCodes[serial] = answer;
    }
  }
}

/** Waits thirty seconds of sandbox and core time, because an MFA code works only once. */
const nextHalfMinute = () => {
  elapsed += 30_000;
  sandbox.advanceClock(30_000);
};

describe("a request", () => {
  it("returns everything from STS's response", async () => {
    const home = at(base);
    const result = await home.use({
      roleArn: roleArn("Admin"),
      profileName: "base",
      roleSessionName: "jo@example.com",
      durationInSeconds: 900,
      externalId: "ticket-42",
      sourceIdentity: "jo",
      tags: [{ key: "team", value: "größe 1" }],
      transitiveTagKeys: ["team"],
      policy: '{"Version":"2012-10-17","Statement":[]}',
      policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      region: "eu-central-1",
    });
    expect(result).toMatchObject({
      accessKeyId: expect.stringMatching(/^ASIA/),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      accountId: "123456789012",
      assumedRoleUser: {
        arn: "arn:aws:sts::123456789012:assumed-role/Admin/jo@example.com",
        assumedRoleId: expect.stringMatching(/:jo@example.com$/),
      },
      sourceIdentity: "jo",
      packedPolicySize: expect.any(Number),
      roleArn: roleArn("Admin"),
      region: "eu-central-1",
    } satisfies Partial<Record<keyof UseRoleResult, unknown>>);
    expect(lastCall()?.parameters).toMatchObject({
      DurationSeconds: "900",
      ExternalId: "ticket-42",
      SourceIdentity: "jo",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "größe 1",
      "TransitiveTagKeys.member.1": "team",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    });
    expect(lastCall()?.region).toBe("eu-central-1");
  });

  it.each<[what: string, params: UseRoleParams, source: string | undefined]>([
    ["-SourceProfile", { roleArn: roleArn("Admin"), sourceProfile: "base" }, "base"],
    ["-ProfileName beside a role", { roleArn: roleArn("Admin"), profileName: "base" }, "base"],
    [
      "-ProfileName beside a role's name",
      { roleName: "Admin", accountId: "123456789012", profileName: "base" },
      "base",
    ],
    ["the source of a profile's role", { profileName: "prod", sourceProfile: "base" }, "base"],
    ["a profile's own source", { profileName: "prod" }, undefined],
  ])("returns the source that was named: %s", async (_, params, source) => {
    const home = at(base + prodWith());
    const result = await home.use(params);
    expect(result.sourceProfile).toBe(source);
    expect(result.profileName).toBe(params.roleArn || params.roleName ? undefined : "prod");
  });

  it("sends no parameter that was not set", async () => {
    const home = at(base);
    await home.use({ roleArn: roleArn("Admin"), sourceProfile: "base" });
    const sent = Object.keys(lastCall()?.parameters ?? {});
    expect(sent.sort()).toEqual(["Action", "RoleArn", "RoleSessionName", "Version"]);
  });

  it("overrides the profile's settings", async () => {
    const stored = { externalId: "stored", roleSessionName: "stored", durationSeconds: "1800" };
    const home = at(base + prodWith({ roleArn: roleArn("ExternalIdRequired"), ...stored }));
    const params = { profileName: "prod", externalId: "ticket-42", roleSessionName: "given", durationInSeconds: 900 };
    expect((await home.use(params)).assumedRoleUser?.arn).toMatch(/\/given$/);
    expect(lastCall()?.parameters).toMatchObject({ DurationSeconds: "900", ExternalId: "ticket-42" });
  });

  it("accepts a role's name and account, in the partition of the region", async () => {
    const home = at(base);
    for (const roleName of ["Admin", "ops/ci/Deployer"])
      expect((await home.use({ roleName, accountId: "123456789012", profileName: "base" })).roleArn).toBe(
        roleArn(roleName),
      );
    const china = at(section("profile wei", { ...keysOf.wei, region: "cn-north-1" }));
    const result = await china.use({ roleName: "Admin", accountId: "444444444444", profileName: "wei" });
    expect(result.roleArn).toBe("arn:aws-cn:iam::444444444444:role/Admin");
    expect(lastCall()?.region).toBe("cn-north-1");
  });

  it("accepts credentials as the source", async () => {
    const home = at(base);
    const hub = await home.use({ roleArn: roleArn("Hub", "111111111111"), credentials: { ...keysOf.jo } });
    const credentials = {
      accessKeyId: hub.accessKeyId,
      secretAccessKey: hub.secretAccessKey,
      sessionToken: hub.sessionToken ?? "",
    };
    await home.use({ roleArn: roleArn("Admin"), credentials });
    expect(lastCall()?.principal).toMatch(/assumed-role\/Hub\//);
    const prod = at(base + prodWith({ roleSessionName: "own" }));
    const result = await prod.use({ profileName: "prod", credentials });
    expect(result.assumedRoleUser?.arn).toMatch(/\/own$/);
    expect(lastCall()?.principal).toMatch(/assumed-role\/Hub\//);
  });

  it("accepts another profile as the source of a profile's role", async () => {
    const profiles = [
      section("profile ann", { ...keysOf.ann }),
      section("profile same", { roleArn: roleArn("SameAccount", "111111111111"), sourceProfile: "base" }),
    ];
    const home = at(base + profiles.join(""));
    expect(await codeOf(() => home.use({ profileName: "same" }))).toBe("AccessDenied");
    await home.use({ profileName: "same", sourceProfile: "ann" });
    expect(lastCall()?.principal).toBe("arn:aws:iam::111111111111:user/ann");
  });

  it("assumes a role given with a profile using that profile's credentials, not its role", async () => {
    const home = at(base + section("profile same", { roleArn: roleArn("SameAccount", "111111111111"), ...keysOf.ann }));
    expect((await home.use({ roleArn: roleArn("Admin"), profileName: "base" })).roleArn).toBe(roleArn("Admin"));
    expect(lastCall()?.principal).toBe("arn:aws:iam::111111111111:user/jo");
    await home.use({ roleArn: roleArn("SameAccount", "111111111111"), profileName: "same" });
    expect(lastCall()?.principal).toBe("arn:aws:iam::111111111111:user/ann");
  });

  it("uses the container's credentials for a profile with only a region, with and without a role", async () => {
    const home = at(section("profile only", { region: "eu-central-1" }), {
      AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${sandbox.urls.container}${relativeCredentialsPath}`,
    });
    const result = await home.use({ profileName: "only" });
    expect(result).toMatchObject({ profileName: "only", region: "eu-central-1", sessionToken: expect.any(String) });
    expect((await home.identity({ profileName: "only" })).arn).toContain(":assumed-role/");
    await home.use({ profileName: "only", roleArn: roleArn("Admin") }).catch(() => {});
    expect(lastCall()).toMatchObject({ region: "eu-central-1", principal: expect.stringContaining(":assumed-role/") });
  });

  it.each(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])(
    "rejects a profile of %s that does not exist instead of using the environment's keys",
    async (variable) => {
      const home = at(base, {
        [variable]: "gone",
        AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
      });
      for (const params of [{}, { roleArn: roleArn("Admin") }]) {
        const error = await errorOf(() => home.use(params));
        expect(error).toMatchObject({ code: "ProfileNotFound", details: { target: "gone" } });
        expect(error.message).toContain(variable);
      }
      expect(sandbox.calls).toEqual([]);
      await home.use({ profileName: "base" });
    },
  );

  it("returns credentials without a role unchanged", async () => {
    const home = at(base);
    expect(await home.use({ profileName: "base" })).toMatchObject({ ...keysOf.jo, region: "eu-west-1" });
    expect(await home.use({ credentials: { ...keysOf.ann } })).toMatchObject(keysOf.ann);
    expect(actions()).toEqual([]);
  });

  const prod = { roleArn: roleArn("Admin"), sourceProfile: "base" };
  it.each<[string, UseRoleParams, string]>([
    ["-RoleArn and -RoleName", { ...prod, roleName: "Admin", accountId: "123456789012" }, "ParameterConflict"],
    ["-RoleName alone", { roleName: "Admin" }, "ParameterConflict"],
    ["-AccountId alone", { accountId: "123456789012" }, "ParameterConflict"],
    ["-SourceProfile and -Credential", { ...prod, credentials: keysOf.jo }, "ParameterConflict"],
    ["-SourceProfile alone", { sourceProfile: "base" }, "ParameterConflict"],
    ["-RoleArn with two sources", { ...prod, profileName: "prod" }, "ParameterConflict"],
    ["session parameters with keys", { profileName: "base", externalId: "ticket-42" }, "ParameterConflict"],
    ["session parameters with credentials", { credentials: keysOf.jo, durationInSeconds: 900 }, "ParameterConflict"],
    ["a source with keys", { profileName: "base", sourceProfile: "prod" }, "ParameterConflict"],
    ["an ARN of nine digits", { roleArn: "arn:aws:iam::123456789:role/Admin", profileName: "base" }, "ArnInvalid"],
    ["a name as the ARN", { roleArn: "Admin", profileName: "base" }, "ArnInvalid"],
    ["an account of eleven digits", { roleName: "Admin", accountId: "12345678901" }, "AccountIdInvalid"],
    ["a role's name with a space", { roleName: "Ad min", accountId: "123456789012" }, "RoleNameInvalid"],
    ["no such profile", { profileName: "gone" }, "ProfileNotFound"],
    ["no such source", { roleArn: roleArn("Admin"), sourceProfile: "gone" }, "SourceProfileNotFound"],
    ["a session name of one character", { ...prod, roleSessionName: "x" }, "RoleSessionNameInvalid"],
    ["a short duration", { ...prod, durationInSeconds: 899 }, "DurationInvalid"],
    ["an external id of one character", { ...prod, externalId: "x" }, "ExternalIdInvalid"],
    ["an invalid serial", { ...prod, mfaSerial: "phone" }, "MfaSerialInvalid"],
    ["an invalid code", { ...prod, tokenCode: "12345" }, "TokenCodeInvalid"],
    ["an invalid source identity", { ...prod, sourceIdentity: "j o" }, "SourceIdentityInvalid"],
    ["an invalid tag", { ...prod, tags: [{ key: "aws:x", value: "" }] }, "TagInvalid"],
    ["an invalid policy", { ...prod, policy: "{" }, "PolicyInvalid"],
    ["an invalid policy ARN", { ...prod, policyArns: ["ReadOnlyAccess"] }, "PolicyInvalid"],
    ["an invalid region", { ...prod, region: "eu west 1" }, "RegionInvalid"],
    ["an invalid endpoint", { ...prod, endpointUrl: "sts.example" }, "EndpointInvalid"],
    ["a region of another partition", { ...prod, region: "cn-north-1" }, "PartitionMismatch"],
    ["an unknown partition", { ...prod, roleArn: "arn:aws-moon:iam::123456789012:role/Admin" }, "PartitionMismatch"],
  ])("is rejected before any call: %s", async (_what, params, code) => {
    const home = at(base + prodWith());
    const error = await errorOf(() => home.use(params));
    expect(error.code).toBe(code);
    expect(error.details.action).toBeTruthy();
    expect(textsOf(error)).not.toContain(keysOf.jo.secretAccessKey);
    expect(sandbox.calls).toEqual([]);
  });
});

describe("a cached role", () => {
  const params = { profileName: "prod", region: "eu-west-1" };
  it.each<[string, UseRoleParams, string]>([
    ["an invalid region", { region: "no such region" }, "RegionInvalid"],
    ["an empty region", { region: "" }, "RegionInvalid"],
    ["a region of another partition", { region: "cn-north-1" }, "PartitionMismatch"],
    ["an invalid endpoint", { endpointUrl: "sts.example" }, "EndpointInvalid"],
    ["an invalid code", { tokenCode: "12345" }, "TokenCodeInvalid"],
    ["a code without a device", { tokenCode: "123456" }, "ParameterConflict"],
  ])("is not returned for a request with %s", async (_what, more, code) => {
    const home = at(base + prodWith());
    await home.use(params);
    expect(await codeOf(() => home.use({ ...params, ...more }))).toBe(code);
    expect(await codeOf(() => home.identity({ ...params, ...more }))).toBe(code);
  });

  it("is not returned if its profile has an invalid region", async () => {
    const home = at(base + prodWith());
    await home.use({ profileName: "prod" });
    home.write(".aws/config", base + prodWith({ region: "no such region" }));
    expect(await codeOf(() => home.use({ profileName: "prod" }))).toBe("RegionInvalid");
  });
});

it("rejects an STS endpoint for credentials that need no STS call", async () => {
  const error = await errorOf(() => at(base).use({ profileName: "base", endpointUrl: sandbox.urls.sts }));
  expect(error).toMatchObject({ code: "ParameterConflict", details: { target: "-EndpointUrl" } });
});

const chain = [
  section("profile a", { roleArn: roleArn("ChainA", "111111111111"), sourceProfile: "base" }),
  section("profile b", { roleArn: roleArn("ChainB", "222222222222"), sourceProfile: "a" }),
  section("profile c", { roleArn: roleArn("ChainC", "333333333333"), sourceProfile: "b" }),
].join("");

describe("a session name", () => {
  const stored = { roleSessionName: "stored" };
  it.each([
    ["the explicit one", stored, { roleSessionName: "given" }, { AWS_ROLE_SESSION_NAME: "env" }, /\/given$/],
    ["the profile's", stored, {}, { AWS_ROLE_SESSION_NAME: "env" }, /\/stored$/],
    ["AWS_ROLE_SESSION_NAME", {}, {}, { AWS_ROLE_SESSION_NAME: "env" }, /\/env$/],
    ["a generated one with the time", {}, {}, { AWS_ROLE_SESSION_NAME: "" }, /\/RoleCredentials-session-\d{10}$/],
  ])("is %s", async (_what, settings, params, environment, expected) => {
    const home = at(base + prodWith(settings), environment);
    expect((await home.use({ profileName: "prod", ...params })).assumedRoleUser?.arn).toMatch(expected);
  });

  it("is specific to each hop, and the explicit name applies to the last one", async () => {
    const named = chain
      .replace("[profile a]\n", "[profile a]\nrole_session_name = first\n")
      .replace("[profile c]\n", "[profile c]\nrole_session_name = third\n");
    const home = at(base + named, { AWS_ROLE_SESSION_NAME: "env" });
    await home.use({ profileName: "c", roleSessionName: "given" });
    expect(sandbox.calls.map(({ parameters }) => parameters.RoleSessionName)).toEqual(["first", "env", "given"]);
  });
});

describe("a chain", () => {
  it("assumes each role with the credentials of the previous hop", async () => {
    const home = at(base + chain);
    const result = await home.use({ profileName: "c" });
    expect(result.assumedRoleUser?.arn).toMatch(/^arn:aws:sts::333333333333:assumed-role\/ChainC\//);
    expect(sandbox.calls.map(({ principal }) => principal?.split("/")[1])).toEqual(["jo", "ChainA", "ChainB"]);
    expect(new Set(sandbox.calls.map(({ connection }) => connection)).size).toBe(1);
  });

  it("reuses the credentials of its hops", async () => {
    const home = at(base + chain);
    await home.use({ profileName: "b" });
    sandbox.clearCalls();
    await home.use({ profileName: "c" });
    expect(actions()).toEqual(["AssumeRole"]);
  });

  it.each([
    ["a", "ChainA"],
    ["b", "ChainB"],
    ["c", "ChainC"],
  ])("reports that hop %s failed", async (target, role) => {
    const home = at(base + chain.replace(`role/${role}`, "role/Missing"));
    const error = await errorOf(() => home.use({ profileName: "c" }));
    expect(error.code).toBe("AccessDenied");
    expect(error.details.target).toBe(target);
    expect(error.details.hop).toContain("role/Missing");
    expect(error.details.hop).toContain(`profile ${target}`);
  });

  it("lasts an hour at most, and rejects a longer duration before that hop", async () => {
    const long = chain.replace("[profile c]\n", "[profile c]\nduration_seconds = 3601\n");
    const error = await errorOf(() => at(base + long).use({ profileName: "c" }));
    expect(error.code).toBe("DurationInvalid");
    expect(error.details).toMatchObject({ target: "c", hop: expect.stringContaining("ChainC") });
    // The first hop of a chain starts from long-term keys, so it may last longer.
    sandbox.clearCalls();
    const first = chain.replace("[profile a]\n", "[profile a]\nduration_seconds = 43200\n");
    await at(base + first).use({ profileName: "c" });
    expect(sandbox.calls.map(({ parameters }) => parameters.DurationSeconds)).toEqual(["43200", undefined, undefined]);
  });

  it("rejects a cycle before any call", async () => {
    const home = at(chain.replace("source_profile = base", "source_profile = c"));
    expect(await codeOf(() => home.use({ profileName: "c" }))).toBe("ProfileCycle");
    expect(sandbox.calls).toEqual([]);
  });

  it("passes tags and a source identity on", async () => {
    const tagged = chain.replace(
      "[profile a]\n",
      "[profile a]\nsource_identity = jo\nsession_tags = Project=apollo\ntransitive_session_tags = Project\n",
    );
    expect((await at(base + tagged).use({ profileName: "c" })).sourceIdentity).toBe("jo");
  });
});

describe("MFA", () => {
  /** One chain needs two people's devices: jo's at the first hop, the hub's own at the second. */
  const prod = prodWith({ roleArn: roleArn("MfaRequired"), mfaSerial: phone });

  it("asks for the code of the profile's device once", async () => {
    nextHalfMinute();
    const home = at(base + prod);
    const { asked, result } = await answering(home, { profileName: "prod" }, () => sandbox.totp("jo"));
    expect(asked).toEqual([phone]);
    expect(result.assumedRoleUser?.arn).toContain("MfaRequired");
    expect((await answering(home, { profileName: "prod" }, () => undefined)).asked).toEqual([]);
    await home.restart();
    expect((await answering(home, { profileName: "prod" }, () => undefined)).asked).toEqual([]);
    expect(actions()).toEqual(["AssumeRole"]);
  });

  it("asks the next caller at once after a malformed code", async () => {
    const home = at(base + prod);
    const malformed = answering(home, { profileName: "prod" }, () => "12345");
    await expect(malformed).rejects.toMatchObject({ code: "TokenCodeInvalid" });
    // Another caller is asked at once.
    await expect(home.use({ profileName: "prod" })).rejects.toMatchObject({ code: "MfaRequired" });
  });

  it("accepts a code given in advance", async () => {
    nextHalfMinute();
    const home = at(base + prod);
    await home.use({ profileName: "prod", tokenCode: sandbox.totp("jo") });
    expect(lastCall()?.parameters).toMatchObject({ SerialNumber: phone });
  });

  it("names the device that needs a code if it cannot prompt", async () => {
    const error = await errorOf(() => at(base + prod).use({ profileName: "prod" }));
    expect(error.code).toBe("MfaRequired");
    expect(error.details).toMatchObject({ mfaSerial: phone, target: expect.stringContaining("MfaRequired") });
    expect(error.details.hop).toContain("profile prod");
    expect(error.details.action).toContain("-TokenCode");
    expect(sandbox.calls).toEqual([]);
  });

  it("distinguishes a wrong code from a used one", async () => {
    nextHalfMinute();
    const code = sandbox.totp("jo");
    const wrong = code === "000000" ? "000001" : "000000";
    const error = await errorOf(() => at(base + prod).use({ profileName: "prod", tokenCode: wrong }));
    expect(error.code).toBe("MfaCodeRejected");
    expect(error.details.mfaSerial).toBe(phone);
    expect(textsOf(error)).not.toContain(wrong);
    await at(base + prod).use({ profileName: "prod", tokenCode: code });
    expect(await codeOf(() => at(base + prod).use({ profileName: "prod", tokenCode: code }))).toBe("MfaCodeRejected");
  });

  it("reports a device that does not belong to the caller", async () => {
    const other = prod.replace(phone, hardware);
    const error = await errorOf(() => at(base + other).use({ profileName: "prod", tokenCode: "123456" }));
    expect(["MfaCodeRejected", "MfaSerialInvalid"]).toContain(error.code);
    expect(error.details.mfaSerial).toBe(hardware);
  });

  it("allows more than an hour in AssumeRole itself", async () => {
    nextHalfMinute();
    const home = at(base + prod);
    const params = { profileName: "prod", durationInSeconds: 43_200, tokenCode: sandbox.totp("jo") };
    const { expiration = "" } = await home.use(params);
    expect(Date.parse(expiration) - now()).toBeGreaterThan(43_000_000);
  });

  it("opens one session for many roles if the profiles ask for it", async () => {
    nextHalfMinute();
    const asked = { sourceProfile: "base", mfaSerial: phone, mfaSession: "true" };
    const role = (name: string, more = {}) => section(`profile ${name}`, { roleArn: roleArn(name), ...asked, ...more });
    const home = at(base + role("MfaRequired") + role("FreshMfa") + role("Admin", { durationSeconds: "43200" }));
    const first = await answering(home, { profileName: "MfaRequired" }, () => sandbox.totp("jo"));
    expect(first.asked).toEqual([phone]);
    await home.restart();
    expect((await answering(home, { profileName: "FreshMfa" }, () => undefined)).asked).toEqual([]);
    // Role chaining allows no more than an hour: the duration is capped, with a message.
    const admin = await home.use({ profileName: "Admin" });
    expect(Date.parse(admin.expiration ?? "") - now()).toBeLessThanOrEqual(3_600_000);
    expect(home.said.join("\n")).toContain("43200");
    expect(actions()).toEqual(["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"]);
  });

  it("opens a session for the keys themselves if their profile asks for it", async () => {
    nextHalfMinute();
    const session = { mfaSerial: phone, mfaSession: "true", durationSeconds: "129600" };
    const own = section("profile base", { ...keysOf.jo, ...session });
    const home = at(own + prodWith({ roleArn: roleArn("MfaRequired") }));
    const { asked, result } = await answering(home, { profileName: "base" }, () => sandbox.totp("jo"));
    expect(asked).toEqual([phone]);
    expect(Date.parse(result.expiration ?? "") - now()).toBeGreaterThan(129_000_000);
    expect((await home.identity({ profileName: "base" })).arn).toBe("arn:aws:iam::111111111111:user/jo");
    await home.use({ profileName: "prod" });
    expect(actions()).toEqual(["GetSessionToken", "GetCallerIdentity", "AssumeRole"]);
  });

  it("opens no session with a role's temporary credentials", async () => {
    nextHalfMinute();
    const hub = section("profile hub", { roleArn: roleArn("Hub", "111111111111"), sourceProfile: "base" });
    const home = at(base + hub + prodWith({ sourceProfile: "hub", mfaSerial: phone, mfaSession: "true" }));
    const code = await codeOf(() => home.use({ profileName: "prod", tokenCode: sandbox.totp("jo") }));
    expect(actions()).not.toContain("GetSessionToken");
    // A role's session has no MFA device, and STS reports that.
    expect(["MfaCodeRejected", "MfaSerialInvalid", "AccessDenied"]).toContain(code);
  });
});

describe("MFA on several hops", () => {
  // A separate world, in which the second hop accepts any device of the main account.
  const card = "arn:aws:iam::111111111111:mfa/card";
  const seed = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK";
  const world = worldWithUsers((user) => ({
    ...user,
    mfaDevices: [...(user.mfaDevices ?? []), ...(user.name === "jo" ? [{ serial: card, seed }] : [])],
  }));

  it("asks for each device's code with its own serial, and keeps the hops it has completed", async () => {
    const local = await openOwnSandbox({ world });
    const config = [
      base,
      section("profile one", { roleArn: roleArn("MfaRequired"), sourceProfile: "base", mfaSerial: phone }),
      section("profile two", { roleArn: roleArn("Admin"), sourceProfile: "base", mfaSerial: card }),
    ].join("");
    const home = homeOf(config, { ...local.environment, AWS_REGION: "eu-west-1" });
    const one = await answering(home, { profileName: "one" }, (serial) => local.totp(serial));
    const two = await answering(home, { profileName: "two" }, (serial) => local.totp(serial));
    expect([one.asked, two.asked]).toEqual([[phone], [card]]);
  });

  it.each([false, true])("asks hop by hop in one request (noCache %j)", async (noCache) => {
    const hub = { roleArn: roleArn("Hub", "111111111111"), sourceProfile: "base", mfaSerial: phone };
    const home = at(base + section("profile hub", hub) + prodWith({ sourceProfile: "hub", mfaSerial: card }));
    nextHalfMinute();
    const asked: string[] = [];
    const error = await errorOf(() =>
      answering(home, { profileName: "prod", noCache }, (serial) => {
        asked.push(serial);
        return serial === phone ? sandbox.totp("jo") : "123456";
      }),
    );
    // The first hop succeeded with jo's code, and was not repeated when the second one asked for its own.
    expect(asked).toEqual([phone, card]);
    expect(error.details.hop).toContain("profile prod");
    expect(sandbox.calls.map(({ parameters }) => parameters.SerialNumber)).toEqual([phone, card]);
    expect(sandbox.calls.map(({ status }) => status)).toEqual([200, expect.any(Number)]);
  });
});

describe("noCache", () => {
  const config = base + prodWith();
  it("calls STS each time and writes nothing", async () => {
    const home = at(config);
    const first = await home.use({ profileName: "prod", noCache: true });
    const second = await home.use({ profileName: "prod", noCache: true });
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
    await home.use({ profileName: "prod" });
    expect(actions()).toEqual(["AssumeRole", "AssumeRole", "AssumeRole"]);
  });
  it("ignores existing cache entries", async () => {
    const home = at(config);
    const kept = await home.use({ profileName: "prod" });
    expect((await home.use({ profileName: "prod", noCache: true })).accessKeyId).not.toBe(kept.accessKeyId);
    expect((await home.use({ profileName: "prod" })).accessKeyId).toBe(kept.accessKeyId);
  });
});

describe("the endpoint of each hop", () => {
  const hub = (more = {}) =>
    section("profile hub", { roleArn: roleArn("Hub", "111111111111"), sourceProfile: "base", ...more });
  const prod = (more = {}) => prodWith({ sourceProfile: "hub", ...more });
  const regions = () => sandbox.calls.map(({ region }) => region);

  const north = { region: "eu-north-1" };
  const paris = { region: "eu-west-3" };
  it.each<[string, string, Record<string, string>, UseRoleParams, [string, string]]>([
    ["the region of the hop's own profile", hub(north) + prod(paris), {}, {}, ["eu-north-1", "eu-west-3"]],
    ["the requested profile's if a hop has none", hub() + prod(paris), {}, {}, ["eu-west-3", "eu-west-3"]],
    ["the explicit one", hub(north) + prod(paris), {}, { region: "eu-south-1" }, ["eu-south-1", "eu-south-1"]],
    ["AWS_REGION", hub() + prod(), { AWS_REGION: "eu-west-2" }, {}, ["eu-west-2", "eu-west-2"]],
    [
      "AWS_DEFAULT_REGION after that",
      hub() + prod(),
      { AWS_REGION: "", AWS_DEFAULT_REGION: "sa-east-1" },
      {},
      ["sa-east-1", "sa-east-1"],
    ],
    ["us-east-1 last", hub() + prod(), { AWS_REGION: "" }, {}, ["us-east-1", "us-east-1"]],
  ])("is in %s", async (_what, config, environment, params, expected) => {
    const home = at(base + config, environment);
    await home.use({ profileName: "prod", ...params });
    expect(regions()).toEqual(expected);
  });

  it("uses the region of the source's profile for an explicit role", async () => {
    const home = at(section("profile base", { ...keysOf.jo, region: "eu-central-1" }));
    expect((await home.use({ profileName: "base", roleArn: roleArn("Admin") })).region).toBe("eu-central-1");
    expect(regions()).toEqual(["eu-central-1"]);
  });

  it("uses the partition of the role if no region is set", async () => {
    const home = at(section("profile wei", { ...keysOf.wei }), { AWS_REGION: "" });
    await home.use({ profileName: "wei", roleArn: "arn:aws-cn:iam::444444444444:role/Admin" });
    const gov = at(section("profile sam", { ...keysOf.sam }), { AWS_REGION: "" });
    await gov.use({ profileName: "sam", roleArn: "arn:aws-us-gov:iam::555555555555:role/Admin" });
    expect(regions()).toEqual(["cn-north-1", "us-gov-west-1"]);
  });

  it("rejects a partition other than the role's before the call", async () => {
    const home = at(base + hub() + prod({ region: "cn-north-1" }));
    expect(await codeOf(() => home.use({ profileName: "prod" }))).toBe("PartitionMismatch");
    expect(sandbox.calls).toEqual([]);
  });

  it("reports a region in which the account has disabled STS", async () => {
    const params = { profileName: "base", roleArn: roleArn("Admin"), region: "me-south-1" };
    expect(await codeOf(() => at(base).use(params))).toBe("RegionDisabled");
  });

  it("uses the endpoint of the profile, its services section, the variables or the parameter in every hop", async () => {
    const { AWS_ENDPOINT_URL_STS: url = "", ...rest } = sandbox.environment;
    const nowhere = "http://127.0.0.1:9";
    const wrong = hub({ endpointUrl: nowhere }) + prod({ endpointUrl: nowhere });
    const tries: [string, Record<string, string>, UseRoleParams][] = [
      [hub() + prod({ endpointUrl: url }), {}, {}],
      [hub({ endpointUrl: url }) + prod({ endpointUrl: url }), {}, {}],
      [`${hub() + prod({ services: "local" })}[services local]\nsts =\n  endpoint_url = ${url}\n`, {}, {}],
      [wrong, { AWS_ENDPOINT_URL_STS: url }, {}],
      [hub() + prod(), { AWS_ENDPOINT_URL: url }, {}],
      [wrong, { AWS_ENDPOINT_URL: nowhere }, { endpointUrl: url }],
    ];
    for (const [config, environment, params] of tries) {
      sandbox.clearCalls();
      const home = homeOf(base + config, { ...rest, AWS_REGION: "eu-west-1", ...environment }, "", now);
      await home.use({ profileName: "prod", ...params });
      expect(actions()).toEqual(["AssumeRole", "AssumeRole"]);
    }
  });

  it("uses the proxy, the regional host, FIPS and dual stack in every hop", async () => {
    const secure = await openOwnSandbox({ tls: true });
    const { AWS_ENDPOINT_URL_STS: _, ...rest } = secure.environment;
    const environment = { ...rest, HTTPS_PROXY: secure.urls.proxy, AWS_REGION: "eu-west-1" };
    const hosts = async (more: Record<string, string>, config: string) => {
      secure.clearCalls();
      await homeOf(base + config, { ...environment, ...more }).use({ profileName: "prod" });
      return secure.calls.filter(({ service }) => service === "sts").map(({ host }) => host);
    };
    const ohio = { region: "us-east-2" };
    expect(await hosts({}, hub(ohio) + prod())).toEqual(["sts.us-east-2.amazonaws.com", "sts.eu-west-1.amazonaws.com"]);
    const fips = await hosts({ AWS_USE_FIPS_ENDPOINT: "true" }, hub() + prod(ohio));
    expect(fips).toEqual(Array(2).fill("sts-fips.us-east-2.amazonaws.com"));
    const dualStack = await hosts({}, hub() + prod({ useDualstackEndpoint: "true", ...ohio }));
    expect(dualStack).toEqual(Array(2).fill("sts.us-east-2.api.aws"));
  });

  it("uses the instance's region last, if the chain starts with the instance", async () => {
    const config = section("profile prod", { roleArn: roleArn("Admin"), credentialSource: "Ec2InstanceMetadata" });
    const instance = await at(config, { AWS_REGION: "" }).use({ profileName: "prod" });
    expect(instance.assumedRoleUser?.arn).toContain("assumed-role/Admin/");
    expect(lastCall()?.region).toBe("eu-west-1");
  });
});

describe("concurrent and canceled requests", () => {
  it("are canceled with their caller", async () => {
    sandbox.failNext({ hang: true });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const params = { profileName: "base", roleArn: roleArn("Admin") };
    expect(await codeOf(() => at(base).use(params, { signal: abort.signal }))).toBe("Cancelled");
  });

  it("make one call for a hundred callers", async () => {
    const home = at(base + prodWith());
    const all = await Promise.all(Array.from({ length: 100 }, () => home.use({ profileName: "prod" })));
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
    expect(actions()).toEqual(["AssumeRole"]);
  });
});
