import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { useRole } from "../../src/assume-role/use-role.ts";
import { signIn, switchRole } from "../../src/console/open-console.ts";
import type { SignInParams, SwitchRoleParams } from "../../src/protocol/console-messages.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { UsedRole } from "../../src/protocol/history-messages.ts";
import { Core } from "../../src/server/core.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { codeOf, contextOf, serve, temporaryDirectory } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

const admin = roleArn("Admin");

describe("the console of a role of IAM Identity Center", () => {
  const shared = profilesOf({}, { corp: { ssoStartUrl: "https://corp.awsapps.com/start/#/", ssoRegion: "eu-west-1" } });
  const role = { ssoSession: "corp", account: "123456789012", roleName: "Read Only" };
  const open = (params: SwitchRoleParams) => switchRole(params, { shared, history: [] }, contextOf());

  it("opens with the access portal's shortcut link", () => {
    expect(open(role)).toEqual({
      link: "https://corp.awsapps.com/start/#/console?account_id=123456789012&role_name=Read+Only",
    });
  });

  it.each<[string, SwitchRoleParams, string]>([
    ["no account", { ssoSession: "corp", roleName: "Admin" }, "ParameterConflict"],
    ["an account alias", { ...role, account: "acme" }, "AccountIdInvalid"],
    ["an ARN too", { ...role, roleArn: admin }, "ParameterConflict"],
    ["a color, which the portal does not show", { ...role, color: "red" }, "ParameterConflict"],
    ["an unknown session", { ...role, ssoSession: "gone" }, "SsoSessionNotFound"],
  ])("refuses %s", async (_what, params, code) => {
    expect(await codeOf(() => open(params))).toBe(code);
  });
});

describe(switchRole, () => {
  const shared = profilesOf({
    prod: { roleArn: roleArn("ops/ci/Deployer"), sourceProfile: "default" },
    keys: { accessKeyId: "AKIA", secretAccessKey: "s" },
  });
  const open = (params: SwitchRoleParams, environment: Environment = {}, history: UsedRole[] = []) =>
    switchRole(params, { shared, history }, contextOf(environment));

  it.each<[string, SwitchRoleParams, Environment, string]>([
    ["an ARN", { roleArn: admin }, {}, "https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin"],
    [
      "a profile",
      { profileName: "prod" },
      {},
      "https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=ops/ci/Deployer",
    ],
    [
      "name and account",
      { roleName: "Admin", account: "123456789012" },
      {},
      "https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin",
    ],
    [
      "name and alias",
      { roleName: "Admin", account: "acme" },
      {},
      "https://signin.aws.amazon.com/switchrole?account=acme&roleName=Admin",
    ],
    [
      "a region of China",
      { roleName: "Admin", account: "acme", region: "cn-north-1" },
      {},
      "https://signin.amazonaws.cn/switchrole?account=acme&roleName=Admin",
    ],
    [
      "a region in the environment",
      { roleName: "Admin", account: "acme" },
      { AWS_REGION: "us-gov-west-1" },
      "https://signin.amazonaws-us-gov.com/switchrole?account=acme&roleName=Admin",
    ],
  ])("finds the role by %s", (_, params, environment, link) => {
    expect(open(params, environment).link).toBe(link);
  });

  it("reuses a role's last display name and color by default", () => {
    const history = [{ roleArn: admin, lastUsed: "2030-01-01T00:00:00Z", displayName: "Prod", color: "F2B0A9" }];
    expect(open({ roleArn: admin }, {}, history)).toMatchObject({ displayName: "Prod", color: "F2B0A9" });
    expect(open({ roleArn: admin, displayName: "P", color: "blue" }, {}, history)).toMatchObject({
      displayName: "P",
      color: "99BCE3",
    });
    expect(open({ roleArn: roleArn("Other") }, {}, history).link).not.toContain("displayName");
  });

  it.each<[string, SwitchRoleParams, string]>([
    ["a missing profile", { profileName: "nobody" }, "ProfileNotFound"],
    ["a profile without a role", { profileName: "keys" }, "ProfileIncomplete"],
    ["a malformed ARN", { roleArn: "arn:aws:iam::1:role/x" }, "ArnInvalid"],
    ["no role at all", {}, "ParameterConflict"],
    ["an invalid region", { roleName: "A", account: "acme", region: "evil.example/#" }, "RegionInvalid"],
    ["an invalid color", { roleArn: admin, color: "pink" }, "ColorInvalid"],
  ])("refuses %s", async (_, params, code) => {
    expect(await codeOf(() => open(params))).toBe(code);
  });
});

