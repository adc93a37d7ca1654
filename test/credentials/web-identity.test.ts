import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  readWebIdentityToken,
  webIdentityOfEnvironment,
  webIdentityOfProfile,
} from "../../src/credentials/web-identity.ts";
import type { Context } from "../../src/protocol/context.ts";
import { codeOf, contextOf, errorOf, profileOf, temporaryDirectory } from "./fixtures.ts";

const roleArn = "arn:aws:iam::123456789012:role/pod";

describe(readWebIdentityToken, () => {
  const read = (file: string, more: Partial<Context> = {}) =>
    readWebIdentityToken(contextOf({}, more), file, "AWS_WEB_IDENTITY_TOKEN_FILE");

  it("reads and trims the token at each call", () => {
    const file = join(temporaryDirectory(), "token");
    writeFileSync(file, "first");
    expect(read(file)).toBe("first");
    writeFileSync(file, "second\r\n");
    expect(read(file)).toBe("second");
  });

  it("resolves a relative path against the caller's directory", () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "token"), "jwt");
    expect(read("token", { workingDirectory: directory })).toBe("jwt");
  });

  it.each<[string, (file: string) => void]>([
    ["missing", () => {}],
    ["empty", (file) => writeFileSync(file, "")],
    ["blank", (file) => writeFileSync(file, " \n")],
    ["longer than STS accepts", (file) => writeFileSync(file, "x".repeat(20_001))],
    ["a directory", (file) => mkdirSync(file)],
  ])("rejects a file that is %s", async (_what, make) => {
    const file = join(temporaryDirectory(), "token");
    make(file);
    const error = await errorOf(() => read(file));
    expect(error.code).toBe("WebIdentityTokenUnreadable");
    expect(error.details.target).toBe(file);
  });

  it.skipIf(process.platform === "win32")("neither blocks on a pipe nor reads a device forever", async () => {
    const file = join(temporaryDirectory(), "token");
    execFileSync("mkfifo", [file]);
    expect(await codeOf(() => read(file))).toBe("WebIdentityTokenUnreadable");
    expect(await codeOf(() => read("/dev/zero"))).toBe("WebIdentityTokenUnreadable");
  });

  it("accepts a token of the maximum length", () => {
    const file = join(temporaryDirectory(), "token");
    writeFileSync(file, "x".repeat(20_000));
    expect(read(file)).toHaveLength(20_000);
  });
});

describe(webIdentityOfProfile, () => {
  const settings = { roleArn, webIdentityTokenFile: "/token" };

  it("reads role and file from the profile, never from the environment", () => {
    const environment = { AWS_ROLE_ARN: "other", AWS_WEB_IDENTITY_TOKEN_FILE: "/other" };
    expect(webIdentityOfProfile(profileOf(settings), environment)).toEqual({
      roleArn,
      tokenFile: "/token",
      profileName: "prod",
    });
  });

  it.each([
    ["the profile's", { ...settings, roleSessionName: "mine" }, { AWS_ROLE_SESSION_NAME: "theirs" }, "mine"],
    ["otherwise the environment's", settings, { AWS_ROLE_SESSION_NAME: "theirs" }, "theirs"],
    ["otherwise none", settings, { AWS_ROLE_SESSION_NAME: "" }, undefined],
  ])("uses a session name: %s", (_what, given, environment, expected) => {
    expect(webIdentityOfProfile(profileOf(given), environment).roleSessionName).toBe(expected);
  });

  it.each([
    [{ webIdentityTokenFile: "/token" }, "role_arn"],
    [{ roleArn }, "web_identity_token_file"],
  ])("names the setting that is missing in %j, although the environment has it", async (given, missing) => {
    const environment = { AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };
    const error = await errorOf(() => webIdentityOfProfile(profileOf(given), environment));
    expect(error.code).toBe("ProfileIncomplete");
    expect(error.message).toContain(missing);
  });
});

describe(webIdentityOfEnvironment, () => {
  it("returns role, token file and session name", () => {
    const environment = { AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_ROLE_SESSION_NAME: "me" };
    expect(webIdentityOfEnvironment(environment)).toEqual({ roleArn, tokenFile: "/token", roleSessionName: "me" });
  });

  it.each([{}, { AWS_ROLE_ARN: roleArn }, { AWS_WEB_IDENTITY_TOKEN_FILE: "" }])(
    "is undefined for %j",
    (environment) => {
      expect(webIdentityOfEnvironment(environment)).toBeUndefined();
    },
  );

  it("rejects a token file without a role", async () => {
    const error = await errorOf(() => webIdentityOfEnvironment({ AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }));
    expect(error.code).toBe("EnvironmentIncomplete");
    expect(error.details.target).toBe("AWS_ROLE_ARN");
  });
});
