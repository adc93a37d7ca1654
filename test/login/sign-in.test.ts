import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromLoginCredentials } from "@aws-sdk/credential-provider-login";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loginSessionPath } from "../../src/login/session-file.ts";
import type { Context } from "../../src/protocol/context.ts";
import type { LoginParams, SignedIn, SignInStep } from "../../src/protocol/sign-in-messages.ts";
import { Core } from "../../src/server/core.ts";
import type { Handlers } from "../../src/server/handlers/handler.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { codeOf, contextOf, errorOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { browse, chromium, closeBrowsers } from "../sign-in/headless-browser.ts";

const jo = "arn:aws:iam::111111111111:user/jo";
const ann = "arn:aws:iam::111111111111:user/ann";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
const cores: Core[] = [];
afterEach(() => {
  for (const core of cores.splice(0)) core.close();
  Object.assign(sandbox.consoleUser, { user: "jo", does: "allow" });
  sandbox.clearFaults();
  sandbox.clearCalls();
});

interface Home {
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly handlers: Handlers;
  readonly context: () => Context;
  readonly config: () => string;
  /** The stored sign-in of an identity. */
  readonly stored: (identity?: string) => Record<string, unknown> & { accessToken: Record<string, string> };
  readonly sessions: () => string[];
}

/** A session of PowerShell, with a home that other sessions may share. */
function homeWith(config = "", folder = temporaryDirectory(), now: () => number = Date.now): Home {
  const core = new Core();
  cores.push(core);
  const aws = join(folder, ".aws");
  mkdirSync(aws, { recursive: true });
  if (!existsSync(join(aws, "config"))) writeFileSync(join(aws, "config"), config);
  const environment = { ...sandbox.environment, HOME: folder, AWS_EC2_METADATA_DISABLED: "true" };
  const cache = join(aws, "login", "cache");
  return {
    folder,
    environment,
    handlers: createHandlers(core),
    context: () => contextOf(environment, { workingDirectory: folder, now }),
    config: () => readFileSync(join(aws, "config"), "utf8"),
    stored: (identity = jo) => JSON.parse(readFileSync(loginSessionPath(cache, identity), "utf8")),
    sessions: () => (existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith(".json")) : []),
  };
}

type Page = Extract<SignInStep, { state: "browser" }>;

async function begin(home: Home, params: LoginParams = {}): Promise<Page> {
  const step = await home.handlers["login/begin"]({ profileName: "console", ...params }, home.context());
  if (step.state !== "browser") throw new Error(`The sign-in is ${step.state}.`);
  return step;
}

/** Does what the person in the browser does, and returns where the browser ends. */
async function visit(link: string): Promise<string> {
  const body = new URLSearchParams({ decision: sandbox.consoleUser.does });
  const answer = await fetch(link, { method: "POST", body, redirect: "manual" });
  const target = answer.headers.get("location") ?? "";
  await fetch(target);
  return target;
}

async function end(home: Home, { signInId }: Page, code?: string): Promise<SignedIn> {
  const step = await home.handlers["sign-in/wait"](
    { signInId, ...(code !== undefined && { authorizationCode: code }) },
    home.context(),
  );
  if (step.state !== "done") throw new Error(`The sign-in is ${step.state}.`);
  return step.signedIn;
}

async function signIn(home: Home, params: LoginParams = {}): Promise<SignedIn> {
  const page = await begin(home, params);
  const [signedIn] = await Promise.all([end(home, page), visit(page.link)]);
  return signedIn;
}

