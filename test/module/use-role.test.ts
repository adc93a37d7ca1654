import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildAwsSdkModule } from "../../scripts/powershell.mjs";
import { openPowerShell, quote } from "../powershell/session.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import {
  credentialsFile,
  joAsParameters,
  joDevice,
  openWorkplace,
  secretPattern,
  type Workplace,
} from "./workplace.ts";

interface Result {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: string;
  readonly AssumedRoleUser: { readonly Arn: string; readonly AssumedRoleId: string };
  readonly SourceIdentity: string;
  readonly PackedPolicySize: number | null;
  readonly RoleArn: string;
  readonly Region: string;
}

const admin = roleArn("Admin");
const jo = "arn:aws:iam::111111111111:user/jo";
const profiles = `
[profile prod]
role_arn = ${admin}
source_profile = default
region = eu-central-1

[profile secure]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}

[profile hub]
role_arn = ${roleArn("Hub", "111111111111")}
source_profile = default
role_session_name = hub

[profile other]
role_arn = ${roleArn("OneHour")}
source_profile = default
`;

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace({ awsSdk: "4" });
  work.store({ config: profiles });
});
afterAll(() => work.close());
beforeEach(() => work.sandbox.clearCalls());

const json = <T = Result>(script: string, answers?: string[]) => work.session.json<T>(script, answers && { answers });
const assumeCalls = () => work.sandbox.calls.filter(({ action }) => action === "AssumeRole");

/** The errors of a script. It rethrows terminating errors, to distinguish them from the others. */
async function errorsOf(script: string, answers?: string[]) {
  const { errors } = await work.session.run(`try { ${script} } catch { throw }`, {
    allowErrors: true,
    ...(answers && { answers }),
  });
  return errors;
}

describe("the role", () => {
  it.each([
    ["by position", `Use-Role ${admin}`, admin],
    ["by name", `Use-Role -RoleArn ${admin}`, admin],
    ["from the pipeline", `'${admin}' | Use-Role`, admin],
    ["by property", `[pscustomobject]@{ RoleArn = '${admin}' } | Use-Role`, admin],
    ["from a profile", "Use-Role -ProfileName prod", admin],
    ["from a profile, by AWS Tools' alias", "Use-Role -StoredCredentials prod", admin],
    ["from a profile, by property", "Get-RoleProfile prod | Use-Role", admin],
    ["by name and account", "Use-Role -RoleName Admin -AccountId 123456789012", admin],
    ["by name and account from the pipeline", "'123456789012' | Use-Role -RoleName Admin", admin],
    ["by name with a path", "Use-Role -RoleName ops/ci/Deployer -AccountId 123456789012", roleArn("ops/ci/Deployer")],
  ])("comes %s", async (_, script, role) => {
    expect((await json(`${script} -NoCache`)).RoleArn).toBe(role);
    expect(assumeCalls()).toMatchObject([{ principal: jo, parameters: { RoleArn: role } }]);
  });

  it("may be one of many, in input order on request", async () => {
    const accounts = Array.from({ length: 20 }, (_, index) => String(100_000_000_000 + index));
    const results = await json<Result[]>(`${accounts.map(quote).join(", ")} | Use-Role -RoleName Audit -InOrder`);
    expect(results.map((result) => result.RoleArn)).toEqual(accounts.map((account) => roleArn("Audit", account)));
  });

  it("accepts the parameters of Use-STSRole in their positions", async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    await json(`Use-Role ${roleArn("ExternalIdRequired")} some-name ${quote(policy)} 1000 ticket-42 -NoCache`);
    expect(assumeCalls()[0]?.parameters).toMatchObject({
      RoleSessionName: "some-name",
      Policy: policy,
      DurationSeconds: "1000",
      ExternalId: "ticket-42",
    });
  });

  it("passes tags, policies and a source identity", async () => {
    const result = await json(
      `Use-Role ${admin} -Tag @{ project = 'apollo' }, ([pscustomobject]@{ Key = 'stage'; Value = 'test' }) -TransitiveTagKey project ` +
        "-PolicyArn arn:aws:iam::aws:policy/AdministratorAccess -SourceIdentity jo@example.com -NoCache -Force",
    );
    expect(assumeCalls()[0]?.parameters).toMatchObject({
      "Tags.member.1.Key": "project",
      "Tags.member.1.Value": "apollo",
      "Tags.member.2.Key": "stage",
      "TransitiveTagKeys.member.1": "project",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/AdministratorAccess",
    });
    expect(result.SourceIdentity).toBe("jo@example.com");
    expect(result.PackedPolicySize).toBeGreaterThan(0);
  });
});

