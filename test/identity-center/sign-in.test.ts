import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { identityCenterSignIn } from "../../src/identity-center/sign-in.ts";
import { ssoAccessToken } from "../../src/identity-center/sso-token.ts";
import { readSsoToken } from "../../src/identity-center/sso-token-file.ts";
import { createSignIns } from "../../src/sign-in/sign-ins.ts";
import { codeOf, contextOf, errorOf, textsOf } from "../credentials/fixtures.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { begin, corp, homeIn, sha1, visit } from "./fixtures.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.clearCalls();
  sandbox.clearFaults();
  sandbox.ssoAuthorizations.interval = 0.01;
});

const actions = () => sandbox.calls.map(({ action }) => action);
const { sessionName: _, scopes: __, ...portal } = corp;

describe("a sign-in with a redirect", () => {
  it("registers, sends the user to the authorization page, and stores the token as the AWS CLI does", async () => {
    const home = homeIn(sandbox);
    const { link, page, wait } = await begin(home);
    const asked = new URL(link);
    expect(asked.origin + asked.pathname).toBe(`${sandbox.urls.ssoOidc}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      scopes: "sso:account:access",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/),
    });
    expect(page).not.toHaveProperty("userCode");

    const done = wait();
    expect(await (await visit(link)).text()).toContain("Signed in to IAM Identity Center");
    expect(await done).toEqual({
      state: "done",
      signedIn: {
        ssoSession: "corp",
        startUrl: corp.startUrl,
        ssoRegion: "eu-west-1",
        expiration: expect.any(String),
        renewable: true,
      },
    });
    expect(actions()).toEqual(["RegisterClient", "Authorize", "Authorize", "CreateToken"]);
    expect(Object.keys(home.token())).toEqual([
      "startUrl",
      "region",
      "accessToken",
      "expiresAt",
      "clientId",
      "clientSecret",
      "registrationExpiresAt",
      "refreshToken",
    ]);
    expect(home.token()).toMatchObject({ startUrl: corp.startUrl, region: "eu-west-1" });
    expect(home.token().expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await ssoAccessToken(home.context, corp, home.services)).toBe(home.token().accessToken);
  });

  it("keeps the registration under botocore's name, and uses it again", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    // Python: hashlib.sha1(json.dumps({...}, sort_keys=True).encode()).hexdigest()
    const key =
      '{"region": "eu-west-1", "scopes": ["sso:account:access"], "session_name": "corp", ' +
      '"startUrl": "https://sandbox.awsapps.com/start", "tool": "botocore"}';
    expect(home.registrations()).toEqual([
      {
        name: `${sha1(key)}.json`,
        members: {
          clientId: expect.any(String),
          clientSecret: expect.any(String),
          expiresAt: expect.stringMatching(/Z$/),
          scopes: ["sso:account:access"],
          grantTypes: ["authorization_code", "refresh_token"],
        },
      },
    ]);
    await signIn(home, { force: true });
    expect(actions().filter((action) => action === "RegisterClient")).toHaveLength(1);
  });

  it.skipIf(process.platform === "win32")("keeps token and registration from other users", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    expect(statSync(home.cache).mode & 0o777).toBe(0o700);
    for (const name of home.files()) expect(statSync(join(home.cache, name)).mode & 0o777).toBe(0o600);
  });

  it("serves a start URL without a session, and profiles in the legacy form", async () => {
    const home = homeIn(sandbox);
    await signIn(home, { session: portal });
    expect(home.token(portal)).toMatchObject({ startUrl: portal.startUrl });
    expect(readSsoToken(join(home.cache, `${sha1(portal.startUrl)}.json`))).toBeDefined();
  });

  it("uses no sign-in to another start URL, which the session had before", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    const moved = { ...corp, startUrl: "https://elsewhere.awsapps.com/start" };
    expect(await codeOf(() => ssoAccessToken(home.context, moved, home.services))).toBe("SsoLoginRequired");
    // The sandbox has no other portal: what matters is that it is asked for a new sign-in.
    expect(await codeOf(() => begin(home, { session: moved }))).toBe("SsoFailed");
    expect(await ssoAccessToken(home.context, corp, home.services)).toBe(home.token().accessToken);
  });

  it("leaves no port open and no lock behind if its caller leaves while it begins", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    const controller = new AbortController();
    const leaving = contextOf(home.environment, { signal: controller.signal });
    const signIns = createSignIns();
    const one = identityCenterSignIn(corp, home.services, { useDeviceCode: false, force: true });
    const closed: string[] = [];
    const begun = signIns.begin(
      {
        ...one,
        async open(context) {
          const opened = await one.open(context);
          controller.abort();
          return {
            ...opened,
            close() {
              opened.close();
              closed.push("closed");
            },
          };
        },
      },
      leaving,
    );
    expect(await codeOf(() => begun)).toBe("Cancelled");
    expect(closed).toEqual(["closed"]);
    expect((await begin(home, { force: true })).step.state).toBe("browser");
  });

  it("renews an expired sign-in without the user", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    const later = contextOf(home.environment, { now: () => Date.now() + 2 * 3_600_000 });
    sandbox.clearCalls();
    expect((await begin({ ...home, context: later })).step.state).toBe("done");
    expect(actions()).toEqual(["CreateToken"]);
  });

  it.each([
    ["two hours behind", -2],
    ["two hours ahead", 2],
  ])("works although the local clock is %s", async (_what, hours) => {
    const home = homeIn(sandbox, () => Date.now() + hours * 3_600_000);
    await signIn(home);
    expect(await ssoAccessToken(home.context, corp, home.services)).toBe(home.token().accessToken);
  });

  it("ignores a redirect with a wrong state, and still ends with the right one", async () => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home);
    const done = wait();
    const redirect = new URL(new URL(link).searchParams.get("redirect_uri") ?? "");
    redirect.search = "?code=stolen&state=wrong";
    expect((await fetch(redirect)).status).toBe(400);
    await visit(link);
    expect(await done).toMatchObject({ state: "done" });
    expect(home.context.said.join()).toContain("belong to another sign-in");
  });

  it.each<[string, object, string]>([
    ["a code that is no longer valid", { code: "InvalidGrantException", status: 400 }, "SsoFailed"],
    ["a service that fails", { status: 503 }, "SsoFailed"],
    ["a response without a token", { body: "{}" }, "SsoFailed"],
    ["a denial", { code: "AccessDeniedException", status: 400 }, "SignInDenied"],
  ])("fails with the next step after %s", async (_what, fault, code) => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home);
    const done = wait();
    sandbox.failNext({ action: "CreateToken", times: 5, ...fault });
    await visit(link);
    const error = await errorOf(() => done);
    expect(error.code).toBe(code);
    expect(error.details.action).toContain("Connect-IdentityCenter");
    expect(textsOf(error)).not.toContain(home.registrations()[0]?.members.clientSecret);
  });

  it("registers again after the service refused the registration", async () => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home);
    const done = wait();
    sandbox.failNext({ action: "CreateToken", code: "InvalidClientException", status: 401 });
    await visit(link);
    expect(await codeOf(() => done)).toBe("SsoFailed");
    expect(home.registrations()).toEqual([]);
  });

  it("opens no page if the registration is refused", async () => {
    const home = homeIn(sandbox);
    const error = await errorOf(() =>
      begin(home, { session: { ...corp, startUrl: "https://other.awsapps.com/start" } }),
    );
    expect(error.code).toBe("SsoFailed");
    expect(error.details.action).toContain("sso_start_url");
    expect(home.files()).toEqual([]);
  });
});

describe("a sign-in with a device code", () => {
  const useDeviceCode = true;

  it("shows a code, polls until the user has allowed it, and stores the token", async () => {
    const home = homeIn(sandbox);
    const { link, page, wait } = await begin(home, { useDeviceCode });
    expect(page?.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(page?.address).toBe(`${sandbox.urls.ssoOidc}/device`);
    expect(link).toBe(`${page?.address}?user_code=${page?.userCode}`);
    const done = wait();
    await vi.waitFor(() => expect(actions().filter((action) => action === "CreateToken").length).toBeGreaterThan(1), {
      timeout: 10_000,
    });
    await visit(link);
    expect(await done).toMatchObject({ state: "done", signedIn: { renewable: true } });
    expect(home.token()).toHaveProperty("refreshToken");
    // Registrations for a device code list no grants, as in botocore.
    expect(home.registrations()[0]?.members).not.toHaveProperty("grantTypes");
  });

  it("gives a sign-in that cannot be renewed for the legacy form, as the AWS CLI does", async () => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home, { useDeviceCode, session: portal });
    await visit(link);
    expect(await wait()).toMatchObject({ signedIn: { renewable: false } });
    expect(home.token(portal)).not.toHaveProperty("refreshToken");
  });

  it("polls less often if the service asks for it", async () => {
    const home = homeIn(sandbox);
    const { wait } = await begin(home, { useDeviceCode });
    const controller = new AbortController();
    sandbox.failNext({ action: "CreateToken", code: "SlowDownException", status: 400 });
    const done = wait(contextOf(home.environment, { signal: controller.signal }));
    await vi.waitFor(() => expect(actions()).toContain("CreateToken"), { timeout: 10_000 });
    // The next question is five seconds away.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(actions().filter((action) => action === "CreateToken")).toHaveLength(1);
    controller.abort();
    expect(await codeOf(() => done)).toBe("Cancelled");
  });

  it("survives a network that is away for a moment", async () => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home, { useDeviceCode });
    sandbox.failNext({ action: "CreateToken", cut: "beforeResponse", times: 3 });
    await visit(link);
    expect(await wait()).toMatchObject({ state: "done" });
    expect(home.context.said.join()).toContain("Signing in failed");
  }, 20_000);

  it.each<[string, (page: { link: string }) => unknown, string]>([
    ["the user denied it", ({ link }) => visit(link, "deny"), "SignInDenied"],
    [
      "the code expired",
      () => sandbox.failNext({ action: "CreateToken", code: "ExpiredTokenException", status: 400 }),
      "SignInTimeout",
    ],
    [
      "the service no longer knows the code",
      () => sandbox.failNext({ action: "CreateToken", code: "InvalidGrantException", status: 400 }),
      "SsoFailed",
    ],
  ])("fails with the next step if %s", async (_what, act, code) => {
    const home = homeIn(sandbox);
    const { link, wait } = await begin(home, { useDeviceCode });
    await act({ link });
    const error = await errorOf(() => wait());
    expect(error.code).toBe(code);
    expect(error.details.action).toContain("Connect-IdentityCenter");
    expect(home.files()).toEqual(home.registrations().map(({ name }) => name));
  });

  it("registers again if the service no longer knows the registration", async () => {
    const home = homeIn(sandbox);
    const first = await begin(home, { useDeviceCode });
    first.abandon();
    sandbox.failNext({ action: "StartDeviceAuthorization", code: "InvalidClientException", status: 401 });
    const { link, wait } = await begin(home, { useDeviceCode });
    await visit(link);
    expect(await wait()).toMatchObject({ state: "done" });
    expect(actions().filter((action) => action === "RegisterClient")).toHaveLength(2);
  });

  it("sends the browser to no address that is not a web page", async () => {
    const home = homeIn(sandbox);
    const body = {
      deviceCode: "d",
      userCode: "U",
      verificationUri: "file:///etc/passwd",
      verificationUriComplete: "x",
    };
    sandbox.failNext({ action: "StartDeviceAuthorization", body: JSON.stringify(body) });
    expect(await codeOf(() => begin(home, { useDeviceCode }))).toBe("SsoFailed");
  });

  it("uses no registration that was made for a redirect", async () => {
    const home = homeIn(sandbox);
    await signIn(home);
    (await begin(home, { useDeviceCode, force: true })).abandon();
    expect(actions().filter((action) => action === "RegisterClient")).toHaveLength(2);
  });

  it.each(["", "[]", '{"clientId":"a"}', '{"clientId":"a\\nb","clientSecret":"c","expiresAt":"2999-01-01T00:00:00Z"}'])(
    "registers again if the file of the registration holds %j",
    async (content) => {
      const home = homeIn(sandbox);
      (await begin(home, { useDeviceCode })).abandon();
      const [registration] = home.registrations();
      writeFileSync(join(home.cache, registration?.name ?? ""), content);
      (await begin(home, { useDeviceCode })).abandon();
      expect(home.registrations()[0]?.members.clientSecret).not.toBe(registration?.members.clientSecret);
    },
  );
});

async function signIn(home: ReturnType<typeof homeIn>, options: Parameters<typeof begin>[1] = {}) {
  const { link, wait } = await begin(home, options);
  const done = wait();
  await visit(link);
  expect(await done).toMatchObject({ state: "done" });
}
