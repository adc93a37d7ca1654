/** Every parameter of every method either changes the outcome or is refused. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { loginSessionPath } from "../../src/login/session-file.ts";
import type { Context } from "../../src/protocol/context.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { SsoSessionChoice } from "../../src/protocol/identity-center-messages.ts";
import type { Method, Params } from "../../src/protocol/methods.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { section } from "../assume-role/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

/** The request's parameters without the tested one, and with it. */
type Case<M extends Method> = readonly [absent: Partial<Params<M>>, present: Partial<Params<M>>];
type Cases = { readonly [M in Method]: { readonly [P in keyof Required<Params<M>>]: Case<M> | "correlation" } };

const phone = "arn:aws:iam::111111111111:mfa/jo";
const admin = roleArn("Admin");
const byArn = { roleArn: admin, profileName: "base" };
const session = '{"Version":"2012-10-17","Statement":[]}';

const ssoRole = { accountId: "123456789012", roleName: "ReadOnly" };

const useRole = {
  profileName: [{ roleArn: admin }, { roleArn: admin, profileName: "ann" }],
  profileLocation: [byArn, { ...byArn, profileLocation: "other" }],
  roleArn: [{ profileName: "base" }, byArn],
  roleName: [
    { profileName: "base", accountId: "123456789012" },
    { profileName: "base", accountId: "123456789012", roleName: "Admin" },
  ],
  accountId: [
    { profileName: "base", roleName: "Admin" },
    { profileName: "base", roleName: "Admin", accountId: "123456789012" },
  ],
  ssoSession: [ssoRole, { ...ssoRole, ssoSession: "corp" }],
  startUrl: [
    { ...ssoRole, ssoRegion: "eu-west-1" },
    { ...ssoRole, ssoRegion: "eu-west-1", startUrl: "https://sandbox.awsapps.com/start" },
  ],
  ssoRegion: [
    { ...ssoRole, startUrl: "https://sandbox.awsapps.com/start" },
    { ...ssoRole, startUrl: "https://sandbox.awsapps.com/start", ssoRegion: "eu-west-1" },
  ],
  sourceProfile: [{ roleArn: admin }, { roleArn: admin, sourceProfile: "ann" }],
  credentials: [{ roleArn: admin }, { roleArn: admin, credentials: keysOf.ann }],
  federation: [
    { roleArn: admin },
    { roleArn: admin, federation: { kind: "token", token: "eyJhbGciOiJub25lIn0.e30." } },
  ],
  roleSessionName: [byArn, { ...byArn, roleSessionName: "mine" }],
  durationInSeconds: [byArn, { ...byArn, durationInSeconds: 900 }],
  externalId: [byArn, { ...byArn, externalId: "ticket-42" }],
  mfaSerial: [byArn, { ...byArn, mfaSerial: phone }],
  tokenCode: [byArn, { ...byArn, tokenCode: "123456" }],
  tokenCodes: [
    { ...byArn, mfaSerial: phone },
    { ...byArn, mfaSerial: phone, tokenCodes: { [phone]: "000000" } },
  ],
  policy: [byArn, { ...byArn, policy: session }],
  policyArns: [byArn, { ...byArn, policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }],
  tags: [byArn, { ...byArn, tags: [{ key: "team", value: "a" }] }],
  transitiveTagKeys: [byArn, { ...byArn, transitiveTagKeys: ["team"] }],
  sourceIdentity: [byArn, { ...byArn, sourceIdentity: "jo" }],
  region: [byArn, { ...byArn, region: "eu-central-1" }],
  endpointUrl: [byArn, { ...byArn, endpointUrl: "http://127.0.0.1:1" }],
  noCache: [byArn, { ...byArn, noCache: true }],
  // test/history: it marks an entry of the history, and changes no answer.
  sourceGiven: "correlation",
  invocationId: "correlation",
} as const satisfies Record<keyof Required<UseRoleParams>, Case<"role/use"> | "correlation">;