describe("the credentials that assume it", () => {
  const { accessKeyId, secretAccessKey } = keysOf.jo;
  const hub = "arn:aws:sts::111111111111:assumed-role/Hub/hub";
  const fromHub = `$hub = Use-Role ${roleArn("Hub", "111111111111")} hub;`;

  it.each([
    ["the default profile", "", "", jo],
    ["a source profile", "", "-SourceProfile hub", hub],
    ["a profile together with the ARN", "", "-ProfileName hub", hub],
    ["keys", "", joAsParameters, jo],
    [
      "a SecureString",
      `$secret = [System.Net.NetworkCredential]::new('', ${quote(secretAccessKey)}).SecurePassword;`,
      `-AccessKey ${accessKeyId} -SecretKey $secret`,
      jo,
    ],
    [
      "a PSCredential",
      `$pair = [pscredential]::new('${accessKeyId}', [System.Net.NetworkCredential]::new('', ${quote(secretAccessKey)}).SecurePassword);`,
      "-Credential $pair",
      jo,
    ],
    ["the result of Use-Role", fromHub, "-Credential $hub", hub],
    ["temporary keys", fromHub, "-AccessKey $hub.AccessKeyId -SK $hub.SecretAccessKey -ST $hub.SessionToken", hub],
    [
      "the result of Use-STSRole",
      `${fromHub} $response = [pscustomobject]@{ AssumedRoleUser = $null; Credentials = [pscustomobject]@{ AccessKeyId = $hub.AccessKeyId; SecretAccessKey = $hub.SecretAccessKey; SessionToken = $hub.SessionToken; Expiration = $hub.Expiration } };`,
      "-Credential $response",
      hub,
    ],
    [
      "the Credentials of that result",
      `${fromHub} $inner = [pscustomobject]@{ AccessKeyId = $hub.AccessKeyId; SecretAccessKey = $hub.SecretAccessKey; SessionToken = $hub.SessionToken };`,
      "-Credentials $inner",
      hub,
    ],
    [
      "basic AWSCredentials of the SDK",
      `$basic = [Amazon.Runtime.BasicAWSCredentials]::new('${accessKeyId}', ${quote(secretAccessKey)});`,
      "-Credential $basic",
      jo,
    ],
    [
      "session AWSCredentials of the SDK",
      `${fromHub} $temporary = [Amazon.Runtime.SessionAWSCredentials]::new($hub.AccessKeyId, $hub.SecretAccessKey, $hub.SessionToken);`,
      "-Credential $temporary",
      hub,
    ],
  ])("are %s", async (_, before, parameters, principal) => {
    await json(`${before} Use-Role ${roleArn("Admin")} -NoCache ${parameters}`);
    expect(assumeCalls().at(-1)?.principal).toContain(principal);
  });

  it.each([
    ["-AccessKey AKIAJOEXAMPLE0000001", "ParameterConflict"],
    ["-SecretKey some", "ParameterConflict"],
    [`${joAsParameters} -Credential 5`, "ParameterConflict"],
    ["-Credential 5", "CredentialInvalid"],
    ["-Credential ([Amazon.Runtime.AnonymousAWSCredentials]::new())", "CredentialInvalid"],
    ["-Credential ([pscustomobject]@{ AccessKeyId = 'AKIA'; SecretAccessKey = '' })", "CredentialInvalid"],
    ["-Credential ([pscustomobject]@{ Credentials = $null })", "CredentialInvalid"],
    ["-Tag project", "TagInvalid"],
    ["-PolicyArn 5", "PolicyInvalid"],
  ])("are not %s", async (parameters, id) => {
    const errors = await errorsOf(`Use-Role ${admin} ${parameters}`);
    expect(errors).toMatchObject([
      { id: `${id},RoleCredentials.UseRoleCommand`, category: "InvalidArgument", terminating: true },
    ]);
    expect(assumeCalls()).toEqual([]);
  });
});

