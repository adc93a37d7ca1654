import { describe, expect, it } from "vitest";
import { planRequest } from "../../src/assume-role/plan-request.ts";
import { readRefreshRequest, refreshArguments } from "../../src/assume-role/refresh-request.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { codeOf, contextOf } from "../credentials/fixtures.ts";
import { profilesOf } from "./fixtures.ts";

const admin = "arn:aws:iam::123456789012:role/Admin";
const mfaSerial = "arn:aws:iam::111111111111:mfa/jo";
const shared = profilesOf({
  default: { accessKeyId: "AKIA", secretAccessKey: "profile's secret" },
  prod: { roleArn: admin, sourceProfile: "default" },
  secure: { roleArn: admin, sourceProfile: "default", mfaSerial },
  session: { roleArn: admin, sourceProfile: "default", mfaSerial, mfaSession: "true" },
});
const keys = { AWS_ACCESS_KEY_ID: "AKIAJO", AWS_SECRET_ACCESS_KEY: "secret-of-jo" };

function ask(params: UseRoleParams, environment: Environment = {}): string[] {
  const context = contextOf(environment, { workingDirectory: "/work" });
  return refreshArguments(
    params,
    planRequest(params, { shared } as Parameters<typeof planRequest>[1], context),
    context,
  );
}
const word = (...args: Parameters<typeof ask>): string => ask(...args).at(-1) ?? "";

describe(refreshArguments, () => {
  it("returns our command and one argument that no shell splits", () => {
    const [command, option, request = ""] = ask({ profileName: "prod", policy: `{"a":"b c %PATH% $x '"}` });
    expect([command, option]).toEqual(["credential-process", "--request"]);
    expect(request).toMatch(/^[\w-]+$/);
  });

  it("contains no secret", () => {
    const request = word({ profileName: "session", tokenCode: "123456", invocationId: "c" }, keys);
    const text = Buffer.from(request, "base64url").toString();
    expect(text).not.toMatch(/secret|123456|invocationId/);
  });

  it.each<[string, UseRoleParams, Environment]>([
    ["explicit credentials", { roleArn: admin, credentials: { accessKeyId: "a", secretAccessKey: "s" } }, {}],
    ["a role that needs a code each time", { profileName: "secure" }, {}],
    ["temporary keys in the environment", { roleArn: admin }, { ...keys, AWS_SESSION_TOKEN: "t" }],
  ])("refuses %s", async (_, params, environment) => {
    expect(await codeOf(() => ask(params, environment))).toBe("RefreshNotPossible");
  });

  it("accepts a role from an MFA session, which outlasts the role", () => {
    expect(ask({ profileName: "session" })).toHaveLength(3);
  });
});

describe(readRefreshRequest, () => {
  it("restores the request, folder and profile, whatever role was entered since", () => {
    const request = word({ roleArn: admin, region: "eu-west-1" }, { AWS_PROFILE: "default", AWS_REGION: "eu-west-3" });
    const entered = contextOf({
      AWS_ACCESS_KEY_ID: "ASIAROLE",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SESSION_TOKEN: "t",
      AWS_REGION: "us-east-1",
      HTTPS_PROXY: "http://proxy",
    });
    const { params, context } = readRefreshRequest(request, entered);
    expect(params).toEqual({ roleArn: admin, region: "eu-west-1" });
    expect(context.workingDirectory).toBe("/work");
    expect(context.environment).toMatchObject({
      AWS_PROFILE: "default",
      AWS_REGION: "eu-west-3",
      HTTPS_PROXY: "http://proxy",
    });
    expect([context.environment.AWS_ACCESS_KEY_ID, context.environment.AWS_SESSION_TOKEN]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("uses the environment's keys only while they are unchanged", async () => {
    const request = word({ roleArn: admin }, keys);
    expect(readRefreshRequest(request, contextOf(keys)).context.environment).toMatchObject(keys);
    const others = { AWS_ACCESS_KEY_ID: "ASIAROLE", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" };
    for (const environment of [{}, others, { ...keys, AWS_SESSION_TOKEN: "t" }])
      expect(await codeOf(() => readRefreshRequest(request, contextOf(environment)))).toBe("CredentialsRejected");
  });

  it.each(["", "x", "bnVsbA", "e30", Buffer.from('{"params":[],"folder":"/","environment":{}}').toString("base64url")])(
    "rejects an invalid request: '%s'",
    async (text) => {
      expect(await codeOf(() => readRefreshRequest(text, contextOf()))).toBe("RequestInvalid");
    },
  );
});