describe(signIn, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());
  beforeEach(() => sandbox.clearCalls());

  async function open(params: SignInParams, more: Environment = {}) {
    const context = contextOf({ HOME: temporaryDirectory(), ...sandbox.environment, ...more }, { now: Date.now });
    const core = new Core();
    try {
      return { ...(await signIn(params, core.resolution(params, context), context)), said: context.said };
    } finally {
      core.close();
    }
  }
  const follow = (link: string) => fetch(link, { redirect: "manual" });

  it("returns a link that opens the console as the role", async () => {
    const { link, roleArn: opened } = await open({ credentials: keysOf.jo, roleArn: admin });
    const { searchParams } = new URL(link);
    expect([searchParams.get("Action"), searchParams.get("Issuer")]).toEqual(["login", "RoleCredentials"]);
    const answer = await follow(link);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      302,
      "https://console.aws.amazon.com/console/home",
    ]);
    expect(opened).toBe(admin);
    expect(sandbox.calls.find(({ action }) => action === "getSigninToken")?.principal).toContain("assumed-role/Admin");
  });

  it.each([
    ["aws-cn", keysOf.wei, "arn:aws-cn:iam::444444444444:role/Admin", "https://console.amazonaws.cn/console/home"],
    [
      "aws-us-gov",
      keysOf.sam,
      "arn:aws-us-gov:iam::555555555555:role/Admin",
      "https://console.amazonaws-us-gov.com/console/home",
    ],
  ])("derives the console of %s from the role", async (_, keys, arn, location) => {
    const { link } = await open({ credentials: { ...keys }, roleArn: arn });
    expect((await follow(link)).headers.get("location")).toBe(location);
  });

  it("requests a longer session if that is allowed", async () => {
    await open({ credentials: keysOf.jo, roleArn: admin, sessionDurationInSeconds: 43_200 });
    expect(sandbox.calls.find(({ action }) => action === "getSigninToken")?.parameters.SessionDuration).toBe("43200");
  });

  it("signs in with given credentials in the given partition", async () => {
    const core = new Core();
    const context = contextOf({ HOME: temporaryDirectory(), ...sandbox.environment }, { now: Date.now });
    const asked = { credentials: { ...keysOf.wei }, roleArn: "arn:aws-cn:iam::444444444444:role/Admin" };
    const {
      accessKeyId,
      secretAccessKey,
      sessionToken = "",
    } = await useRole(asked, core.resolution(asked, context), context);
    core.close();
    const { link } = await open({ credentials: { accessKeyId, secretAccessKey, sessionToken }, partition: "aws-cn" });
    expect((await follow(link)).headers.get("location")).toBe("https://console.amazonaws.cn/console/home");
  });

  it.each<[string, SignInParams, string]>([
    ["long-term keys", { credentials: keysOf.jo }, "SigninNeedsRole"],
    [
      "more than an hour for a chained role",
      { roleArn: admin, sessionDurationInSeconds: 3601, credentials: { ...keysOf.jo, sessionToken: "t" } },
      "DurationInvalid",
    ],
    [
      "more than an hour if the caller says that the role is chained",
      { credentials: keysOf.jo, chained: true, sessionDurationInSeconds: 7200 },
      "DurationInvalid",
    ],
    [
      "more than twelve hours",
      { credentials: keysOf.jo, roleArn: admin, sessionDurationInSeconds: 43_201 },
      "DurationInvalid",
    ],
    [
      "less than 15 minutes",
      { credentials: keysOf.jo, roleArn: admin, sessionDurationInSeconds: 899 },
      "DurationInvalid",
    ],
    [
      "a destination outside the console",
      { credentials: keysOf.jo, roleArn: admin, destination: "https://evil.example/" },
      "DestinationInvalid",
    ],
  ])("refuses %s before any call", async (_, params, code) => {
    expect(await codeOf(() => open(params))).toBe(code);
    expect(sandbox.calls).toEqual([]);
  });

  it("reports that the endpoint refused the credentials, without quoting them", async () => {
    sandbox.failNext({ action: "getSigninToken", code: "BadRequest", status: 400 });
    await expect(open({ credentials: keysOf.jo, roleArn: admin })).rejects.toMatchObject({ code: "SigninRejected" });
  });

  it.each([
    ["not JSON", "<html>"],
    ["an object without a token", "{}"],
    ["an object whose token is not a string", '{"SigninToken":1}'],
    ["null", "null"],
  ])("reports a response that is %s", async (_, body) => {
    const server = await serve(() => ({ status: 200, body }));
    await expect(
      open({ credentials: keysOf.jo, roleArn: admin }, { AWS_ENDPOINT_URL_SIGNIN: server.url }),
    ).rejects.toMatchObject({
      code: "SigninFailed",
    });
  });

  it("does not reveal the keys if the endpoint is unreachable", async () => {
    const error: unknown = await open(
      { credentials: keysOf.jo, roleArn: admin },
      { AWS_ENDPOINT_URL_SIGNIN: "http://127.0.0.1:9" },
    ).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SigninFailed" });
    expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/session(Key|Token)|ASIA|Session=/);
  });

  it("logs its steps without the token and the link", async () => {
    const { link, said } = await open({ credentials: keysOf.jo, roleArn: admin });
    const token = new URL(link).searchParams.get("SigninToken") ?? "";
    expect(token).not.toBe("");
    expect(said.join("\n")).toContain("getSigninToken");
    expect(said.join("\n")).not.toContain(token);
  });
});