describe("the result", () => {
  it("has the properties of a Use-STSRole result, on itself and on its Credentials", async () => {
    const result = await json<Result & { Type: string; Kind: string; Inner: string; Names: string[] }>(`
      $r = Use-Role ${admin} my-session -Region eu-west-1 -NoCache
      @{
        AccessKeyId = $r.AccessKeyId; SecretAccessKey = $r.SecretAccessKey; SessionToken = $r.SessionToken
        Expiration = $r.Expiration; AssumedRoleUser = @{ Arn = $r.AssumedRoleUser.Arn; AssumedRoleId = $r.AssumedRoleUser.AssumedRoleId }; RoleArn = $r.RoleArn; Region = $r.Region
        Type = $r.GetType().Name; Kind = $r.Expiration.Kind; Inner = $r.Credentials.AccessKeyId; Names = $r.PSObject.Properties.Name
      }`);
    expect(result).toMatchObject({
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z0-9]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      SessionToken: expect.stringMatching(/^[A-Za-z0-9/+=]{100,}$/),
      AssumedRoleUser: {
        Arn: "arn:aws:sts::123456789012:assumed-role/Admin/my-session",
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z0-9]+:my-session$/),
      },
      RoleArn: admin,
      Region: "eu-west-1",
      Type: "RoleCredentials",
      Kind: "Utc",
      Inner: result.AccessKeyId,
      Names: [
        ...["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AssumedRoleUser"],
        ...["SourceIdentity", "PackedPolicySize", "RoleArn", "ProfileName", "AccountId", "Region", "AccessKey"],
      ],
    });
    const seconds = (Date.parse(result.Expiration) - Date.now()) / 1000;
    expect(Math.abs(seconds - 3600)).toBeLessThan(60);
  });

  it("displays without its secrets", async () => {
    const { stdout } = await work.session.run('$r = Use-Role -ProfileName prod; $r; "$r"');
    expect(stdout).toMatch(/RoleArn +: arn:aws:iam::123456789012:role\/Admin/);
    expect(stdout).toMatch(/SecretAccessKey : \*+\n/);
    expect(stdout).toMatch(/Expiration +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(in 59 min\)/);
    expect(stdout).toMatch(/Region +: eu-central-1/);
    expect(stdout).not.toMatch(secretPattern);
  });

  it("shows that it has expired", async () => {
    const { stdout } = await work.session.run("$r.Expiration = [datetime]::UtcNow.AddMinutes(-3); $r");
    expect(stdout).toMatch(/Expiration +: .*Z \(expired\)/);
  });
});