const signIn = { ...byArn, sessionDurationInSeconds: 3600 };
const keys = { accessKeyId: "AKIA", secretAccessKey: "secret" };
const role = { roleName: "Admin", account: "123456789012" };

const corp = { ssoSession: "corp" };
const newPortal = { startUrl: "https://new.awsapps.com/start", ssoRegion: "us-east-1" };
const choice = {
  ssoSession: [{}, corp],
  profileName: [{}, { profileName: "staff" }],
  profileLocation: [{ profileName: "staff" }, { profileName: "staff", profileLocation: "other" }],
  startUrl: [{ ssoRegion: "eu-west-1" }, { ssoRegion: "eu-west-1", startUrl: "https://sandbox.awsapps.com/start" }],
  ssoRegion: [
    { startUrl: "https://sandbox.awsapps.com/start" },
    { startUrl: "https://sandbox.awsapps.com/start", ssoRegion: "eu-west-1" },
  ],
} as const satisfies Record<keyof Required<SsoSessionChoice>, Case<"identity-center/accounts">>;

const newRole = {
  profileName: "new",
  settings: { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "ReadOnly" },
};

const cases: Cases = {
  "core/ping": {},
  "profile/list": { profileLocation: [{}, { profileLocation: "other" }] },
  "profile/get": {
    profileName: [{ profileName: "base" }, { profileName: "ann" }],
    profileLocation: [{ profileName: "base" }, { profileName: "base", profileLocation: "other" }],
  },
  "profile/store": {
    profileName: [
      { profileName: "new", settings: keys },
      { profileName: "newer", settings: keys },
    ],
    profileLocation: [
      { profileName: "new", settings: keys },
      { profileName: "new", settings: keys, profileLocation: "other" },
    ],
    settings: [
      { profileName: "base", settings: {} },
      { profileName: "base", settings: { region: "eu-west-1" } },
    ],
    secretVault: [
      { profileName: "new", settings: keys },
      { profileName: "new", settings: keys, secretVault: { name: "Mine", powerShell: "/pwsh", accessKey: "AKIA" } },
    ],
    vault: [
      { profileName: "new", settings: keys },
      { profileName: "new", settings: keys, vault: true },
    ],
    whatIf: [
      { profileName: "new", settings: keys },
      { profileName: "new", settings: keys, whatIf: true },
    ],
  },
  "profile/copy": {
    from: [
      { from: "base", to: "c1" },
      { from: "ann", to: "c1" },
    ],
    to: [
      { from: "base", to: "c1" },
      { from: "base", to: "c2" },
    ],
    profileLocation: [
      { from: "base", to: "c1" },
      { from: "base", to: "c1", profileLocation: "other" },
    ],
    asProcess: [
      { from: "base", to: "c1" },
      { from: "base", to: "c1", asProcess: true },
    ],
    settings: [
      { from: "base", to: "c1" },
      { from: "base", to: "c1", settings: { region: "us-west-2" } },
    ],
    whatIf: [
      { from: "base", to: "c1" },
      { from: "base", to: "c1", whatIf: true },
    ],
  },
  "profile/remove": {
    profileName: [{ profileName: "base" }, { profileName: "ann" }],
    profileLocation: [{ profileName: "base" }, { profileName: "base", profileLocation: "other" }],
    whatIf: [{ profileName: "base" }, { profileName: "base", whatIf: true }],
  },
  "key/rotate": {
    profileName: [
      { profileName: "base", whatIf: true },
      { profileName: "ann", whatIf: true },
    ],
    profileLocation: [
      { profileName: "base", whatIf: true },
      { profileName: "base", profileLocation: "other", whatIf: true },
    ],
    // Ann lacks the permission, so the key stays as other tests need it.
    whatIf: [{ profileName: "ann" }, { profileName: "ann", whatIf: true }],
  },
  "role/use": useRole,
  "role/abandon": { invocationId: "correlation" },
  "role/test": {
    ...withHop(useRole),
    hop: [
      { ...byArn, hop: 1 },
      { ...byArn, hop: 2 },
    ],
    // A hop's test relies on what the hops before it obtained.
    noCache: "correlation",
    invocationId: "correlation",
  },
  "identity/get": useRole,
  "identity/describe": {},
  "role/refresh": { ...useRole, tokenCodes: [byArn, { ...byArn, tokenCodes: { [phone]: "1" } }] },
  // test/server/endpoint.test.ts
  "endpoint/open": { request: "correlation", current: "correlation" },
  "endpoint/close": { url: "correlation" },
  "history/list": {},
  "history/clear": {
    roleArn: [{}, { roleArn: roleArn("Other") }],
    whatIf: [{}, { whatIf: true }],
  },
  "console/switch-role": {
    roleArn: [role, { ...role, roleArn: admin }],
    profileName: [role, { ...role, profileName: "prod" }],
    profileLocation: [{ profileName: "prod" }, { profileName: "prod", profileLocation: "other" }],
    roleName: [{ account: role.account }, role],
    account: [{ roleName: role.roleName }, role],
    region: [role, { ...role, region: "cn-north-1" }],
    ssoSession: [role, { ...role, ssoSession: "corp" }],
    startUrl: [
      { ...role, ssoRegion: "eu-west-1" },
      { ...role, ssoRegion: "eu-west-1", startUrl: "https://sandbox.awsapps.com/start" },
    ],
    ssoRegion: [
      { ...role, startUrl: "https://sandbox.awsapps.com/start" },
      { ...role, startUrl: "https://sandbox.awsapps.com/start", ssoRegion: "eu-west-1" },
    ],
    displayName: [role, { ...role, displayName: "Production" }],
    color: [role, { ...role, color: "red" }],
    container: [role, { ...role, container: { name: "prod" } }],
  },
  "console/sign-in": {
    ...useRole,
    destination: [byArn, { ...byArn, destination: "/ec2/home" }],
    container: [byArn, { ...byArn, container: { name: "" } }],
    sessionDurationInSeconds: [signIn, { ...signIn, sessionDurationInSeconds: 900 }],
    chained: [byArn, { ...byArn, chained: true }],
    partition: [byArn, { ...byArn, partition: "aws" }],
  },
  "identity-center/sign-in": {
    ...choice,
    useDeviceCode: [
      { ...corp, force: true },
      { ...corp, force: true, useDeviceCode: true },
    ],
    force: [corp, { ...corp, force: true }],
  },
  "identity-center/sign-out": { ...choice, whatIf: [corp, { ...corp, whatIf: true }] },
  "identity-center/accounts": choice,
  "identity-center/store-session": {
    ssoSession: [
      { ssoSession: "corp", ...newPortal },
      { ssoSession: "new", ...newPortal },
    ],
    startUrl: [corp, { ...corp, startUrl: newPortal.startUrl }],
    ssoRegion: [corp, { ...corp, ssoRegion: newPortal.ssoRegion }],
    scopes: [corp, { ...corp, scopes: "sso:account:access,codewhisperer:completions" }],
    profileLocation: [
      { ssoSession: "new", ...newPortal },
      { ssoSession: "new", ...newPortal, profileLocation: "other" },
    ],
    whatIf: [
      { ssoSession: "new", ...newPortal },
      { ssoSession: "new", ...newPortal, whatIf: true },
    ],
  },
  "identity-center/store-roles": {
    profiles: [
      { profiles: [], removes: [] },
      { profiles: [newRole], removes: [] },
    ],
    removes: [
      { profiles: [], removes: [] },
      { profiles: [], removes: ["gone"] },
    ],
    profileLocation: [
      { profiles: [newRole], removes: [] },
      { profiles: [newRole], removes: [], profileLocation: "other" },
    ],
    whatIf: [
      { profiles: [newRole], removes: [] },
      { profiles: [newRole], removes: [], whatIf: true },
    ],
  },
  "identity-center/gone-roles": {
    ...withRoles(choice),
    roles: [
      { ...corp, roles: [] },
      { ...corp, roles: [{ accountId: "999999999999", roleName: "ReadOnly" }] },
    ],
  },
  "identity-center/role-names": {
    ...withAccount(choice),
    accountId: [
      { ...corp, accountId: "123456789012" },
      { ...corp, accountId: "111111111111" },
    ],
  },
  "login/begin": {
    profileName: [{}, { profileName: "signed-in" }],
    profileLocation: [{ profileName: "ann" }, { profileName: "ann", profileLocation: "other" }],
    region: [{ profileName: "new" }, { profileName: "new", region: "no region" }],
    remote: [{ profileName: "new" }, { profileName: "new", remote: true }],
    force: [{ profileName: "signed-in" }, { profileName: "signed-in", force: true }],
  },
  "login/end": {
    profileName: [{}, { profileName: "signed-in" }],
    profileLocation: [{ profileName: "ann" }, { profileName: "ann", profileLocation: "other" }],
    all: [{}, { all: true }],
  },
  "sign-in/wait": { signInId: "correlation", code: "correlation" },
  "sign-in/abandon": { signInId: "correlation" },
  "completion/list": {
    subject: [
      { subject: "profile", word: "" },
      { subject: "color", word: "" },
    ],
    word: [
      { subject: "profile", word: "" },
      { subject: "profile", word: "ba" },
    ],
    profileLocation: [
      { subject: "profile", word: "" },
      { subject: "profile", word: "", profileLocation: "other" },
    ],
    accountId: [
      { subject: "roleName", word: "" },
      { subject: "roleName", word: "", accountId: "999999999999" },
    ],
    roleName: [
      { subject: "account", word: "" },
      { subject: "account", word: "", roleName: "Nobody" },
    ],
    ssoSession: [
      { subject: "account", word: "" },
      { subject: "account", word: "", ssoSession: "corp" },
    ],
    roleArn: [
      { subject: "policy", word: "" },
      { subject: "policy", word: "", roleArn: "arn:aws-cn:iam::444444444444:role/Admin" },
    ],
  },
  "cache/clear": {
    profileName: [{}, { profileName: "gone" }],
    roleArn: [{}, { roleArn: roleArn("Other") }],
  },
};

