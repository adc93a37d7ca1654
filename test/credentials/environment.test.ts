import { describe, expect, it } from "vitest";
import { fromEnvironment } from "../../src/credentials/environment.ts";
import { codeOf, contextOf, errorOf, textsOf } from "./fixtures.ts";

const keys = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "secret-of-env" };

describe(fromEnvironment, () => {
  it.each([
    ["long-term keys", keys, { accessKeyId: "AKIDENV", secretAccessKey: "secret-of-env" }],
    [
      "temporary keys with every variable",
      {
        ...keys,
        AWS_SESSION_TOKEN: "token",
        AWS_CREDENTIAL_EXPIRATION: "2030-06-01T13:00:00Z",
        AWS_ACCOUNT_ID: "123456789012",
      },
      {
        accessKeyId: "AKIDENV",
        secretAccessKey: "secret-of-env",
        sessionToken: "token",
        expiration: new Date("2030-06-01T13:00:00Z"),
        accountId: "123456789012",
      },
    ],
    [
      "the older token variable",
      { ...keys, AWS_SECURITY_TOKEN: "old" },
      { accessKeyId: "AKIDENV", secretAccessKey: "secret-of-env", sessionToken: "old" },
    ],
    [
      "the newer token variable before the older one",
      { ...keys, AWS_SECURITY_TOKEN: "old", AWS_SESSION_TOKEN: "new" },
      { accessKeyId: "AKIDENV", secretAccessKey: "secret-of-env", sessionToken: "new" },
    ],
    [
      "empty variables as if they were unset",
      { ...keys, AWS_SESSION_TOKEN: "", AWS_CREDENTIAL_EXPIRATION: " ", AWS_ACCOUNT_ID: "" },
      { accessKeyId: "AKIDENV", secretAccessKey: "secret-of-env" },
    ],
    [
      "values without the white space around them",
      { AWS_ACCESS_KEY_ID: " AKIDENV\r", AWS_SECRET_ACCESS_KEY: "secret-of-env\n" },
      { accessKeyId: "AKIDENV", secretAccessKey: "secret-of-env" },
    ],
  ])("reads %s", async (_what, environment, expected) => {
    expect(await fromEnvironment(contextOf(environment))).toEqual(expected);
  });

  it.each([
    ["the secret", { AWS_ACCESS_KEY_ID: "AKIDENV" }, "AWS_SECRET_ACCESS_KEY"],
    ["the access key", { AWS_SECRET_ACCESS_KEY: "secret-of-env" }, "AWS_ACCESS_KEY_ID"],
    [
      "a secret that is not blank",
      { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: " " },
      "AWS_SECRET_ACCESS_KEY",
    ],
    ["both", {}, "AWS_ACCESS_KEY_ID"],
  ])("names the variable when %s is missing", async (_what, environment, target) => {
    const error = await errorOf(() => fromEnvironment(contextOf(environment)));
    expect(error.code).toBe("EnvironmentIncomplete");
    expect(error.details.target).toBe(target);
    expect(textsOf(error)).not.toContain("secret-of-env");
  });

  it.each(["2030-06-01T12:00:00Z", "2030-06-01T11:59:59Z", "2001-01-01T00:00:00Z"])(
    "rejects keys that expired at %s",
    async (expiration) => {
      const context = contextOf({ ...keys, AWS_CREDENTIAL_EXPIRATION: expiration });
      expect(await codeOf(() => fromEnvironment(context))).toBe("CredentialsExpired");
      expect(await fromEnvironment(context, { stsDecides: true })).toMatchObject({
        expiration: new Date(expiration),
      });
    },
  );

  it("rejects an invalid expiration", async () => {
    const context = contextOf({ ...keys, AWS_CREDENTIAL_EXPIRATION: "soon" });
    expect(await codeOf(() => fromEnvironment(context))).toBe("SettingInvalid");
  });
});