describe.each(["3", "4"] as const)("-Credential of a cmdlet on the AWS SDK %s", (sdk) => {
  const asAdmin = "arn:aws:sts::123456789012:assumed-role/Admin/bound";
  const importSdk = `Import-Module ${quote(buildAwsSdkModule(sdk))}`;
  const assume = `$Creds = Use-Role ${admin} bound`;
  const open = async () => {
    const other = await openPowerShell({ module: true, env: work.sandbox.environment });
    await other.run(`Set-RoleCredentials ${joAsParameters} -Region eu-west-1`);
    return other;
  };

  it.each([
    ["with the SDK loaded before", `${importSdk}; ${assume}; (Get-STSCallerIdentity -Credential $Creds).Arn`],
    ["with the SDK loaded after", `${assume}; ${importSdk}; (Get-STSCallerIdentity -Credential $Creds).Arn`],
    ["from the pipeline", `${assume}; ${importSdk}; ($Creds | Get-STSCallerIdentity).Arn`],
    ["through its Credentials", `${assume}; ${importSdk}; (Get-STSCallerIdentity -Credential $Creds.Credentials).Arn`],
    ["directly from Use-Role", `${importSdk}; (Use-Role ${admin} bound | Get-STSCallerIdentity).Arn`],
    [
      "in ForEach-Object -Parallel without the module",
      `${assume}; 1 | Microsoft.PowerShell.Core\\ForEach-Object -Parallel { ${importSdk}; (Get-STSCallerIdentity -Credential $using:Creds).Arn }`,
    ],
    [
      "in ForEach-Object -Parallel with the SDK also loaded outside",
      `${importSdk}; ${assume}; 1 | Microsoft.PowerShell.Core\\ForEach-Object -Parallel { ${importSdk}; (Get-STSCallerIdentity -Credential $using:Creds).Arn }`,
    ],
  ])("accepts the result %s", async (_, script) => {
    const other = await open();
    try {
      expect(await other.json(script)).toBe(asAdmin);
    } finally {
      await other.close();
    }
  });
});

describe("errors", () => {
  it("end the command for a single role", async () => {
    const errors = await errorsOf(`Use-Role ${roleArn("DeniedByTrust")}`);
    expect(errors).toMatchObject([
      {
        id: "AccessDenied,RoleCredentials.UseRoleCommand",
        category: "PermissionDenied",
        target: roleArn("DeniedByTrust"),
        terminating: true,
      },
    ]);
    expect(errors[0]?.recommendedAction).toBeTruthy();
  });

  it("do not affect the other roles of many", async () => {
    const result = await work.session.run(
      `@('${roleArn("DeniedByTrust")}', '${admin}', 'arn:nonsense' | Use-Role -NoCache).RoleArn; 'after'`,
      { allowErrors: true },
    );
    expect(result.errors.map(({ id, target, terminating }) => ({ id, target, terminating }))).toEqual(
      expect.arrayContaining([
        { id: "AccessDenied,RoleCredentials.UseRoleCommand", target: roleArn("DeniedByTrust"), terminating: false },
        { id: "ArnInvalid,RoleCredentials.UseRoleCommand", target: "arn:nonsense", terminating: false },
      ]),
    );
    expect(result.stdout.trim().split("\n")).toEqual([admin, "after"]);
  });

  it("do not affect the other roles of a list in a parameter", async () => {
    const errors = await errorsOf(`Use-Role -RoleArn ${admin}, nonsense`);
    expect(errors).toMatchObject([{ id: "ArnInvalid,RoleCredentials.UseRoleCommand", terminating: false }]);
  });
});

