import { describe, expect, it } from "vitest";
import type { Federation, UseRoleParams } from "../../src/protocol/role-messages.ts";
import { type Answer, codeOf, errorOf, type Received, serve, textsOf } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import type { SamlAssertionOptions } from "../sandbox/identity/saml-idp.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { type Home, homeOf, section } from "./fixtures.ts";

const principalArn = "arn:aws:iam::123456789012:saml-provider/Staff";
const samlRole = roleArn("Saml");
const webRole = roleArn("WebIdentity");

const sandbox = await openSandbox();

const homeWith = (environment: Record<string, string> = {}, config = "") =>
  homeOf(config, {
    ...sandbox.environment,
    AWS_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
    ...environment,
  });
const saml = (options: Partial<SamlAssertionOptions> = {}): Federation => ({
  kind: "saml",
  assertion: sandbox.mintSamlAssertion({ roles: [`${samlRole},${principalArn}`], ...options }),
  principalArn,
});
const bySaml = (more: Partial<UseRoleParams> = {}): UseRoleParams => ({
  roleArn: samlRole,
  federation: saml(),
  ...more,
});

describe("a SAML assertion", () => {
  it("assumes a role with an unsigned call, under the name that the assertion has", async () => {
    const result = await homeWith().use(bySaml({ durationInSeconds: 7200 }));
    expect(result).toMatchObject({
      roleArn: samlRole,
      assumedRoleUser: { arn: "arn:aws:sts::123456789012:assumed-role/Saml/jo@sandbox.example" },
      accountId: "123456789012",
      renewal: "given",
    });
    const [call] = sandbox.calls;
    expect(call).toMatchObject({ action: "AssumeRoleWithSAML", parameters: { DurationSeconds: "7200" } });
    expect(call).not.toHaveProperty("accessKeyId");
  });

  it("needs no profile, and uses none: keys in the environment take no part", async () => {
    const home = homeWith(
      { AWS_ACCESS_KEY_ID: "AKIAJOEXAMPLE0000001", AWS_SECRET_ACCESS_KEY: "x", AWS_PROFILE: "nobody" },
      section("default", keysOf.jo),
    );
    expect(await home.use(bySaml())).toMatchObject({ roleArn: samlRole });
  });

  it("is redeemed once: the same assertion is served from the cache, and another one is not", async () => {
    const home = homeWith();
    const first = bySaml();
    const { accessKeyId } = await home.use(first);
    await home.restart();
    expect((await home.use(first)).accessKeyId).toBe(accessKeyId);
    expect((await home.use(bySaml())).accessKeyId).not.toBe(accessKeyId);
    expect(sandbox.calls).toHaveLength(2);
  });

  it.each<[string, Partial<SamlAssertionOptions>, string, RegExp]>([
    ["is expired", { expiresInSeconds: -1 }, "SamlAssertionRejected", /Sign in again/],
    ["has a wrong signature", { foreignKey: true }, "SamlAssertionRejected", /Check the identity provider/],
    ["is for another audience", { audience: "https://elsewhere.example" }, "SamlAssertionRejected", /audience/],
    ["offers another role", { roles: [`${roleArn("Admin")},${principalArn}`] }, "AccessDenied", /AssumeRoleWithSAML/],
  ])("fails if it %s", async (_, options, code, action) => {
    const federation = saml(options);
    const error = await errorOf(() => homeWith().use(bySaml({ federation })));
    expect(error.code).toBe(code);
    expect(error.details.action).toMatch(action);
    expect(textsOf(error)).not.toContain((federation as { assertion: string }).assertion.slice(0, 60));
  });

  it.each<[string, Partial<UseRoleParams>, string]>([
    ["a session name", { roleSessionName: "mine" }, "ParameterConflict"],
    ["an external id", { externalId: "ticket-42" }, "ParameterConflict"],
    ["an MFA device", { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" }, "ParameterConflict"],
    ["an MFA code", { tokenCode: "123456" }, "ParameterConflict"],
    ["a profile", { profileName: "base" }, "ParameterConflict"],
    ["a source profile", { sourceProfile: "base" }, "ParameterConflict"],
    ["a session of IAM Identity Center", { ssoSession: "corp" }, "ParameterConflict"],
    ["keys", { credentials: keysOf.jo }, "ParameterConflict"],
    ["a wrong provider", { federation: { kind: "saml", assertion: "eA==", principalArn: "Staff" } }, "ArnInvalid"],
    ["a region of another partition", { region: "cn-north-1" }, "PartitionMismatch"],
    ["a duration that is too long", { durationInSeconds: 50_000 }, "DurationInvalid"],
  ])("refuses %s beside it, before any call", async (_, more, code) => {
    const home = homeWith({}, section("profile base", keysOf.jo));
    expect(await codeOf(() => home.use(bySaml(more)))).toBe(code);
    expect(sandbox.calls).toEqual([]);
  });

  it("needs a role", async () => {
    const error = await errorOf(() => homeWith().use({ federation: saml() }));
    expect(error).toMatchObject({ code: "ParameterConflict", details: { target: "-SamlAssertion" } });
  });
});

describe("a web identity token", () => {
  const use = (home: Home, federation: Federation, more: Partial<UseRoleParams> = {}) =>
    home.use({ roleArn: webRole, federation, ...more });
  const file = (home: Home, token: string) => home.write("token", `${token}\n`);

  it("assumes a role with an unsigned call", async () => {
    const token = sandbox.mintWebIdentityToken();
    const result = await use(homeWith(), { kind: "token", token }, { roleSessionName: "pod", durationInSeconds: 900 });
    expect(result).toMatchObject({
      assumedRoleUser: { arn: "arn:aws:sts::123456789012:assumed-role/WebIdentity/pod" },
      renewal: "given",
    });
    expect(sandbox.calls).toMatchObject([{ parameters: { DurationSeconds: "900" } }]);
    expect(sandbox.calls[0]).not.toHaveProperty("accessKeyId");
  });

  it("uses AWS_ROLE_SESSION_NAME, and caches for that name", async () => {
    const federation = { kind: "token", token: sandbox.mintWebIdentityToken() } as const;
    const home = homeWith();
    const named = (name: string) =>
      home.use({ roleArn: webRole, federation }, { environment: { AWS_ROLE_SESSION_NAME: name } });
    expect((await named("one")).assumedRoleUser?.arn).toMatch(/\/one$/);
    expect((await named("two")).assumedRoleUser?.arn).toMatch(/\/two$/);
  });

  it("is read from a file again at each call", async () => {
    const home = homeWith();
    const path = file(home, sandbox.mintWebIdentityToken());
    const federation = { kind: "tokenFile", path: "token" } as const;
    expect(await use(home, federation)).toMatchObject({ renewal: "silent" });
    file(home, sandbox.mintWebIdentityToken({ expiresInSeconds: -1 }));
    expect(await codeOf(() => use(home, federation, { noCache: true }))).toBe("WebIdentityRejected");
    file(home, sandbox.mintWebIdentityToken());
    expect(await use(home, { kind: "tokenFile", path }, { noCache: true })).toMatchObject({ roleArn: webRole });
  });

  it.each([
    ["a missing file", "nowhere"],
    ["a folder", "."],
  ])("reports %s", async (_, path) => {
    const error = await errorOf(() => use(homeWith(), { kind: "tokenFile", path }));
    expect(error).toMatchObject({ code: "WebIdentityTokenUnreadable", details: { target: path } });
  });

  it("appears in no error", async () => {
    const token = sandbox.mintWebIdentityToken({ foreignKey: true });
    const error = await errorOf(() => use(homeWith(), { kind: "token", token }));
    expect(error.code).toBe("WebIdentityRejected");
    expect(textsOf(error)).not.toContain(token.slice(0, 40));
  });
});

describe("the token of a pipeline", () => {
  const github = { kind: "GitHubActions" } as const;
  const azure = { kind: "AzureDevOps", serviceConnectionId: "11111111-2222" } as const;
  const secret = "request-secret";
  const server = async (answer: (request: Received) => Answer) => {
    const served = await serve(answer);
    return {
      ...served,
      environment: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${served.url}/token?run=7`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
        SYSTEM_OIDCREQUESTURI: `${served.url}/oidc`,
        SYSTEM_ACCESSTOKEN: secret,
      },
    };
  };
  const json = (body: unknown) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  const audience = "a b";
  const azurePath = "/oidc?api-version=7.1&serviceConnectionId=11111111-2222";
  it.each<[string, Federation, string, string, string]>([
    ["GitHub Actions", github, "GET", "/token?run=7&audience=sts.amazonaws.com", "value"],
    ["GitHub Actions for an audience", { ...github, audience }, "GET", "/token?run=7&audience=a+b", "value"],
    ["Azure DevOps", azure, "POST", azurePath, "oidcToken"],
  ])("comes from %s", async (_, federation, method, path, member) => {
    const issuer = await server(() => json({ [member]: sandbox.mintWebIdentityToken() }));
    const result = await homeWith(issuer.environment).use({ roleArn: webRole, federation });
    expect(result).toMatchObject({ roleArn: webRole, renewal: "silent" });
    expect(issuer.received).toMatchObject([{ method, path, headers: { authorization: `Bearer ${secret}` } }]);
    if (method === "POST") expect(issuer.received[0]?.headers["content-length"]).toBe("0");
  });

  it("is not requested unless it is asked for", async () => {
    const issuer = await server(() => json({ value: sandbox.mintWebIdentityToken() }));
    expect(await codeOf(() => homeWith(issuer.environment).use({ roleArn: webRole }))).toBe("NoCredentials");
    expect(issuer.received).toEqual([]);
  });

  it("is shared by all uses of one run", async () => {
    const issuer = await server(() => json({ value: sandbox.mintWebIdentityToken() }));
    const home = homeWith(issuer.environment);
    await home.use({ roleArn: webRole, federation: github });
    await home.use({ roleArn: webRole, federation: github });
    expect(issuer.received).toHaveLength(1);
  });

  it.each<[string, Answer, RegExp]>([
    ["refuses", { status: 403, body: "secret-of-server" }, /status 403/],
    ["redirects", { status: 302, headers: { Location: "/login" } }, /status 302/],
    ["sends no JSON", { body: "<html>secret-of-server" }, /without a token/],
    ["sends no token", json({ other: 1 }), /without a token/],
    ["sends a token with a line break", json({ value: "a\r\nb" }), /without a token/],
    ["sends too much", { body: "x".repeat(70_000) }, /too large/],
  ])("reports an issuer that %s", async (_, answer, text) => {
    const issuer = await server(() => answer);
    const error = await errorOf(() => homeWith(issuer.environment).use({ roleArn: webRole, federation: github }));
    expect(error.code).toBe("WebIdentityTokenUnavailable");
    expect(error.message).toMatch(text);
    expect(textsOf(error)).not.toMatch(/request-secret|secret-of-server/);
  });

  it.each<[string, Federation, Record<string, string>, string]>([
    ["no address", github, { ACTIONS_ID_TOKEN_REQUEST_URL: "" }, "ACTIONS_ID_TOKEN_REQUEST_URL"],
    ["no secret", azure, { SYSTEM_ACCESSTOKEN: "" }, "SYSTEM_ACCESSTOKEN"],
    ["a secret with a line break", azure, { SYSTEM_ACCESSTOKEN: "a\r\nX: y" }, "SYSTEM_ACCESSTOKEN"],
    ["plain http to another machine", azure, { SYSTEM_OIDCREQUESTURI: "http://example.com/" }, "SYSTEM_OIDCREQUESTURI"],
    [
      "an address with a password",
      github,
      { ACTIONS_ID_TOKEN_REQUEST_URL: "https://a:b@c/" },
      "ACTIONS_ID_TOKEN_REQUEST_URL",
    ],
  ])("reports %s", async (_, federation, more, target) => {
    const { environment } = await server(() => json({}));
    const error = await errorOf(() => homeWith({ ...environment, ...more }).use({ roleArn: webRole, federation }));
    expect(error).toMatchObject({ code: "WebIdentityTokenUnavailable", details: { target } });
  });
});
