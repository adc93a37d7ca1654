import { describe, expect, it } from "vitest";
import type { SourceRequest } from "../../src/credentials/source.ts";
import { hasStaticKeys, keysSource } from "../../src/credentials/static-keys.ts";
import { contextOf, errorOf, profileOf, textsOf } from "./fixtures.ts";

describe(keysSource, () => {
  it.each([
    ["long-term keys", { accessKeyId: "AKID", secretAccessKey: "s" }],
    [
      "a session token and an account id with them",
      { accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t", accountId: "123456789012" },
    ],
  ])("reads %s", async (_what, settings) => {
    const provider = keysSource(profileOf(settings)).provider({} as SourceRequest);
    expect((await provider.obtain(contextOf())).credentials).toEqual(settings);
  });

  it.each([
    [{ accessKeyId: "AKID" }, "aws_secret_access_key"],
    [{ secretAccessKey: "secret-of-file" }, "aws_access_key_id"],
    [{ accessKeyId: "AKID", secretAccessKey: "" }, "aws_secret_access_key"],
  ])("rejects an incomplete pair: %j", async (settings, missing) => {
    const error = await errorOf(() => keysSource(profileOf(settings)));
    expect(error.code).toBe("ProfileIncomplete");
    expect(error.details.target).toBe("prod");
    expect(error.message).toContain(missing);
    expect(textsOf(error)).not.toContain("secret-of-file");
  });
});

describe(hasStaticKeys, () => {
  it.each([
    [{}, false],
    [{ sessionToken: "t" }, false],
    [{ accessKeyId: "" }, false],
    [{ accessKeyId: "a" }, true],
    [{ secretAccessKey: "s" }, true],
  ])("of %j is %j", (settings, expected) => {
    expect(hasStaticKeys(settings)).toBe(expected);
  });
});