describe("a sign-in with console credentials", () => {
  it("opens AWS's authorization page with the parameters of the AWS CLI", async () => {
    const home = homeWith();
    const { link, expiration, signInId } = await begin(home, { region: "eu-central-1" });
    const url = new URL(link);
    expect(url.origin + url.pathname).toBe(`${sandbox.urls.signin}/v1/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: "code",
      client_id: "arn:aws:signin:::devtools/same-device",
      state: expect.stringMatching(/^[0-9a-f-]{36}$/),
      code_challenge_method: "SHA-256",
      scope: "openid",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(Date.parse(expiration)).toBeGreaterThan(Date.now() + 5 * 60_000);
    await home.handlers["sign-in/abandon"]({ signInId }, home.context());
  });

  it("uses AWS's endpoint of the region", async () => {
    const home = homeWith("[profile console]\nregion = eu-west-3\n");
    const { AWS_ENDPOINT_URL_SIGNIN: _, ...environment } = home.environment;
    const context = { ...home.context(), environment };
    const step = await home.handlers["login/begin"]({ profileName: "console" }, context);
    expect(step).toMatchObject({
      state: "browser",
      link: expect.stringMatching(/^https:\/\/eu-west-3\.signin\.aws\.amazon\.com\/v1\/authorize\?/),
    });
  });

  it("stores the session and the profile as the AWS CLI does", async () => {
    const home = homeWith("[profile other]\nregion = eu-west-1\n");
    const signedIn = await signIn(home, { region: "eu-central-1" });
    expect(signedIn).toEqual({
      expiration: expect.any(String),
      renewable: true,
      login: { profileName: "console", loginSession: jo, accountId: "111111111111", region: "eu-central-1" },
    });
    expect(home.config()).toBe(
      `[profile other]\nregion = eu-west-1\n\n[profile console]\nlogin_session = ${jo}\nregion = eu-central-1\n`,
    );
    const stored = home.stored();
    expect(stored).toEqual({
      accessToken: {
        accessKeyId: expect.stringMatching(/^ASIA/),
        secretAccessKey: expect.any(String),
        sessionToken: expect.any(String),
        accountId: "111111111111",
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      tokenType: "aws_sigv4",
      clientId: "arn:aws:signin:::devtools/same-device",
      refreshToken: expect.any(String),
      idToken: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/),
      dpopKey: expect.stringMatching(/^-----BEGIN EC PRIVATE KEY-----\n[\w+/=\n]+-----END EC PRIVATE KEY-----\n$/),
      signInRegion: "eu-central-1",
    });
    const path = loginSessionPath(join(home.folder, ".aws", "login", "cache"), jo);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toHaveLength(1);
  });

  it("gives the profile's roles their credentials, and renews them", async () => {
    const admin = roleArn("Admin");
    const home = homeWith(`[profile prod]\nrole_arn = ${admin}\nsource_profile = console\nregion = eu-west-1\n`);
    await signIn(home);
    const role = () => home.handlers["role/use"]({ profileName: "prod", noCache: true }, home.context());
    expect(await role()).toMatchObject({ roleArn: admin });
    const first = home.stored().accessToken;
    sandbox.advanceClock(1000);
    writeFileSync(
      loginSessionPath(join(home.folder, ".aws", "login", "cache"), jo),
      JSON.stringify({
        ...home.stored(),
        accessToken: { ...first, expiresAt: new Date(Date.now() + 60_000).toISOString() },
      }),
    );
    expect(await role()).toMatchObject({ roleArn: admin });
    expect(home.stored().accessToken.accessKeyId).not.toBe(first.accessKeyId);
  });

  it("can be used and renewed by the AWS SDK for JavaScript", async () => {
    const home = homeWith();
    await signIn(home, { region: "eu-west-1" });
    const cache = join(home.folder, ".aws", "login", "cache");
    const before = home.stored().accessToken;
    const outside = process.env.AWS_LOGIN_CACHE_DIRECTORY;
    process.env.AWS_LOGIN_CACHE_DIRECTORY = cache;
    try {
      const sdk = fromLoginCredentials({
        profile: "console",
        configFilepath: join(home.folder, ".aws", "config"),
        clientConfig: { endpoint: sandbox.urls.signin },
        ignoreCache: true,
      });
      expect(await sdk()).toMatchObject({ accessKeyId: before.accessKeyId, accountId: "111111111111" });
      writeFileSync(
        loginSessionPath(cache, jo),
        JSON.stringify({ ...home.stored(), accessToken: { ...before, expiresAt: new Date().toISOString() } }),
      );
      const renewed = await sdk();
      expect(renewed.accessKeyId).not.toBe(before.accessKeyId);
      // And the other way round: its renewal serves us.
      expect(await home.handlers["login/begin"]({ profileName: "console" }, home.context())).toMatchObject({
        state: "done",
      });
      expect(home.stored().accessToken.accessKeyId).toBe(renewed.accessKeyId);
    } finally {
      if (outside === undefined) delete process.env.AWS_LOGIN_CACHE_DIRECTORY;
      else process.env.AWS_LOGIN_CACHE_DIRECTORY = outside;
    }
  });

  it.each([[false], [true]])(
    "opens one page for sessions that sign in to one profile at once (force: %s)",
    async (force) => {
      const first = homeWith();
      const others = Array.from({ length: 3 }, () => homeWith("", first.folder));
      if (force) await signIn(first);
      const page = await begin(first, { force });
      const steps = await Promise.all(
        others.map(({ handlers, context }) => handlers["login/begin"]({ profileName: "console", force }, context())),
      );
      expect(steps.map(({ state }) => state)).toEqual(["elsewhere", "elsewhere", "elsewhere"]);
      const waits = steps.map((step, index) => {
        const other = others[index] as Home;
        return step.state === "elsewhere"
          ? other.handlers["sign-in/wait"]({ signInId: step.signInId }, other.context())
          : undefined;
      });
      await Promise.all([end(first, page), visit(page.link)]);
      for (const step of await Promise.all(waits)) expect(step).toMatchObject({ state: "done" });
      expect(sandbox.calls.filter(({ action }) => action === "CreateOAuth2Token")).toHaveLength(force ? 2 : 1);
    },
  );

  it("replaces a profile's identity only if it is forced", async () => {
    const home = homeWith(`[profile console]\nlogin_session = ${jo}\n`);
    sandbox.consoleUser.user = "ann";
    const page = await begin(home);
    const [error] = await Promise.all([errorOf(() => end(home, page)), visit(page.link)]);
    expect(error.code).toBe("SignInIdentityDiffers");
    expect(error.message).toContain(ann);
    expect(error.message).toContain(jo);
    expect(home.sessions()).toEqual([]);
    expect(home.config()).toContain(jo);
    expect(await signIn(home, { force: true })).toMatchObject({ login: { loginSession: ann } });
    expect(home.config()).toBe(`[profile console]\nlogin_session = ${ann}\n`);
  });

  it.each([
    ["keys", "aws_access_key_id = AKIA\naws_secret_access_key = s", "access keys"],
    ["a role", `role_arn = ${roleArn("Admin")}\nsource_profile = other`, "a role"],
    ["IAM Identity Center", "sso_account_id = 123456789012", "IAM Identity Center"],
    ["a process", "credential_process = print-credentials", "a credential process"],
    ["a web identity", `role_arn = ${roleArn("Admin")}\nweb_identity_token_file = token`, "a web identity"],
  ])("refuses a profile with %s before the browser opens", async (_what, settings, named) => {
    const config = `[profile console]\n${settings}\n`;
    const home = homeWith(config);
    const error = await errorOf(() => begin(home));
    expect(error.code).toBe("SourceConflict");
    expect(error.message).toContain(named);
    expect(home.config()).toBe(config);
  });

  it.each([
    ["an invalid name", { profileName: "a]b" }, "ProfileNameInvalid"],
    ["an invalid region", { region: "evil.example/" }, "RegionInvalid"],
  ])("refuses %s before the browser opens", async (_what, params, code) => {
    expect(await codeOf(() => begin(homeWith(), params))).toBe(code);
  });

  it("uses the profile of the environment by default", async () => {
    const home = homeWith();
    home.environment.AWS_PROFILE = "mine";
    const step = await home.handlers["login/begin"]({}, home.context());
    if (step.state !== "browser") throw new Error(step.state);
    const [{ login }] = await Promise.all([end(home, step), visit(step.link)]);
    expect(login?.profileName).toBe("mine");
  });
});

describe("the end of a sign-in in the browser", () => {
  it("is an error if the session cannot be stored, and leaves the profile as it is", async () => {
    const home = homeWith();
    const page = await begin(home);
    mkdirSync(loginSessionPath(join(home.folder, ".aws", "login", "cache"), jo), { recursive: true });
    const [error] = await Promise.all([errorOf(() => end(home, page)), visit(page.link)]);
    expect(error.code).toBe("FileUnwritable");
    expect(home.config()).toBe("");
  });

  it.each([
    ["AUTHCODE_EXPIRED", 401, "LoginFailed"],
    ["INSUFFICIENT_PERMISSIONS", 403, "AccessDenied"],
    ["INVALID_REQUEST", 400, "LoginFailed"],
    ["SERVER_ERROR", 500, "LoginFailed"],
  ])("reports %s as an error that names the next step", async (error, status, code) => {
    const home = homeWith();
    const page = await begin(home);
    sandbox.failNext({
      action: "CreateOAuth2Token",
      status,
      body: JSON.stringify({ error, message: "secret-message" }),
      times: 3,
    });
    const [thrown] = await Promise.all([errorOf(() => end(home, page)), visit(page.link)]);
    expect(thrown.code).toBe(code);
    expect(thrown.details.action).toMatch(/Connect-RoleConsole|SignInLocalDevelopmentAccess/);
    expect(JSON.stringify([thrown.message, thrown.details])).not.toContain("secret-message");
    expect(home.config()).toBe("");
    expect(home.sessions()).toEqual([]);
  });

  it.each([
    ["ahead of", 3_600_000],
    ["behind", -3_600_000],
  ])("names a clock that is %s AWS's", async (direction, offset) => {
    const home = homeWith("", temporaryDirectory(), () => Date.now() + offset);
    const page = await begin(home);
    const [error] = await Promise.all([errorOf(() => end(home, page)), visit(page.link)]);
    expect(error.code).toBe("ClockSkew");
    expect(error.message).toMatch(new RegExp(`clock is \\d+ seconds ${direction} the server's`));
  });
});

describe("a sign-in on another device", () => {
  const codeFor = async (link: string) => {
    const target = await visit(link);
    return /id="code">([^<]+)</.exec(await (await fetch(target)).text())?.[1] ?? "";
  };

  it("takes the code that the page shows", async () => {
    const home = homeWith();
    const page = await begin(home, { remote: true });
    expect(page.wantsCode).toBe(true);
    expect(new URL(page.link).searchParams.get("redirect_uri")).toBe(`${sandbox.urls.signin}/v1/sessions/confirmation`);
    const signedIn = await end(home, page, await codeFor(page.link));
    expect(signedIn.login?.loginSession).toBe(jo);
    expect(home.stored().clientId).toBe("arn:aws:signin:::devtools/cross-device");
  });

  it.each([
    ["nothing", ""],
    ["something else", "123456"],
    ["a code without a state", Buffer.from("code=abc").toString("base64")],
    ["the code of another sign-in", Buffer.from("state=other&code=abc").toString("base64")],
  ])("refuses %s, and stores nothing", async (_what, code) => {
    const home = homeWith();
    const page = await begin(home, { remote: true });
    expect(await codeOf(() => end(home, page, code))).toBe("SignInCodeInvalid");
    expect(home.sessions()).toEqual([]);
    expect(sandbox.calls.filter(({ action }) => action === "CreateOAuth2Token")).toEqual([]);
  });
});

describe("login/end", () => {
  it("forgets all sign-ins, and nothing else in their folder", async () => {
    const home = homeWith();
    await signIn(home);
    sandbox.consoleUser.user = "ann";
    await signIn(home, { profileName: "second" });
    const other = join(home.folder, ".aws", "login", "cache", "other.json");
    writeFileSync(other, "{}");
    expect(await home.handlers["login/end"]({ all: true }, home.context())).toEqual({ removed: 2 });
    expect(home.sessions()).toEqual(["other.json"]);
    rmSync(other);
  });
});

describe.skipIf(!chromium)("a real browser", () => {
  afterEach(closeBrowsers);

  it.each([["allow"], ["deny"]] as const)(
    "signs in with console credentials: the person chooses %s",
    { timeout: 60_000 },
    async (does) => {
      sandbox.consoleUser.does = does;
      const home = homeWith();
      const page = await begin(home);
      browse(page.link);
      if (does === "deny") expect(await codeOf(() => end(home, page))).toBe("SignInDenied");
      else expect(await end(home, page)).toMatchObject({ login: { loginSession: jo } });
    },
  );
});
