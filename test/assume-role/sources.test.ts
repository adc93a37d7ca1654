import { writeFileSync } from "node:fs";
import { GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { sha1Hex, sha256Hex } from "../../src/platform/hash.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { UseRoleResult } from "../../src/protocol/role-messages.ts";
import { codeOf, errorOf, textsOf } from "../credentials/fixtures.ts";
import { keysIn, keysOf, roleArn, stsClient } from "../sandbox/clients.ts";
import type { Fault } from "../sandbox/http/faults.ts";
import type { World } from "../sandbox/iam/world-types.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { relativeCredentialsPath } from "../sandbox/services/container.ts";
import { defaultWorld } from "../sandbox/world.ts";
import { type Home, homeOf, section } from "./fixtures.ts";

/** The default world, in which principals of the production account are trusted as much as those of the main account. */
const world: World = {
  ...defaultWorld,
  accounts: defaultWorld.accounts.map((account) => ({
    ...account,
    roles: (account.roles ?? []).map((role) => ({
      ...role,
      trust: role.trust.map((statement) =>
        typeof statement.Principal === "object" && statement.Principal.AWS === "111111111111"
          ? { ...statement, Principal: { AWS: ["111111111111", "123456789012"] } }
          : statement,
      ),
    })),
  })),
};

const sandbox = await openSandbox({ world });

const session = "arn:aws:sts::111111111111:assumed-role/Hub/login";
const startUrl = "https://sandbox.awsapps.com/start";
const identityCenter: Settings = { ssoAccountId: "123456789012", ssoRoleName: "PowerUser" };

/** One kind of source: the profile's settings, and what else it needs. */
interface Kind {
  readonly settings: Settings;
  readonly inCredentialsFile?: boolean;
  readonly sections?: string;
  readonly environment?: () => Environment;
  readonly prepare?: (home: Home) => Promise<void> | void;
  /** The owner of the credentials, as STS reports it. */
  readonly arn: string;
  /** The AWS operations of the source itself, in order. */
  readonly calls: readonly string[];
  /** Whether the credentials are temporary, so that a role lasts an hour at most. */
  readonly temporary: boolean;
}

const jo = "arn:aws:iam::111111111111:user/jo";
const powerUser = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/jo@sandbox.example";
type PrintedKeys = Pick<UseRoleResult, "accessKeyId" | "secretAccessKey" | "sessionToken" | "expiration">;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const imdsCalls = [
  "PUT /latest/api/token",
  "GET /latest/meta-data/iam/security-credentials/",
  "GET /latest/meta-data/iam/security-credentials/Instance",
];

/** Writes a program that prints the credentials. */
const printing = (home: Home, { accessKeyId, secretAccessKey, sessionToken, expiration }: PrintedKeys) => {
  const names = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken };
  const output = JSON.stringify({ Version: 1, ...names, Expiration: expiration });
  home.write("tool.cjs", `process.stdout.write(${JSON.stringify(output)})`);
};
const toolLine = `"${process.execPath}" tool.cjs`;

async function temporaryKeys() {
  return keysIn(await stsClient(sandbox, keysOf.jo).send(new GetSessionTokenCommand({})));
}