function isSso(params: object): boolean {
  return "ssoSession" in params || "startUrl" in params || "ssoRegion" in params;
}

function withHop<T extends object>(all: T): T {
  const lastHop = (params: object) => ({
    ...params,
    hop: "roleArn" in params || ("roleName" in params && !isSso(params)) ? 2 : 1,
  });
  return Object.fromEntries(
    Object.entries(all).map(([name, pair]) => [name, Array.isArray(pair) ? pair.map(lastHop) : pair]),
  ) as T;
}

function withAccount<T extends object>(all: T): T {
  return withEach(all, { accountId: "123456789012" });
}

function withRoles<T extends object>(all: T): T {
  return withEach(all, { roles: [] });
}

function withEach<T extends object>(all: T, more: object): T {
  return Object.fromEntries(
    Object.entries(all).map(([name, pair]) => [name, pair.map((params: object) => ({ ...params, ...more }))]),
  ) as T;
}

/** A profile that the module has generated, of an account that the user has lost. */
const generated = `[profile gone]
sso_session = corp
sso_account_id = 999999999999
sso_role_name = ReadOnly
role_credentials_digest = 6d8fa5048984d7e0
`;

const loginSession = "arn:aws:iam::111111111111:user/jo";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "role-credentials-"));
  write(
    ".aws/config",
    section("profile prod", { roleArn: admin, sourceProfile: "base", mfaSerial: phone }) +
      section("profile staff", { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "ReadOnly" }) +
      section("default", { ...keysOf.jo }) +
      section("profile signed-in", { loginSession }) +
      section("sso-session corp", { ssoStartUrl: "https://sandbox.awsapps.com/start", ssoRegion: "eu-west-1" }) +
      section("sso-session other", { ssoStartUrl: "https://other.awsapps.com/start", ssoRegion: "eu-west-1" }) +
      generated,
  );
  write(`.aws/sso/cache/${createHash("sha1").update("corp").digest("hex")}.json`, JSON.stringify(sandbox.ssoLogin()));
  const accessToken = {
    ...{ accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "t" },
    expiresAt: "2099-01-01T00:00:00Z",
  };
  write(loginSessionPath(".aws/login/cache", loginSession), JSON.stringify({ accessToken }));
  write(".aws/credentials", section("base", { ...keysOf.jo }) + section("ann", { ...keysOf.ann }));
  write(
    "other",
    section("base", { ...keysOf.ann, region: "eu-central-1" }) +
      section("prod", { roleArn: roleArn("Hub"), sourceProfile: "base" }),
  );
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), text, { mode: 0o600 });
}

