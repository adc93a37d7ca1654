import { AssumeRoleCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

describe("instance metadata", () => {
  const folder = "/latest/meta-data/iam/security-credentials/";
  const ttl = (seconds: string) => ({ "x-aws-ec2-metadata-token-ttl-seconds": seconds });
  const put = (headers: Record<string, string>) =>
    fetch(`${sandbox.urls.imds}/latest/api/token`, { method: "PUT", headers });
  const get = (path: string, token?: string) =>
    fetch(sandbox.urls.imds + path, token === undefined ? {} : { headers: { "x-aws-ec2-metadata-token": token } });
  const token = async () => (await put(ttl("21600"))).text();

  it("returns the role's credentials for a token", async () => {
    const given = await token();
    expect(await (await get(folder, given)).text()).toBe("Instance");
    const body = (await (await get(`${folder}Instance`, given)).json()) as Record<string, string>;
    expect(body).toMatchObject({ Code: "Success", Type: "AWS-HMAC", AccessKeyId: expect.stringMatching(/^ASIA/) });
    const keys = {
      accessKeyId: body.AccessKeyId ?? "",
      secretAccessKey: body.SecretAccessKey ?? "",
      sessionToken: body.Token ?? "",
    };
    const admin = { RoleArn: roleArn("Admin"), RoleSessionName: "session" };
    await expect(stsClient(sandbox, keys).send(new AssumeRoleCommand(admin))).resolves.toHaveProperty("Credentials");
    expect(await (await get("/latest/meta-data/placement/region", given)).text()).toBe("eu-west-1");
  });

  it.each(["0", "21601", "-1", "abc", ""])("issues no token for a lifetime of '%s'", async (seconds) => {
    expect((await put(ttl(seconds))).status).toBe(400);
  });

  it("issues no token for a forwarded request", async () => {
    expect((await put({ ...ttl("60"), "x-forwarded-for": "10.0.0.1" })).status).toBe(403);
  });

  it("refuses a missing, a wrong and an expired token", async () => {
    const given = await (await put(ttl("60"))).text();
    expect((await get(folder)).status).toBe(401);
    expect((await get(folder, "wrong")).status).toBe(401);
    expect((await get(folder, given)).status).toBe(200);
    sandbox.advanceClock(61_000);
    expect((await get(folder, given)).status).toBe(401);
  });

  it("renews its credentials before they expire", async () => {
    const key = async () =>
      ((await (await get(`${folder}Instance`, await token())).json()) as { AccessKeyId: string }).AccessKeyId;
    const first = await key();
    expect(await key()).toBe(first);
    sandbox.advanceClock(4 * 3_600_000);
    expect(await key()).not.toBe(first);
  });
});

describe("container credentials", () => {
  it.each([
    ["relative", "/v2/credentials/6f1b4f2e-0000-4000-8000-000000000001", undefined, 200],
    ["full, with the token", "/full", "container-token-EXAMPLE", 200],
    ["full, without the token", "/full", undefined, 401],
    ["full, with a wrong token", "/full", "wrong", 401],
    ["elsewhere", "/other", "container-token-EXAMPLE", 404],
  ])("%s", async (_, path, authorization, status) => {
    const response = await fetch(sandbox.urls.container + path, authorization ? { headers: { authorization } } : {});
    expect(response.status).toBe(status);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body.AccessKeyId !== undefined).toBe(status === 200);
  });
});

