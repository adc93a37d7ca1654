import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromSso } from "../../src/credentials/sso.ts";
import type { SsoLogin } from "../../src/identity-center/sso-login.ts";
import { httpRequest } from "../../src/network/http-request.ts";
import { processName } from "../../src/platform/staged-file.ts";
import {
  type Answer,
  closedPort,
  codeOf,
  contextOf,
  errorOf,
  type Received,
  serve,
  temporaryDirectory,
  textsOf,
} from "./fixtures.ts";

const login: SsoLogin = {
  profileName: "prod",
  accountId: "123456789012",
  roleName: "Admin+ops/1",
  startUrl: "https://d-abc123.awsapps.com/start",
  region: "eu-central-1",
  sessionName: "corp",
};
const { sessionName: _, ...legacyLogin } = login;

const roleCredentials = {
  accessKeyId: "ASIASSO",
  secretAccessKey: "secret-of-sso",
  sessionToken: "token-of-sso",
  expiration: Date.parse("2030-06-01T13:00:00Z"),
};
const signIn = {
  startUrl: login.startUrl,
  region: "eu-central-1",
  accessToken: "access-one",
  expiresAt: "2030-06-01T20:00:00Z",
  clientId: "client",
  clientSecret: "client-secret",
  registrationExpiresAt: "2030-08-01T00:00:00Z",
  refreshToken: "refresh-one",
  futureField: { kept: [1, 2] },
};
const ended = { ...signIn, expiresAt: "2030-06-01T12:00:00Z" };
const nearItsEnd = { ...signIn, expiresAt: "2030-06-01T12:10:00Z" };
const renewed = { accessToken: "access-two", tokenType: "Bearer", expiresIn: 28800, refreshToken: "refresh-two" };

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

interface Scene {
  readonly token?: unknown;
  readonly login?: SsoLogin;
  readonly portal?: Answer;
  readonly oidc?: (count: number, path: string, response: ServerResponse) => Answer | undefined;
  /** Where the services are, in place of a server that answers. */
  readonly url?: string;
}

async function scene({ token = signIn, login: used = login, portal, oidc, url }: Scene = {}) {
  const directory = temporaryDirectory();
  const path = join(directory, `${sha1(used.sessionName ?? used.startUrl)}.json`);
  if (token !== null) writeFileSync(path, typeof token === "string" ? token : JSON.stringify(token));
  let renewals = 0;
  const server = await serve((request, response) => {
    if (request.path === "/oidc/token")
      return oidc ? oidc(++renewals, path, response) : { body: JSON.stringify(renewed) };
    return portal ?? { body: JSON.stringify({ roleCredentials }) };
  });
  const context = contextOf();
  const regions: string[] = [];
  const entry = (during = context) =>
    fromSso(during, used, {
      tokenDirectory: directory,
      send: httpRequest,
      endpoint: (service, region) => {
        regions.push(`${service} ${region}`);
        return new URL(`${url ?? server.url}/${service === "sso" ? "portal" : "oidc"}/`);
      },
    });
  const provider = async () => (await entry()).credentials;
  const stored = () => JSON.parse(readFileSync(path, "utf8"));
  return { ...server, context, directory, path, entry, provider, regions, stored };
}

const bearers = (received: Received[]) => received.map(({ headers }) => headers["x-amz-sso_bearer_token"]);

