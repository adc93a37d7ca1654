/** Every parameter of every method either changes the outcome or is refused. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { loginSessionPath } from "../../src/login/session-file.ts";
import type { Context } from "../../src/protocol/context.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { Method, Params } from "../../src/protocol/methods.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { section } from "../assume-role/fixtures.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

/** The request's parameters without the tested one, or with another value of it, and the tested value. */
type Case<M extends Method, P extends keyof Params<M>> = readonly [
  absent: Partial<Params<M>>,
  value: Required<Params<M>>[P],
];
type CasesOf<M extends Method> = { readonly [P in keyof Required<Params<M>>]: Case<M, P> | "correlation" };
type Cases = { readonly [M in Method]: CasesOf<M> };

const phone = "arn:aws:iam::111111111111:mfa/jo";
const admin = roleArn("Admin");
const byArn = { roleArn: admin, profileName: "base" };
const corp = { ssoSession: "corp" };
const startUrl = "https://sandbox.awsapps.com/start";
const ssoRegion = "eu-west-1";
const ssoRole = { accountId: "123456789012", roleName: "ReadOnly" };

const useRole = {
  profileName: [{ roleArn: admin }, "ann"],
  profileLocation: [byArn, "other"],
  roleArn: [{ profileName: "base" }, admin],
  roleName: [{ profileName: "base", accountId: "123456789012" }, "Admin"],
  accountId: [{ profileName: "base", roleName: "Admin" }, "123456789012"],
  ssoSession: [ssoRole, "corp"],
  startUrl: [{ ...ssoRole, ssoRegion }, startUrl],
  ssoRegion: [{ ...ssoRole, startUrl }, ssoRegion],
  sourceProfile: [{ roleArn: admin }, "ann"],
  credentials: [{ roleArn: admin }, keysOf.ann],
  federation: [{ roleArn: admin }, { kind: "token", token: "eyJhbGciOiJub25lIn0.e30." }],
  roleSessionName: [byArn, "mine"],
  durationInSeconds: [byArn, 900],
  externalId: [byArn, "ticket-42"],
  mfaSerial: [byArn, phone],
  tokenCode: [byArn, "123456"],
  tokenCodes: [{ ...byArn, mfaSerial: phone }, { [phone]: "000000" }],
  policy: [byArn, '{"Version":"2012-10-17","Statement":[]}'],
  policyArns: [byArn, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]],
  tags: [byArn, [{ key: "team", value: "a" }]],
  transitiveTagKeys: [byArn, ["team"]],
  sourceIdentity: [byArn, "jo"],
  region: [byArn, "eu-central-1"],
  endpointUrl: [byArn, "http://127.0.0.1:1"],
  noCache: [byArn, true],
  // test/history: it marks an entry of the history, and changes no answer.
  sourceGiven: "correlation",
  invocationId: "correlation",
} as const satisfies CasesOf<"role/use">;

const newKeys = { profileName: "new", settings: { accessKeyId: "AKIA", secretAccessKey: "secret" } };
const copy = { from: "base", to: "c1" };
const rotation = { profileName: "base", whatIf: true };
const role = { roleName: "Admin", account: "123456789012" };
const newSession = { ssoSession: "new", startUrl: "https://new.awsapps.com/start", ssoRegion: "us-east-1" };
const newRole = {
  profileName: "new",
  settings: { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "ReadOnly" },
};
const noRoles = { profiles: [], removes: [] };
const anyProfile = { subject: "profile", word: "" } as const;

const choice = {
  ssoSession: [{}, "corp"],
  profileName: [{}, "staff"],
  profileLocation: [{ profileName: "staff" }, "other"],
  startUrl: [{ ssoRegion }, startUrl],
  ssoRegion: [{ startUrl }, ssoRegion],
} as const satisfies CasesOf<"identity-center/accounts">;

