import { describe, expect, it } from "vitest";
import { fromStaticKeys } from "../../src/credentials/static-keys.ts";
import { errorOf, profileOf, textsOf } from "./fixtures.ts";

describe(fromStaticKeys, () => {
  it("reads long-term keys", async () => {
    const profile = profileOf({ accessKeyId: "AKID", secretAccessKey: "s" });
    expect(await fromStaticKeys(profile)).toEqual({ accessKeyId: "AKID", secretAccessKey: "s" });
  });

  it("reads a session token and an account id with them", async () => {
    const settings = { accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t", accountId: "123456789012" };
    expect(await fromStaticKeys(profileOf(settings))).toEqual(settings);
  });

  it.each([
    [{ accessKeyId: "AKID" }, "aws_secret_access_key"],
    [{ secretAccessKey: "secret-of-file" }, "aws_access_key_id"],
    [{ accessKeyId: "AKID", secretAccessKey: "" }, "aws_secret_access_key"],
  ])("rejects an incomplete pair: %j", async (settings, missing) => {
    const error = await errorOf(() => fromStaticKeys(profileOf(settings)));
    expect(error.code).toBe("ProfileIncomplete");
    expect(error.details.target).toBe("prod");
    expect(error.message).toContain(missing);
    expect(textsOf(error)).not.toContain("secret-of-file");
  });
});