describe(fromSso, () => {
  it.each([
    ["a session", login],
    ["the legacy form", legacyLogin],
  ])("gets the role's credentials with the cached sign-in of %s", async (_what, used) => {
    const { provider, received, regions } = await scene({ login: used });
    expect(await provider()).toEqual({
      accessKeyId: "ASIASSO",
      secretAccessKey: "secret-of-sso",
      sessionToken: "token-of-sso",
      expiration: new Date("2030-06-01T13:00:00Z"),
      accountId: "123456789012",
    });
    expect(received).toMatchObject([{ method: "GET" }]);
    const url = new URL(received[0]?.path ?? "", "http://x");
    expect(url.pathname).toBe("/portal/federation/credentials");
    expect(Object.fromEntries(url.searchParams)).toEqual({ role_name: "Admin+ops/1", account_id: "123456789012" });
    expect(bearers(received)).toEqual(["access-one"]);
    expect(regions).toEqual(["sso eu-central-1"]);
  });

  it("reads the file of the AWS SDKs' example", async () => {
    // File names from the AWS SDK for Rust's test data: the SHA-1 of the session's name `dev`, and of a start URL.
    expect(sha1("dev")).toBe("34c6fceca75e456f25e7e99531e2425c6c1de443");
    expect(sha1("https://ssotest.awsapps.com/start")).toBe("dace00cba5f8355ec9d274ceb2bcebdfbeed0e12");
    const token = { accessToken: "a-token", expiresAt: "2080-10-16T03:56:45Z", startUrl: legacyLogin.startUrl };
    const { provider, received } = await scene({ login: legacyLogin, token });
    await provider();
    expect(bearers(received)).toEqual(["a-token"]);
  });

  it.each([
    ["UTC instead of Z", "2030-06-01T20:00:00UTC"],
    ["an offset", "2030-06-01T20:00:00+00:00"],
  ])("reads an expiration with %s", async (_what, expiresAt) => {
    const { provider, received } = await scene({ token: { ...signIn, expiresAt } });
    await provider();
    expect(bearers(received)).toEqual(["access-one"]);
  });

  it.each<[string, unknown]>([
    ["missing", null],
    ["empty", ""],
    ["cut off", JSON.stringify(signIn).slice(0, 50)],
    ["an array", []],
    ["without a token", { ...signIn, accessToken: undefined }],
    ["with a token that would break a header", { ...signIn, accessToken: "access-one\r\nX: 1" }],
    ["without an expiration", { ...signIn, expiresAt: undefined }],
    ["with an invalid expiration", { ...signIn, expiresAt: "soon" }],
  ])("asks for a sign-in if the file is %s", async (_what, token) => {
    const { provider, received } = await scene({ token });
    const error = await errorOf(provider);
    expect(error.code).toBe("SsoLoginRequired");
    expect(error.details.target).toBe("prod");
    expect(error.details.action).toBe("Run: Connect-IdentityCenter -SsoSession corp");
    expect(textsOf(error)).not.toMatch(/access-one|refresh-one|client-secret/);
    expect(received).toEqual([]);
  });

  it("names the session to sign in to, or the profile", async () => {
    const bySession = await errorOf((await scene({ token: null })).provider);
    expect(bySession.details.action).toContain("Connect-IdentityCenter -SsoSession corp");
    const byProfile = await errorOf((await scene({ token: null, login: legacyLogin })).provider);
    expect(byProfile.details.action).toContain("Connect-IdentityCenter -ProfileName prod");
  });

  it.each([
    ["ended", ended],
    ["about to expire", nearItsEnd],
  ])("renews a sign-in that is %s, and stores it for the AWS CLI", async (_what, token) => {
    const { provider, received, stored, path, directory, regions } = await scene({ token });
    expect((await provider()).accessKeyId).toBe("ASIASSO");
    expect(received.map((request) => request.path.split("?")[0])).toEqual([
      "/oidc/token",
      "/portal/federation/credentials",
    ]);
    expect(received[0]).toMatchObject({ method: "POST", headers: { "content-type": "application/json" } });
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      clientId: "client",
      clientSecret: "client-secret",
      grantType: "refresh_token",
      refreshToken: "refresh-one",
    });
    expect(bearers(received)).toEqual([undefined, "access-two"]);
    expect(regions).toEqual(["sso-oidc eu-central-1", "sso eu-central-1"]);
    expect(stored()).toEqual({
      ...token,
      accessToken: "access-two",
      refreshToken: "refresh-two",
      expiresAt: "2030-06-01T20:00:00Z",
    });
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it("keeps the refresh token if the response has no new one", async () => {
    const { provider, stored } = await scene({
      token: ended,
      oidc: () => ({ body: JSON.stringify({ accessToken: "access-two", expiresIn: 3600 }) }),
    });
    await provider();
    expect(stored()).toMatchObject({ refreshToken: "refresh-one", expiresAt: "2030-06-01T13:00:00Z" });
  });

  it("uses the renewed sign-in the next time", async () => {
    const { provider, received } = await scene({ token: ended });
    await provider();
    await provider();
    expect(bearers(received)).toEqual([undefined, "access-two", "access-two"]);
  });

  it("renews once for many callers, because a refresh token may work only once", async () => {
    const { provider, received } = await scene({
      token: ended,
      oidc: (count) => (count === 1 ? { body: JSON.stringify(renewed) } : { status: 400 }),
    });
    await Promise.all(Array.from({ length: 8 }, () => provider()));
    expect(received.filter(({ path }) => path === "/oidc/token")).toHaveLength(1);
  });

  it("uses the sign-in that another process renewed at the same time", async () => {
    const { provider, received } = await scene({
      token: ended,
      oidc: (_count, path) => {
        writeFileSync(path, JSON.stringify({ ...signIn, accessToken: "access-of-another" }));
        return { status: 400, body: '{"error":"invalid_grant"}' };
      },
    });
    expect((await provider()).accessKeyId).toBe("ASIASSO");
    expect(bearers(received)).toEqual([undefined, "access-of-another"]);
  });

  it.skipIf(process.platform === "win32")("follows a symbolic link when it writes the file", async () => {
    const { provider, path } = await scene({ token: null });
    const elsewhere = join(temporaryDirectory(), "token.json");
    writeFileSync(elsewhere, JSON.stringify(ended), { mode: 0o644 });
    symlinkSync(elsewhere, path);
    await provider();
    expect(JSON.parse(readFileSync(elsewhere, "utf8")).accessToken).toBe("access-two");
    expect(statSync(elsewhere).mode & 0o777).toBe(0o600);
  });

  it("removes the temporary file of a process that was killed during a write", async () => {
    const { provider, path, directory } = await scene({ token: ended });
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const others = [`${path}.backup.tmp`, join(directory, "else.json.123.x.tmp")];
    const stray = join(directory, `.${basename(path)}.${processName().replace(/^[^-]+/, dead.toString(36))}-x.staged`);
    for (const file of [...others, stray]) writeFileSync(file, "secret");
    await provider();
    expect(readdirSync(directory).sort()).toEqual([path, ...others].map((file) => basename(file)).sort());
  });

  it("continues with a message if the renewed sign-in cannot be stored", async () => {
    const { provider, context, directory } = await scene({
      token: ended,
      oidc: (_count, path) => {
        // Simulates clearing the cache during the renewal.
        rmSync(path);
        return { body: JSON.stringify(renewed) };
      },
    });
    expect((await provider()).accessKeyId).toBe("ASIASSO");
    expect(context.said.join()).toContain("could not be stored");
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ["a refresh token", { ...ended, refreshToken: undefined }],
    ["a client id", { ...ended, clientId: undefined }],
    ["a client secret", { ...ended, clientSecret: undefined }],
    ["a registration", { ...ended, registrationExpiresAt: undefined }],
    ["a valid registration", { ...ended, registrationExpiresAt: "2030-06-01T12:00:00Z" }],
  ])("asks for a sign-in after it expired if there is no %s", async (_what, token) => {
    const { provider, received } = await scene({ token });
    expect(await codeOf(provider)).toBe("SsoLoginRequired");
    expect(received).toEqual([]);
  });

  it("uses a sign-in that is about to expire but is not renewable", async () => {
    const { provider, received } = await scene({ token: { ...nearItsEnd, refreshToken: undefined } });
    await provider();
    expect(bearers(received)).toEqual(["access-one"]);
  });

  it.each<[string, () => Answer, string]>([
    ["the refresh token is rejected", () => ({ status: 400, body: '{"error":"invalid_grant"}' }), "SsoLoginRequired"],
    ["the client is rejected", () => ({ status: 401, body: '{"error":"invalid_client"}' }), "SsoLoginRequired"],
    ["the service fails", () => ({ status: 500 }), "SsoFailed"],
    ["the service is busy", () => ({ status: 429 }), "SsoFailed"],
    ["the response is a redirect", () => ({ status: 302, headers: { location: "/" } }), "SsoFailed"],
    ["the response is not JSON", () => ({ body: "secret-of-sso" }), "SsoFailed"],
    ["the response has no token", () => ({ body: '{"expiresIn":1}' }), "SsoFailed"],
    ["the response has no lifetime", () => ({ body: '{"accessToken":"a"}' }), "SsoFailed"],
    ["the response has an excessive lifetime", () => ({ body: '{"accessToken":"a","expiresIn":1e300}' }), "SsoFailed"],
  ])("fails only after the sign-in has expired when %s", async (_what, oidc, code) => {
    const late = await scene({ token: ended, oidc });
    const error = await errorOf(late.provider);
    expect(error.code).toBe(code);
    expect(textsOf(error)).not.toMatch(/access-one|refresh-one|client-secret|secret-of-sso/);
    expect(late.stored()).toEqual(ended);

    const early = await scene({ token: nearItsEnd, oidc });
    expect((await early.provider()).accessKeyId).toBe("ASIASSO");
    expect(bearers(early.received).at(-1)).toBe("access-one");
    expect(early.stored()).toEqual(nearItsEnd);
  });

  it.each<[number, string]>([
    [401, "SsoLoginRequired"],
    [403, "AccessDenied"],
    [404, "SsoFailed"],
    [400, "SsoFailed"],
    [302, "SsoFailed"],
    [429, "SsoFailed"],
    [503, "SsoFailed"],
  ])("converts the portal's status %i to %s", async (status, code) => {
    const body = '{"message":"the token access-one is bad"}';
    const { provider, received } = await scene({ portal: { status, body } });
    const error = await errorOf(provider);
    expect(error.code).toBe(code);
    expect(textsOf(error)).not.toContain("access-one");
    expect(received).toHaveLength(status === 429 || status === 503 ? 3 : 1);
  });

  it.each<[string, unknown]>([
    ["no JSON", "secret-of-sso"],
    ["no credentials", {}],
    ["an array of credentials", { roleCredentials: [roleCredentials] }],
    ["no secret", { roleCredentials: { ...roleCredentials, secretAccessKey: undefined } }],
    ["no token", { roleCredentials: { ...roleCredentials, sessionToken: "" } }],
    ["no expiration", { roleCredentials: { ...roleCredentials, expiration: undefined } }],
    ["an expiration as a string", { roleCredentials: { ...roleCredentials, expiration: "2030" } }],
    ["an expiration outside the range of a Date", { roleCredentials: { ...roleCredentials, expiration: 1e17 } }],
  ])("rejects a response with %s", async (_what, answer) => {
    const body = typeof answer === "string" ? answer : JSON.stringify(answer);
    const { provider } = await scene({ portal: { body } });
    const error = await errorOf(provider);
    expect(error.code).toBe("SsoFailed");
    expect(textsOf(error)).not.toContain("secret-of-sso");
  });

  it("rejects expired credentials", async () => {
    const body = JSON.stringify({ roleCredentials: { ...roleCredentials, expiration: Date.parse("2030-06-01") } });
    expect(await codeOf((await scene({ portal: { body } })).provider)).toBe("CredentialsExpired");
  });

  // Noon is the local time; the credentials expire at 13:00 by the server's clock.
  it.each([
    ["two hours behind", "Sat, 01 Jun 2030 14:00:00 GMT", 7200],
    ["a day behind", "Sun, 02 Jun 2030 12:00:00 GMT", 86_400],
  ])(
    "rejects credentials that have expired by the server's clock although the local clock is %s",
    async (_, time, seconds) => {
      const { provider, context } = await scene({
        portal: { headers: { Date: time }, body: JSON.stringify({ roleCredentials }) },
      });
      expect(await codeOf(provider)).toBe("CredentialsExpired");
      expect(context.said).toContainEqual(expect.stringContaining(`${seconds} seconds behind`));
    },
  );

  it("accepts credentials that are valid by the server's clock although the local clock is two hours ahead", async () => {
    const ahead = { ...roleCredentials, expiration: Date.parse("2030-06-01T11:00:00Z") };
    const portal = {
      headers: { Date: "Sat, 01 Jun 2030 10:00:00 GMT" },
      body: JSON.stringify({ roleCredentials: ahead }),
    };
    const { entry, context } = await scene({ portal });
    const { credentials, lifetime } = await entry();
    expect(credentials.expiration).toEqual(new Date(ahead.expiration));
    expect(lifetime).toBe(3_600_000);
    expect(context.said).toContainEqual(expect.stringContaining("7200 seconds ahead"));
  });

  it("uses the local clock if the server sends no date", async () => {
    const past = { ...roleCredentials, expiration: Date.parse("2030-06-01T11:59:59Z") };
    const portal = { headers: { Date: "noon" }, body: JSON.stringify({ roleCredentials: past }) };
    expect(await codeOf((await scene({ portal })).provider)).toBe("CredentialsExpired");
  });

  it("fails if the connection is refused", async () => {
    const { provider } = await scene({ url: `http://127.0.0.1:${await closedPort()}` });
    expect(await codeOf(provider)).toBe("SsoFailed");
  });

  it("lets one caller cancel without failing the renewal of another", async () => {
    const controller = new AbortController();
    const oidc = (_count: number, _path: string, response: ServerResponse) => {
      setTimeout(() => controller.abort(), 20);
      setTimeout(() => response.end(JSON.stringify(renewed)), 200);
      return undefined;
    };
    const { entry } = await scene({ token: ended, oidc });
    const impatient = entry(contextOf({}, { signal: controller.signal }));
    const patient = entry();
    expect(await codeOf(() => impatient)).toBe("Cancelled");
    expect((await patient).credentials.accessKeyId).toBe("ASIASSO");
  });

  it("ends when the caller cancels while the portal is silent", async () => {
    const silent = await serve(() => undefined);
    const { entry } = await scene({ url: silent.url });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await codeOf(() => entry(contextOf({}, { signal: controller.signal })))).toBe("Cancelled");
  });
});
