import { AssumeRoleCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import { totpCode } from "./totp.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  // In the middle of a time step, so that no test crosses into the next one
  const start = Math.floor(Date.now() / 30_000) * 30_000 + 10_000;
  sandbox = await startSandbox({ now: () => start });
});
afterEach(() => sandbox.close());

const SerialNumber = "arn:aws:iam::111111111111:mfa/jo";
const mfaRole = { RoleArn: roleArn("MfaRequired"), RoleSessionName: "session" };
const denied = { Code: "AccessDenied", $metadata: { httpStatusCode: 403 } };

function assume(input: object, keys: Keys = keysOf.jo) {
  return stsClient(sandbox, keys).send(new AssumeRoleCommand({ ...mfaRole, ...input }));
}

describe(totpCode.name, () => {
  it.each([
    // RFC 6238, appendix B, the last six of eight digits; the seed is "12345678901234567890"
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_234_567_890, "005924"],
    [20_000_000_000, "353130"],
  ])("matches RFC 6238 at second %i", (seconds, code) => {
    expect(totpCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Math.floor(seconds / 30))).toBe(code);
  });
});

describe("AssumeRole with MFA", () => {
  it("accepts a code once, for as long as the role allows", async () => {
    const TokenCode = sandbox.totp("jo");
    expect(sandbox.isTotpUsed("jo")).toBe(false);
    const answer = await assume({ SerialNumber, TokenCode, DurationSeconds: 43_200 });
    expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA/);
    expect(sandbox.isTotpUsed("jo")).toBe(true);
    await expect(assume({ SerialNumber, TokenCode })).rejects.toMatchObject(denied);
  });

  it("accepts the next code afterwards", async () => {
    await assume({ SerialNumber, TokenCode: sandbox.totp("jo") });
    sandbox.advanceClock(30_000);
    await expect(assume({ SerialNumber, TokenCode: sandbox.totp("jo") })).resolves.toHaveProperty("Credentials");
  });

  it.each([
    ["from one step ago", -1, true],
    ["from the next step", 1, true],
    ["from two steps ago", -2, false],
    ["from two steps ahead", 2, false],
  ])("checks a code %s", async (_, steps, accepted) => {
    const answer = assume({ SerialNumber, TokenCode: sandbox.totp(SerialNumber, steps) });
    if (accepted) await expect(answer).resolves.toHaveProperty("Credentials");
    else await expect(answer).rejects.toMatchObject(denied);
  });

  it.each<[string, string, object]>([
    ["a serial number without a code", "AccessDenied", { SerialNumber }],
    ["a code without a serial number", "AccessDenied", { TokenCode: "123456" }],
    ["an unknown device", "AccessDenied", { SerialNumber: "GAHT12345678", TokenCode: "123456" }],
    ["five digits", "ValidationError", { SerialNumber, TokenCode: "12345" }],
    ["letters", "ValidationError", { SerialNumber, TokenCode: "abcdef" }],
  ])("refuses %s", async (_, code, input) => {
    await expect(assume(input)).rejects.toMatchObject({ Code: code });
  });

  it("keeps the code out of the recorded call", async () => {
    const TokenCode = sandbox.totp("jo");
    await assume({ SerialNumber, TokenCode });
    expect(sandbox.calls[0]?.parameters).toMatchObject({ TokenCode: "***", SerialNumber });
    expect(JSON.stringify(sandbox.calls)).not.toContain(TokenCode);
  });
});

describe("GetSessionToken with MFA", () => {
  const session = async () => {
    const input = { SerialNumber, TokenCode: sandbox.totp("jo") };
    return keysIn(await stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand(input)));
  };

  it("satisfies roles that require MFA, with several one-hour sessions per code", async () => {
    const keys = await session();
    await expect(assume({}, keys)).resolves.toHaveProperty("Credentials");
    await expect(assume({ RoleSessionName: "another" }, keys)).resolves.toHaveProperty("Credentials");
    await expect(assume({ DurationSeconds: 3601 }, keys)).rejects.toMatchObject({ Code: "ValidationError" });
  });

  it("does not satisfy them without a code", async () => {
    const keys = keysIn(await stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand({})));
    await expect(assume({}, keys)).rejects.toMatchObject(denied);
  });

  it("refuses a code from another user's device", async () => {
    const input = { SerialNumber, TokenCode: sandbox.totp("jo") };
    const failure = stsClient(sandbox, keysOf.ann).send(new GetSessionTokenCommand(input));
    await expect(failure).rejects.toMatchObject(denied);
    expect(sandbox.isTotpUsed("jo")).toBe(false);
  });

  it("refuses a code with session credentials", async () => {
    const keys = await session();
    sandbox.advanceClock(30_000);
    await expect(assume({ SerialNumber, TokenCode: sandbox.totp("jo") }, keys)).rejects.toMatchObject(denied);
  });

  it("stops satisfying a role that wants recent MFA once the code is too old", async () => {
    const fresh = { RoleArn: roleArn("FreshMfa") };
    const keys = await session();
    const ask = (systemClockOffset: number) =>
      stsClient(sandbox, keys, { systemClockOffset }).send(new AssumeRoleCommand({ ...mfaRole, ...fresh }));
    await expect(ask(0)).resolves.toHaveProperty("Credentials");
    sandbox.advanceClock(901_000);
    await expect(ask(901_000)).rejects.toMatchObject(denied);
  });
});