const kinds: Readonly<Record<string, Kind>> = {
  "keys in config": { settings: keysOf.jo, arn: jo, calls: [], temporary: false },
  "keys in credentials": { settings: keysOf.jo, inCredentialsFile: true, arn: jo, calls: [], temporary: false },
  Environment: {
    settings: { credentialSource: "Environment" },
    environment: () => ({ AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId, AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey }),
    arn: jo,
    calls: [],
    temporary: false,
  },
  Ec2InstanceMetadata: {
    settings: { credentialSource: "Ec2InstanceMetadata" },
    arn: "arn:aws:sts::111111111111:assumed-role/Instance/i-0123456789abcdef0",
    calls: imdsCalls,
    temporary: true,
  },
  EcsContainer: {
    settings: { credentialSource: "EcsContainer" },
    environment: () => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${sandbox.urls.container}${relativeCredentialsPath}`,
    }),
    arn: "arn:aws:sts::111111111111:assumed-role/Task/6f1b4f2e000040008000",
    calls: [`GET ${relativeCredentialsPath}`],
    temporary: true,
  },
  "credential_process with long-term keys": {
    settings: { credentialProcess: toolLine },
    prepare: (home) => printing(home, keysOf.jo),
    arn: jo,
    calls: [],
    temporary: false,
  },
  "credential_process with temporary keys": {
    settings: { credentialProcess: toolLine },
    prepare: async (home) => printing(home, { ...(await temporaryKeys()), expiration: inAnHour() }),
    arn: jo,
    calls: [],
    temporary: true,
  },
  "Identity Center with a session": {
    settings: { ssoSession: "corp", ...identityCenter },
    sections: section("sso-session corp", { ssoStartUrl: startUrl, ssoRegion: "eu-west-1" }),
    prepare: (home) => {
      home.write(`.aws/sso/cache/${sha1Hex("corp")}.json`, JSON.stringify(sandbox.ssoLogin()));
    },
    arn: powerUser,
    calls: ["GetRoleCredentials"],
    temporary: true,
  },
  "Identity Center in the older form": {
    settings: { ssoStartUrl: startUrl, ssoRegion: "eu-west-1", ...identityCenter },
    prepare: (home) => {
      home.write(`.aws/sso/cache/${sha1Hex(startUrl)}.json`, JSON.stringify(sandbox.ssoLogin()));
    },
    arn: powerUser,
    calls: ["GetRoleCredentials"],
    temporary: true,
  },
  "an Identity Center sign-in that must be renewed": {
    settings: { ssoSession: "corp", ...identityCenter },
    sections: section("sso-session corp", { ssoStartUrl: startUrl, ssoRegion: "eu-west-1" }),
    prepare: (home) => {
      const login = sandbox.ssoLogin({ accessTokenSeconds: -1 });
      home.write(`.aws/sso/cache/${sha1Hex("corp")}.json`, JSON.stringify(login));
    },
    arn: powerUser,
    calls: ["CreateToken", "GetRoleCredentials"],
    temporary: true,
  },
  "web identity": {
    settings: { roleArn: roleArn("WebIdentity"), webIdentityTokenFile: "token.jwt", roleSessionName: "pod" },
    prepare: (home) => {
      home.write("token.jwt", sandbox.mintWebIdentityToken());
    },
    arn: "arn:aws:sts::123456789012:assumed-role/WebIdentity/pod",
    calls: ["AssumeRoleWithWebIdentity"],
    temporary: true,
  },
  "aws login": {
    settings: { loginSession: session },
    prepare: async (home) => {
      const accessToken = { ...(await temporaryKeys()), accountId: "111111111111", expiresAt: inAnHour() };
      home.write(`.aws/login/cache/${sha256Hex(session)}.json`, JSON.stringify({ accessToken }));
    },
    arn: jo,
    calls: [],
    temporary: true,
  },
};

/** A role assumed from a source, perhaps with one extra requirement in its trust policy. */
const roles: Readonly<Record<string, { readonly role: string; readonly settings?: Settings }>> = {
  "a role": { role: "Admin" },
  "a role under a path": { role: "ops/ci/Deployer" },
  "a role with an external id": { role: "ExternalIdRequired", settings: { externalId: "ticket-42" } },
  "a role with tags": { role: "TagRequired", settings: { sessionTags: "project=apollo" } },
  "a role with a source identity": { role: "SourceIdentityRequired", settings: { sourceIdentity: "jo" } },
};

async function homeWith(kind: Kind, rest = ""): Promise<Home> {
  const own = section(kind.inCredentialsFile ? "source" : "profile source", kind.settings);
  const config = [kind.inCredentialsFile ? "" : own, kind.sections ?? "", rest].join("\n");
  const environment = { ...sandbox.environment, AWS_REGION: "eu-west-1", ...kind.environment?.() };
  const home = homeOf(config, environment, kind.inCredentialsFile ? own : "");
  await kind.prepare?.(home);
  sandbox.clearCalls();
  return home;
}

/** A role whose source is of this kind. For credential_source it is the role's own profile. */
function overSource(header: string, kind: Kind, settings: Settings): string {
  const { credentialSource } = kind.settings;
  return section(header, { ...settings, ...(credentialSource ? { credentialSource } : { sourceProfile: "source" }) });
}

const actions = () => sandbox.calls.map(({ action }) => action);
const nameOf = (role: string) => role.split("/").at(-1) ?? "";

describe.each(Object.entries(kinds))("%s", (_name, kind) => {
  it("returns its own credentials", async () => {
    const home = await homeWith(kind);
    const { arn } = await home.identity({ profileName: "source" });
    expect(arn).toBe(kind.arn);
    expect(actions()).toEqual([...kind.calls, "GetCallerIdentity"]);
  });

  it.each(Object.entries(roles))("is the source of %s", async (_what, { role, settings = {} }) => {
    const prod = overSource("profile prod", kind, { roleArn: roleArn(role), ...settings });
    const home = await homeWith(kind, prod);
    const result = await home.use({ profileName: "prod" });
    expect(result.assumedRoleUser?.arn).toMatch(`:assumed-role/${nameOf(role)}/`);
    expect(actions()).toEqual([...kind.calls, "AssumeRole"]);
    expect(sandbox.calls.at(-1)?.principal).toBe(kind.arn);
    expect((await home.identity({ profileName: "prod" })).arn).toBe(result.assumedRoleUser?.arn);
  });

  it("is the source of a chain", async () => {
    const home = await homeWith(
      kind,
      [
        overSource("profile a", kind, { roleArn: roleArn("Admin") }),
        section("profile b", { roleArn: roleArn("OneHour"), sourceProfile: "a", roleSessionName: "second" }),
        section("profile c", { roleArn: roleArn("Audit", "100000000007"), sourceProfile: "a" }),
      ].join("\n"),
    );
    const second = await home.use({ profileName: "b" });
    expect(second.assumedRoleUser?.arn).toBe("arn:aws:sts::123456789012:assumed-role/OneHour/second");
    // Both roles share the first hop, which is requested once.
    const third = await home.use({ profileName: "c" });
    expect(third.assumedRoleUser?.arn).toMatch(/^arn:aws:sts::100000000007:assumed-role\/Audit\//);
    expect(actions()).toEqual([...kind.calls, "AssumeRole", "AssumeRole", "AssumeRole"]);
    expect(sandbox.calls.at(-1)?.principal).toMatch(/^arn:aws:sts::123456789012:assumed-role\/Admin\//);
  });

  it("is the source of a role given together with the profile", async () => {
    const home = await homeWith(kind);
    const result = await home.use({ profileName: "source", roleArn: roleArn("OneHour"), roleSessionName: "given" });
    expect(result.assumedRoleUser?.arn).toBe("arn:aws:sts::123456789012:assumed-role/OneHour/given");
    expect(sandbox.calls.at(-1)?.principal).toBe(kind.arn);
  });

  it("allows a role more than an hour only with long-term keys", async () => {
    const prod = overSource("profile prod", kind, { roleArn: roleArn("Admin"), durationSeconds: "7200" });
    const home = await homeWith(kind, prod);
    if (kind.temporary) {
      expect(await codeOf(() => home.use({ profileName: "prod" }))).toBe("DurationInvalid");
      // Rejected before any call to STS.
      expect(actions()).not.toContain("AssumeRole");
    } else {
      const { expiration = "" } = await home.use({ profileName: "prod" });
      expect(Date.parse(expiration) - Date.now()).toBeGreaterThan(7_100_000);
    }
  });

  it("is not used again once the role is cached, even by another process", async () => {
    const prod = overSource("profile prod", kind, { roleArn: roleArn("Admin") });
    const home = await homeWith(kind, prod);
    const first = await home.use({ profileName: "prod" });
    sandbox.clearCalls();
    expect(await home.use({ profileName: "prod" })).toEqual(first);
    await home.restart();
    expect((await home.use({ profileName: "prod" })).accessKeyId).toBe(first.accessKeyId);
    expect(actions()).toEqual([]);
  });

  it("names the role and the caller when access is denied", async () => {
    const home = await homeWith(kind, overSource("profile prod", kind, { roleArn: roleArn("DeniedByTrust") }));
    const error = await errorOf(() => home.use({ profileName: "prod" }));
    expect(error.code).toBe("AccessDenied");
    expect(error.details).toMatchObject({ target: "prod", hop: expect.stringContaining("role/DeniedByTrust") });
    expect(actions()).toEqual([...kind.calls, "AssumeRole"]);
    expect(sandbox.calls.at(-1)?.principal).toBe(kind.arn);
  });

  // A program may itself assume a role, as ours does.
  it("is the source of a role that a credential_process returns", async () => {
    const home = await homeWith(kind, overSource("profile prod", kind, { roleArn: roleArn("Admin") }));
    const inner = await home.use({ profileName: "prod" });
    printing(home, inner);
    writeFileSync(`${home.directory}/outer`, section("profile outer", { credentialProcess: toolLine }));
    const outer = await home.identity({ profileName: "outer" }, { environment: { AWS_CONFIG_FILE: "outer" } });
    expect(outer.arn).toBe(inner.assumedRoleUser?.arn);
  });
});

describe("keys that are not printable ASCII", () => {
  const hostile = "x’;[IO.File]::WriteAllText(‘/tmp/p’,‘’);‘";
  const later = inAnHour();
  const temporary = { accessKeyId: "ASIA", secretAccessKey: hostile, sessionToken: "t" };
  const inJson = (token: string, more: object = {}) =>
    JSON.stringify({ AccessKeyId: "ASIA", SecretAccessKey: hostile, [token]: "t", Expiration: later, ...more });
  const kindNamed = (name: string) => kinds[name] as Kind;
  const withKeys = (settings: Settings): Kind => ({ ...kindNamed("keys in config"), settings });
  const answerOfSts = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>${hostile}</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>${later}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

  it.each<[string, Kind, Fault?]>([
    ["a file's secret key", withKeys({ accessKeyId: "AKIA", secretAccessKey: hostile })],
    ["a file's access key", withKeys({ accessKeyId: "ÄKIA", secretAccessKey: "s" })],
    ["a file's session token", withKeys({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "tökén" })],
    [
      "the environment",
      {
        ...kindNamed("Environment"),
        environment: () => ({ AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: hostile }),
      },
    ],
    [
      "a credential_process",
      {
        ...kindNamed("credential_process with long-term keys"),
        prepare: (home) => printing(home, { accessKeyId: "AKIA", secretAccessKey: hostile }),
      },
    ],
    ["a container", kindNamed("EcsContainer"), { body: inJson("Token") }],
    [
      "instance metadata",
      kindNamed("Ec2InstanceMetadata"),
      { action: imdsCalls[2] ?? "", body: inJson("Token", { Code: "Success" }) },
    ],
    [
      "IAM Identity Center",
      kindNamed("Identity Center with a session"),
      {
        action: "GetRoleCredentials",
        body: JSON.stringify({ roleCredentials: { ...temporary, expiration: Date.parse(later) } }),
      },
    ],
    [
      "a web identity's STS",
      kindNamed("web identity"),
      {
        action: "AssumeRoleWithWebIdentity",
        body: answerOfSts.replaceAll("AssumeRoleRe", "AssumeRoleWithWebIdentityRe"),
      },
    ],
    [
      "a sign-in with aws login",
      {
        ...kindNamed("aws login"),
        prepare: (home) => {
          const accessToken = { ...temporary, expiresAt: later };
          home.write(`.aws/login/cache/${sha256Hex(session)}.json`, JSON.stringify({ accessToken }));
        },
      },
    ],
  ])("are rejected from %s", async (_what, kind, fault) => {
    const home = await homeWith(kind);
    if (fault) sandbox.failNext({ status: 200, ...fault });
    const error = await errorOf(() => home.use({ profileName: "source" }));
    expect(error).toMatchObject({ code: "CredentialsInvalid", details: { action: expect.any(String) } });
    expect(textsOf(error)).not.toContain("WriteAllText");
  });

  it("are rejected from STS, and not cached", async () => {
    const kind = kindNamed("keys in config");
    const home = await homeWith(kind, overSource("profile prod", kind, { roleArn: roleArn("Admin") }));
    sandbox.failNext({ status: 200, action: "AssumeRole", body: answerOfSts });
    expect(await codeOf(() => home.use({ profileName: "prod" }))).toBe("CredentialsInvalid");
    expect((await home.use({ profileName: "prod" })).accessKeyId).toMatch(/^ASIA.+/);
  });

  it.each([
    { accessKeyId: "AKIA", secretAccessKey: hostile },
    { accessKeyId: "AKIA", secretAccessKey: "s", sessionToken: hostile },
    { accessKeyId: "AKIA\n", secretAccessKey: "s" },
  ])("are rejected as parameters before any call (%#)", async (credentials) => {
    const home = await homeWith(kindNamed("keys in config"));
    for (const params of [{ credentials }, { credentials, roleArn: roleArn("Admin") }])
      expect(await codeOf(() => home.use(params))).toBe("CredentialsInvalid");
    expect(
      await codeOf(() => home.use({ credentials: { accessKeyId: "A", secretAccessKey: "s", expiration: "soon" } })),
    ).toBe("CredentialsInvalid");
    expect(sandbox.calls).toEqual([]);
  });
});