describe("sign-in", () => {
  const sessionOf = (keys: Keys) =>
    JSON.stringify({ sessionId: keys.accessKeyId, sessionKey: keys.secretAccessKey, sessionToken: keys.sessionToken });
  const federation = (parameters: Record<string, string>) =>
    fetch(`${sandbox.urls.signin}/federation?${new URLSearchParams(parameters)}`, { redirect: "manual" });
  const getToken = (keys: Keys, more: Record<string, string> = {}) =>
    federation({ Action: "getSigninToken", Session: sessionOf(keys), ...more });
  const jo = () => stsClient(sandbox, keysOf.jo);
  const admin = { RoleArn: roleArn("Admin"), RoleSessionName: "session" };
  const adminKeys = async () => keysIn(await jo().send(new AssumeRoleCommand(admin)));

  it("exchanges a role's credentials for a token that opens the console", async () => {
    const response = await getToken(await adminKeys(), { SessionDuration: "43200" });
    const { SigninToken } = (await response.json()) as { SigninToken: string };
    const Destination = "https://console.aws.amazon.com/s3/home?region=eu-west-1";
    const login = await federation({ Action: "login", Issuer: "", Destination, SigninToken });
    expect([login.status, login.headers.get("location")]).toEqual([302, Destination]);
    expect(JSON.stringify(sandbox.calls)).not.toContain(SigninToken);
  });

  it.each([
    "https://console.amazonaws.cn/",
    "https://evil.example/?console.aws.amazon.com",
    "http://console.aws.amazon.com/",
    "https://console.aws.amazon.com.evil.example/",
  ])("refuses %s", async (Destination) => {
    const { SigninToken } = (await (await getToken(await adminKeys())).json()) as { SigninToken: string };
    expect((await federation({ Action: "login", Destination, SigninToken })).status).toBe(400);
  });

  it.each<[string, () => Promise<Keys>, Record<string, string>?]>([
    ["long-term keys", async () => keysOf.jo],
    ["a user's session", async () => keysIn(await jo().send(new GetSessionTokenCommand({})))],
    ["expired credentials", async () => keysOf.expired],
    ["a wrong secret", async () => ({ ...(await adminKeys()), secretAccessKey: "wrong" })],
    ["899 seconds", adminKeys, { SessionDuration: "899" }],
    ["43201 seconds", adminKeys, { SessionDuration: "43201" }],
    ["more than an hour for a chained role", chained, { SessionDuration: "3601" }],
  ])("refuses %s", async (_, keys, more) => {
    expect((await getToken(await keys(), more)).status).toBe(400);
  });

  it("accepts an hour for a chained role", async () => {
    expect((await getToken(await chained(), { SessionDuration: "3600" })).status).toBe(200);
  });

  async function chained(): Promise<Keys> {
    const a = await jo().send(new AssumeRoleCommand({ ...admin, RoleArn: roleArn("ChainA", "111111111111") }));
    const chainB = { ...admin, RoleArn: roleArn("ChainB", "222222222222") };
    return keysIn(await stsClient(sandbox, keysIn(a)).send(new AssumeRoleCommand(chainB)));
  }
});

describe("IAM Identity Center", () => {
  const credentials = (token: string, accountId: string, roleName: string) =>
    fetch(`${sandbox.urls.sso}/federation/credentials?role_name=${roleName}&account_id=${accountId}`, {
      headers: { "x-amz-sso_bearer_token": token },
    });
  const refresh = (body: Record<string, string>) =>
    fetch(`${sandbox.urls.ssoOidc}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ grantType: "refresh_token", ...body }),
    });

  it("returns a role's credentials for an access token", async () => {
    const response = await credentials(sandbox.ssoLogin().accessToken, "123456789012", "ReadOnly");
    const body = (await response.json()) as { roleCredentials: Required<Keys> & { expiration: number } };
    expect(body.roleCredentials.accessKeyId).toMatch(/^ASIA/);
    expect(body.roleCredentials.expiration).toBeGreaterThan(Date.now());
    expect(sandbox.calls[0]).toMatchObject({ action: "GetRoleCredentials", status: 200 });
  });

  it.each([
    ["a role that is not assigned", 403, "ForbiddenException", "123456789012", "Admin", 3600],
    ["another account", 403, "ForbiddenException", "222222222222", "ReadOnly", 3600],
    ["an expired token", 401, "UnauthorizedException", "123456789012", "ReadOnly", -1],
  ])("refuses %s", async (_, status, code, account, role, accessTokenSeconds) => {
    const response = await credentials(sandbox.ssoLogin({ accessTokenSeconds }).accessToken, account, role);
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([status, code]);
  });

  it("renews an expired token once per refresh token", async () => {
    const { clientId, clientSecret, refreshToken } = sandbox.ssoLogin({ accessTokenSeconds: -1 });
    const renewed = (await (await refresh({ clientId, clientSecret, refreshToken })).json()) as { accessToken: string };
    expect((await credentials(renewed.accessToken, "123456789012", "ReadOnly")).status).toBe(200);
    const again = await refresh({ clientId, clientSecret, refreshToken });
    expect([again.status, await again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  });

  it("refuses an expired registration and a wrong secret", async () => {
    const { clientId, clientSecret, refreshToken } = sandbox.ssoLogin({ registrationSeconds: -1 });
    const expired = await refresh({ clientId, clientSecret, refreshToken });
    expect([expired.status, await expired.json()]).toMatchObject([401, { error: "invalid_client" }]);
    const login = sandbox.ssoLogin();
    const wrong = await refresh({ clientId: login.clientId, clientSecret: "wrong", refreshToken: login.refreshToken });
    expect(wrong.status).toBe(401);
    expect(JSON.stringify(sandbox.calls)).not.toContain(login.refreshToken);
  });
});
