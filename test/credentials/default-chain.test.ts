import { describe, expect, it } from "vitest";
import { chooseDefaultSource, type NamedProfile, profileOfEnvironment } from "../../src/credentials/default-chain.ts";
import type { SourceRequest } from "../../src/credentials/source.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import { closedPort, codeOf, contextOf, errorOf, profileOf } from "./fixtures.ts";

const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" };
const web = { AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pod" };
const container = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/x" };
const everything = { ...keys, ...web, ...container };

const role: Settings = { roleArn: "arn:aws:iam::123456789012:role/r", sourceProfile: "base" };
const own: [string, Settings][] = [
  ["keys", { accessKeyId: "a", secretAccessKey: "s" }],
  ["a secret key without an access key", { secretAccessKey: "s" }],
  ["a process", { credentialProcess: "tool" }],
  ["a sign-in", { loginSession: "arn:aws:sts::123456789012:assumed-role/Admin/jo" }],
  ["a named source", { credentialSource: "Ec2InstanceMetadata" }],
  ["Identity Center", { ssoSession: "s", ssoAccountId: "1", ssoRoleName: "r" }],
  ["a web identity", { roleArn: "r", webIdentityTokenFile: "/t" }],
];
const nothing: [string, Settings][] = [
  ["a region", { region: "eu-west-1" }],
  ["a session token", { sessionToken: "t" }],
  ["an empty access key", { accessKeyId: "" }],
  ["a sign-in without account and role", { ssoSession: "s" }],
];

const byDefault: NamedProfile = { name: "default", from: "default" };
const byVariable: NamedProfile = { name: "prod", from: "AWS_PROFILE" };
const byParameter: NamedProfile = { name: "prod", from: "parameter" };

function kindOf(environment: Environment, named: NamedProfile, settings?: Settings) {
  const chosen = chooseDefaultSource(environment, named, settings && profileOf(settings, named.name));
  return "source" in chosen ? chosen.source.operation : "profile";
}

describe(chooseDefaultSource, () => {
  it.each([byDefault, byVariable])(
    "prefers the environment's keys to all other sources (profile by $from)",
    (named) => {
      expect(kindOf(everything, named, role)).toBe("Environment");
    },
  );

  it("chooses the endpoint of a served role rather than the profile that -Serve hides from programs", () => {
    const served = { ...web, AWS_CONTAINER_CREDENTIALS_FULL_URI: "/x", ROLE_CREDENTIALS_CONFIG_FILE: "" };
    for (const [, settings] of own) expect(kindOf(served, byDefault, settings)).toBe("EcsContainer");
    expect(kindOf({ ROLE_CREDENTIALS_CONFIG_FILE: "" }, byVariable, role)).toBe("EcsContainer");
    expect(kindOf({ ...served, ...keys }, byDefault, role)).toBe("Environment");
    expect(kindOf(served, byParameter, role)).toBe("profile");
  });

  it("chooses an incomplete pair of keys too, which is then an error", () => {
    expect(kindOf({ AWS_ACCESS_KEY_ID: "a" }, byDefault, role)).toBe("Environment");
  });

  it.each([
    ["AWS_PROFILE", { name: "prod", from: "AWS_PROFILE" }],
    ["AWS_DEFAULT_PROFILE", { name: "prod", from: "AWS_DEFAULT_PROFILE" }],
    ["AWS_PROFILE, which names default,", { name: "default", from: "AWS_PROFILE" }],
    ["the parameter", { name: "prod", from: "parameter" }],
  ] as const)("rejects a nonexistent profile, named by %s, although the environment has keys", async (_by, named) => {
    const error = await errorOf(() => kindOf(everything, named));
    expect(error).toMatchObject({ code: "ProfileNotFound", details: { target: named.name } });
    if (named.from !== "parameter") expect(error.message).toContain(named.from);
  });

  it.each([byDefault, byVariable])("prefers a role profile to the environment's web identity (by $from)", (named) => {
    expect(kindOf({ ...web, ...container }, named, role)).toBe("profile");
  });

  it.each(own)("prefers the environment's web identity to a profile with %s", (_what, settings) => {
    expect(kindOf({ ...web, ...container }, byDefault, settings)).toBe("AssumeRoleWithWebIdentity");
  });

  it.each(own)("prefers a profile with %s to a container", (_what, settings) => {
    expect(kindOf(container, byDefault, settings)).toBe("profile");
    expect(kindOf(container, byVariable, settings)).toBe("profile");
  });

  it.each(nothing)("skips a profile with only %s", (_what, settings) => {
    expect(kindOf(container, byDefault, settings)).toBe("EcsContainer");
    expect(kindOf({}, byVariable, settings)).toBe("Ec2InstanceMetadata");
    expect(kindOf({}, byParameter, settings)).toBe("Ec2InstanceMetadata");
  });

  it("skips a default profile that does not exist", () => {
    expect(kindOf(container, byDefault)).toBe("EcsContainer");
    expect(kindOf({}, byDefault)).toBe("Ec2InstanceMetadata");
  });

  it.each([byVariable, byParameter])("rejects another profile that does not exist (by $from)", async (named) => {
    expect(await codeOf(() => kindOf(container, named))).toBe("ProfileNotFound");
  });

  it("ignores the environment's keys and web identity if a parameter names the profile", () => {
    expect(kindOf(everything, byParameter, own[0]?.[1])).toBe("profile");
    expect(kindOf(everything, byParameter, { region: "eu-west-1" })).toBe("EcsContainer");
  });

  it("rejects an incomplete web identity", async () => {
    const environment = { AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };
    expect(await codeOf(() => kindOf(environment, byDefault))).toBe("EnvironmentIncomplete");
  });

  it("reports every skipped source if instance metadata is disabled, and no secret", async () => {
    const environment = { AWS_SECRET_ACCESS_KEY: "secret-of-env", AWS_EC2_METADATA_DISABLED: "true" };
    const error = await errorOf(() => chooseDefaultSource(environment, byDefault, undefined));
    expect(error.code).toBe("NoCredentials");
    for (const skipped of [
      "AWS_ACCESS_KEY_ID",
      "AWS_WEB_IDENTITY",
      "profile",
      "CONTAINER",
      "AWS_EC2_METADATA_DISABLED",
    ])
      expect(error.message).toContain(skipped);
    expect(error.message).not.toContain("secret-of-env");
  });

  it("reports every skipped source and the error of instance metadata if that does not answer", async () => {
    const context = contextOf({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await closedPort()}` });
    const chosen = chooseDefaultSource(context.environment, byDefault, undefined);
    const request: Partial<SourceRequest> = { context };
    const error = await errorOf(
      () => "source" in chosen && chosen.source.provider(request as SourceRequest).obtain(context),
    );
    expect(error).toMatchObject({ code: "NoCredentials", details: { cause: { code: "InstanceMetadataFailed" } } });
    expect(error.message).toMatch(/AWS_ACCESS_KEY_ID.*Instance metadata at/);
  });
});

describe(profileOfEnvironment, () => {
  it.each<[Environment, NamedProfile]>([
    [{}, byDefault],
    [{ AWS_PROFILE: "" }, byDefault],
    [{ AWS_PROFILE: "prod" }, byVariable],
    [{ AWS_PROFILE: " " }, { name: " ", from: "AWS_PROFILE" }],
    [{ AWS_PROFILE: "prod " }, { name: "prod ", from: "AWS_PROFILE" }],
    [{ AWS_DEFAULT_PROFILE: "old" }, { name: "old", from: "AWS_DEFAULT_PROFILE" }],
    [{ AWS_PROFILE: "prod", AWS_DEFAULT_PROFILE: "old" }, byVariable],
  ])("of %j is %j", (environment, expected) => {
    expect(profileOfEnvironment(environment)).toEqual(expected);
  });
});