const volatile = /Id$|Key$|Token|xpiration|lastUsed|arguments|link$/;

/** A method's result, its calls and the files it leaves, without values that differ at each call. */
async function outcomeOf(method: Method, params: object) {
  const core = new Core();
  const context: Context = {
    environment: { ...sandbox.environment, HOME: home, AWS_REGION: "eu-west-1" },
    workingDirectory: home,
    platform: process.platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => {},
  };
  const handlers = createHandlers(core) as Record<Method, (params: object, context: Context) => unknown>;
  // Provides an entry to clear and to complete.
  if (/^(cache|history|completion)/.test(method)) await handlers["role/use"](byArn, context);
  sandbox.clearCalls();
  const answers: unknown[] = [];
  // Run twice: the second run shows what is cached.
  for (let round = 0; round < 2; round++) {
    try {
      answers.push(await handlers[method]({ invocationId: `invocation-${round}`, ...params }, context));
    } catch (error) {
      if (!(error instanceof RoleError)) throw error;
      answers.push({ id: error.code, target: error.details.target, message: error.message });
    }
    // No caller returns with a code.
    core.forget(`invocation-${round}`);
  }
  await core.settled();
  core.close();
  const calls = sandbox.calls.map(({ action, parameters, principal, region }) => ({
    action,
    parameters: { ...parameters, RoleSessionName: parameters.RoleSessionName?.replace(/\d{10}$/, "") },
    principal: principal?.replace(/\d{10}$/, ""),
    region,
  }));
  return { answers: withoutVolatile(answers), calls, files: files() };

  function withoutVolatile(value: unknown): unknown {
    const text = JSON.stringify(value, (name, member) =>
      typeof member === "string" && volatile.test(name) && !/^(console|role\/refresh)/.test(method) ? "…" : member,
    );
    return text.replace(/SigninToken=[^"]*/g, "").replace(/-\d{10}\b/g, "");
  }
}

function files(): Record<string, string> {
  const found = ["other", ...readdirSync(join(home, ".aws")).map((name) => join(".aws", name))];
  return Object.fromEntries(
    found
      .filter((name) => /(config|credentials|other)$/.test(name) && !/role-credentials$/.test(name))
      .map((name) => [name, readFileSync(join(home, name), "utf8")]),
  );
}

const checked = Object.entries(cases).flatMap(([method, all]) => {
  const given = Object.entries(all).filter((entry): entry is [string, Case<Method>] => entry[1] !== "correlation");
  return given.map(([name, pair]) => [method as Method, name, pair] as const);
});

it.each(checked)("%s uses or refuses %s", async (method, _name, [absent, present]) => {
  const before = files();
  const one = await outcomeOf(method, absent);
  for (const [name, text] of Object.entries(before)) write(name, text);
  rmSync(join(home, ".aws", "role-credentials"), { recursive: true, force: true });
  rmSync(join(home, ".aws", "cli"), { recursive: true, force: true });
  expect(await outcomeOf(method, present)).not.toEqual(one);
});