const cases: Cases = {
  "core/ping": {},
  "profile/list": { profileLocation: [{}, "other"] },
  "profile/get": {
    profileName: [{ profileName: "base" }, "ann"],
    profileLocation: [{ profileName: "base" }, "other"],
  },
  "profile/store": {
    profileName: [newKeys, "newer"],
    profileLocation: [newKeys, "other"],
    settings: [{ profileName: "base", settings: {} }, { region: "eu-west-1" }],
    secretVault: [newKeys, { name: "Mine", powerShell: "/pwsh", accessKey: "AKIA" }],
    vault: [newKeys, true],
    whatIf: [newKeys, true],
  },
  "profile/copy": {
    from: [copy, "ann"],
    to: [copy, "c2"],
    profileLocation: [copy, "other"],
    asProcess: [copy, true],
    settings: [copy, { region: "us-west-2" }],
    whatIf: [copy, true],
  },
  "profile/remove": {
    profileName: [{ profileName: "base" }, "ann"],
    profileLocation: [{ profileName: "base" }, "other"],
    whatIf: [{ profileName: "base" }, true],
  },
  "key/rotate": {
    profileName: [rotation, "ann"],
    profileLocation: [rotation, "other"],
    // Ann lacks the permission, so the key stays as other tests need it.
    whatIf: [{ profileName: "ann" }, true],
  },
  "role/use": useRole,
  "role/abandon": { invocationId: "correlation" },
  "role/test": {
    ...useRole,
    hop: [{ ...byArn, hop: 1 }, 2],
    // A hop's test relies on what the hops before it obtained.
    noCache: "correlation",
    invocationId: "correlation",
  },
  "identity/get": useRole,
  "identity/describe": {},
  "role/refresh": { ...useRole, tokenCodes: [byArn, { [phone]: "1" }] },
  // test/server/endpoint.test.ts
  "endpoint/open": { request: "correlation", current: "correlation" },
  "endpoint/close": { url: "correlation" },
  "history/list": {},
  "history/clear": { roleArn: [{}, roleArn("Other")], whatIf: [{}, true] },
  "console/switch-role": {
    roleArn: [role, admin],
    profileName: [role, "prod"],
    profileLocation: [{ profileName: "prod" }, "other"],
    roleName: [{ account: role.account }, "Admin"],
    account: [{ roleName: role.roleName }, "123456789012"],
    region: [role, "cn-north-1"],
    ssoSession: [role, "corp"],
    startUrl: [{ ...role, ssoRegion }, startUrl],
    ssoRegion: [{ ...role, startUrl }, ssoRegion],
    displayName: [role, "Production"],
    color: [role, "red"],
    container: [role, { name: "prod" }],
  },
  "console/sign-in": {
    ...useRole,
    destination: [byArn, "/ec2/home"],
    container: [byArn, { name: "" }],
    sessionDurationInSeconds: [{ ...byArn, sessionDurationInSeconds: 3600 }, 900],
    chained: [byArn, true],
    partition: [byArn, "aws"],
  },
  "identity-center/sign-in": {
    ...choice,
    useDeviceCode: [{ ...corp, force: true }, true],
    force: [corp, true],
  },
  "identity-center/sign-out": { ...choice, whatIf: [corp, true] },
  "identity-center/accounts": choice,
  "identity-center/store-session": {
    ssoSession: [{ ...newSession, ...corp }, "new"],
    startUrl: [corp, newSession.startUrl],
    ssoRegion: [corp, newSession.ssoRegion],
    scopes: [corp, "sso:account:access,codewhisperer:completions"],
    profileLocation: [newSession, "other"],
    whatIf: [newSession, true],
  },
  "identity-center/store-roles": {
    profiles: [noRoles, [newRole]],
    removes: [noRoles, ["gone"]],
    profileLocation: [{ ...noRoles, profiles: [newRole] }, "other"],
    whatIf: [{ ...noRoles, profiles: [newRole] }, true],
  },
  "identity-center/gone-roles": {
    ...choice,
    roles: [corp, [{ accountId: "999999999999", roleName: "ReadOnly" }]],
  },
  "identity-center/role-names": { ...choice, accountId: [corp, "111111111111"] },
  "login/begin": {
    profileName: [{}, "signed-in"],
    profileLocation: [{ profileName: "ann" }, "other"],
    region: [{ profileName: "new" }, "no region"],
    remote: [{ profileName: "new" }, true],
    force: [{ profileName: "signed-in" }, true],
  },
  "login/end": {
    profileName: [{}, "signed-in"],
    profileLocation: [{ profileName: "ann" }, "other"],
    all: [{}, true],
  },
  "sign-in/wait": { signInId: "correlation", authorizationCode: "correlation" },
  "sign-in/abandon": { signInId: "correlation" },
  "completion/list": {
    subject: [anyProfile, "color"],
    word: [anyProfile, "ba"],
    profileLocation: [anyProfile, "other"],
    accountId: [{ subject: "roleName", word: "" }, "999999999999"],
    roleName: [{ subject: "account", word: "" }, "Nobody"],
    ssoSession: [{ subject: "account", word: "" }, "corp"],
    roleArn: [{ subject: "policy", word: "" }, "arn:aws-cn:iam::444444444444:role/Admin"],
  },
  "cache/clear": { profileName: [{}, "gone"], roleArn: [{}, roleArn("Other")] },
};

/** What each request of a method has that its cases leave out. */
function requiredOf(method: Method, params: object): object {
  const isSso = "ssoSession" in params || "startUrl" in params || "ssoRegion" in params;
  // The last hop: a role has a source before it.
  if (method === "role/test") return { hop: "roleArn" in params || ("roleName" in params && !isSso) ? 2 : 1 };
  if (method === "identity-center/role-names") return { accountId: "123456789012" };
  return method === "identity-center/gone-roles" ? { roles: [] } : {};
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
  home = temporaryDirectory();
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

function write(name: string, text: string): void {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), text, { mode: 0o600 });
}

const volatile = /Id$|Key$|Token|xpiration|lastUsed|arguments|link$/;

/** A method's result, its calls and the files it leaves, without values that differ at each call. */
async function outcomeOf(method: Method, params: object) {
  const core = new Core();
  const environment = { ...sandbox.environment, HOME: home, AWS_REGION: "eu-west-1" };
  const context = contextOf(environment, { workingDirectory: home, now: Date.now });
  const handlers = createHandlers(core) as Record<Method, (params: object, context: Context) => unknown>;
  // Provides an entry to clear and to complete.
  if (/^(cache|history|completion)/.test(method)) await handlers["role/use"](byArn, context);
  sandbox.clearCalls();
  const answers: unknown[] = [];
  // Run twice: the second run shows what is cached.
  for (let round = 0; round < 2; round++) {
    try {
      const request = { invocationId: `invocation-${round}`, ...requiredOf(method, params), ...params };
      answers.push(await handlers[method](request, context));
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
  const given = Object.entries(all).filter((entry): entry is [string, [object, unknown]] => entry[1] !== "correlation");
  return given.map(
    ([name, [absent, value]]) => [method as Method, name, absent, { ...absent, [name]: value }] as const,
  );
});

it.each(checked)("%s uses or refuses %s", async (method, _name, absent, present) => {
  const before = files();
  const one = await outcomeOf(method, absent);
  for (const [name, text] of Object.entries(before)) write(name, text);
  rmSync(join(home, ".aws", "role-credentials"), { recursive: true, force: true });
  rmSync(join(home, ".aws", "cli"), { recursive: true, force: true });
  expect(await outcomeOf(method, present)).not.toEqual(one);
});
