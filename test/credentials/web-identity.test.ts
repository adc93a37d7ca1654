import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  fromWebIdentity,
  hasWebIdentity,
  type WebIdentityRequest,
  webIdentityOfEnvironment,
  webIdentityOfProfile,
} from "../../src/credentials/web-identity.ts";
import { codeOf, contextOf, errorOf, profileOf, temporaryDirectory } from "./fixtures.ts";

const roleArn = "arn:aws:iam::123456789012:role/pod";
const credentials = { accessKeyId: "ASIAWEB", secretAccessKey: "s", sessionToken: "t" };

function identityIn(directory: string) {
  return { roleArn, tokenFile: join(directory, "token") };
}

describe(fromWebIdentity, () => {
  it("reads and trims the token at each call", async () => {
    const directory = temporaryDirectory();
    const asked: WebIdentityRequest[] = [];
    const provider = fromWebIdentity(
      contextOf(),
      { ...identityIn(directory), roleSessionName: "me" },
      async (request) => {
        asked.push(request);
        return credentials;
      },
    );
    writeFileSync(join(directory, "token"), "first");
    expect(await provider()).toBe(credentials);
    writeFileSync(join(directory, "token"), "second\r\n");
    await provider();
    expect(asked).toMatchObject([
      { roleArn, roleSessionName: "me", webIdentityToken: "first" },
      { roleArn, roleSessionName: "me", webIdentityToken: "second" },
    ]);
  });

  it("resolves a relative path against the caller's directory", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "token"), "jwt");
    const context = contextOf({}, { workingDirectory: directory });
    const provider = fromWebIdentity(context, { roleArn, tokenFile: "token" }, async ({ webIdentityToken }) => {
      expect(webIdentityToken).toBe("jwt");
      return credentials;
    });
    await provider();
  });

  it.each<[string, (file: string) => void]>([
    ["missing", () => {}],
    ["empty", (file) => writeFileSync(file, "")],
    ["blank", (file) => writeFileSync(file, " \n")],
    ["longer than STS accepts", (file) => writeFileSync(file, "x".repeat(20_001))],
    ["a directory", (file) => mkdirSync(file)],
  ])("rejects a file that is %s, without a call", async (_what, make) => {
    const directory = temporaryDirectory();
    make(join(directory, "token"));
    let asked = false;
    const provider = fromWebIdentity(contextOf(), identityIn(directory), async () => {
      asked = true;
      return credentials;
    });
    const error = await errorOf(provider);
    expect(error.code).toBe("WebIdentityTokenUnreadable");
    expect(error.details.target).toBe(join(directory, "token"));
    expect(asked).toBe(false);
  });

  it.skipIf(process.platform === "win32")("neither blocks on a pipe nor reads a device forever", async () => {
    const directory = temporaryDirectory();
    execFileSync("mkfifo", [join(directory, "token")]);
    const never = async () => credentials;
    expect(await codeOf(fromWebIdentity(contextOf(), identityIn(directory), never))).toBe("WebIdentityTokenUnreadable");
    const device = { roleArn, tokenFile: "/dev/zero" };
    expect(await codeOf(fromWebIdentity(contextOf(), device, never))).toBe("WebIdentityTokenUnreadable");
  });

  it("accepts a token of the maximum length", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "token"), "x".repeat(20_000));
    expect(await fromWebIdentity(contextOf(), identityIn(directory), async () => credentials)()).toBe(credentials);
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

describe(hasWebIdentity, () => {
  it("depends on the token file", () => {
    expect(hasWebIdentity({ roleArn })).toBe(false);
    expect(hasWebIdentity({ webIdentityTokenFile: "/token" })).toBe(true);
  });
});