describe("MFA", () => {
  it("prompts for the code once", async () => {
    const { stdout } = await work.session.run(
      "foreach ($i in 1..3) { (Use-Role -ProfileName secure).AssumedRoleUser.Arn }",
      { answers: [work.code()] },
    );
    expect(stdout.match(/MFA code of/g)).toHaveLength(1);
    expect(stdout).toContain(joDevice);
    expect(stdout.match(/assumed-role\/MfaRequired/g)).toHaveLength(3);
    expect(assumeCalls()).toHaveLength(1);
  });

  it("takes the code from -TokenCode without a prompt", async () => {
    const { stdout } = await work.session.run(
      `(Use-Role ${roleArn("MfaRequired")} -MfaSerial ${joDevice} -TokenCode ${work.code()} -NoCache).RoleArn`,
    );
    expect(stdout.trim()).toBe(roleArn("MfaRequired"));
  });

  it("reports a wrong code, even from the prompt, without a second prompt", async () => {
    const wrong = work.code() === "000000" ? "000001" : "000000";
    const { stdout, errors } = await work.session.run("try { Use-Role -ProfileName secure -NoCache } catch { throw }", {
      answers: [wrong],
      allowErrors: true,
    });
    expect(errors).toMatchObject([
      {
        id: "MfaCodeRejected,RoleCredentials.UseRoleCommand",
        category: "AuthenticationError",
        target: "secure",
        terminating: true,
      },
    ]);
    expect(stdout.match(/MFA code of/g)).toHaveLength(1);
  });

  it("makes no call for a malformed code", async () => {
    expect(await errorsOf("Use-Role -ProfileName secure -NoCache -TokenCode 12345")).toMatchObject([
      { id: "TokenCodeInvalid,RoleCredentials.UseRoleCommand", target: null },
    ]);
    expect(await errorsOf("Use-Role -ProfileName secure -NoCache", ["abcdef"])).toMatchObject([
      { id: "TokenCodeInvalid,RoleCredentials.UseRoleCommand" },
    ]);
    expect(assumeCalls()).toEqual([]);
  });

  it("suggests -TokenCode if it cannot prompt", async () => {
    const quiet = await openPowerShell({ module: true, nonInteractive: true, env: work.sandbox.environment });
    try {
      await quiet.run(`Set-RoleCredentials ${joAsParameters}`);
      const { errors, stdout } = await quiet.run(`Use-Role ${roleArn("MfaRequired")} -MfaSerial ${joDevice}`, {
        allowErrors: true,
      });
      expect(errors).toMatchObject([
        {
          id: "MfaRequired,RoleCredentials.UseRoleCommand",
          category: "AuthenticationError",
          target: roleArn("MfaRequired"),
          recommendedAction: expect.stringContaining("-TokenCode"),
        },
      ]);
      expect(stdout).not.toContain("MFA code");
    } finally {
      await quiet.close();
    }
  });

  it("opens a session with one code that assumes many roles for an hour each", async () => {
    const before = credentialsFile("default");
    work.store({ config: `${profiles}\n[default]\nmfa_serial = ${joDevice}\nmfa_session = true\n` });
    try {
      const { stdout } = await work.session.run(
        `foreach ($arn in '${roleArn("MfaRequired")}', '${roleArn("FreshMfa")}', '${admin}') { (Use-Role $arn -Verbose).RoleArn }`,
        { answers: [work.code()] },
      );
      expect(stdout.match(/MFA code of/g)).toHaveLength(1);
      expect(work.sandbox.calls.map(({ action }) => action)).toEqual([
        ...["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"],
      ]);
      expect(stdout).toContain(`VERBOSE: GetSessionToken with ${joDevice}`);
    } finally {
      work.store({ config: profiles, credentials: before });
    }
  });
});

describe("the cache", () => {
  it("serves the second request, and -NoCache always calls", async () => {
    await work.session.run(`Clear-RoleCache; $null = Use-Role ${admin}; $null = Use-Role ${admin}`);
    expect(assumeCalls()).toHaveLength(1);
    await work.session.run(`$null = Use-Role ${admin} -NoCache; $null = Use-Role ${admin} -NoCache`);
    expect(assumeCalls()).toHaveLength(3);
  });

  it.each([
    ["everything", "Clear-RoleCache", 2],
    ["a profile", "Clear-RoleCache prod", 1],
    ["a profile by property", "Get-RoleProfile prod | Clear-RoleCache", 1],
    ["a role", `Clear-RoleCache -RoleArn ${admin}`, 1],
    ["nothing with -WhatIf", "Clear-RoleCache -WhatIf", 0],
  ])("removes %s", async (_, clear, calls) => {
    const use = "$null = Use-Role -ProfileName prod; $null = Use-Role -ProfileName other";
    await work.session.run(use);
    work.sandbox.clearCalls();
    await work.session.run(`${clear}; ${use}`);
    expect(assumeCalls()).toHaveLength(calls);
  });
});

it("logs each step with -Verbose, without secrets", async () => {
  const { stdout } = await work.session.run("$null = Use-Role -ProfileName prod -NoCache -Verbose");
  expect(stdout).toMatch(/VERBOSE: AssumeRole arn:aws:iam::123456789012:role\/Admin/);
  expect(stdout).toContain(work.sandbox.urls.sts);
  expect(stdout).not.toMatch(secretPattern);
});
