import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { joDevice, openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

const credentials = `[default]
aws_access_key_id = ${keysOf.jo.accessKeyId}
aws_secret_access_key = ${keysOf.jo.secretAccessKey}
[temp]
aws_access_key_id = ${keysOf.expired.accessKeyId}
aws_secret_access_key = ${keysOf.expired.secretAccessKey}
aws_session_token = ${keysOf.expired.sessionToken}
`;
const config = `[default]
region = eu-west-1
output = json
[profile prod]
role_arn = ${roleArn("Admin")}
source_profile = default
mfa_serial = ${joDevice}
duration_seconds = 7200
session_tags = project=apollo, stage=a=b
transitive_session_tags = project, stage
[profile Prod]
role_arn = ${roleArn("OneHour")}
source_profile = default
mfa_serial = ${joDevice}
mfa_session = true
[profile batch]
role_arn = ${roleArn("Admin")}
credential_source = Ec2InstanceMetadata
[profile staff]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ReadOnly
[profile pod]
role_arn = ${roleArn("WebIdentity")}
web_identity_token_file = /run/token
[profile tool]
credential_process = /opt/tool --secret ${keysOf.ann.secretAccessKey}
[profile where]
region = us-east-1
[profile constructor]
region = us-east-2
[profile broken]
role_arn = nonsense
duration_seconds = soon
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://sandbox.awsapps.com/start
`;

interface Profile {
  readonly ProfileName: string;
  readonly Source: string | null;
}

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
  work.store({ credentials, config });
});
afterAll(() => work.close());

const names = async (script: string) => {
  const found = await work.session.json<Profile | Profile[]>(script);
  return [found].flat().map((profile) => profile.ProfileName);
};

describe("Get-RoleProfile", () => {
  it("shows the source of credentials of every profile", async () => {
    const found = await work.session.json<Profile[]>("Get-RoleProfile");
    expect(Object.fromEntries(found.map(({ ProfileName, Source }) => [ProfileName, Source]))).toEqual({
      default: "keys",
      temp: "keys",
      prod: "profile default",
      Prod: "profile default",
      batch: "Ec2InstanceMetadata",
      staff: "IAM Identity Center corp",
      pod: "web identity",
      tool: "credential process",
      where: null,
      constructor: null,
      broken: null,
    });
  });

  it("shows settings under the parameter names of Set-RoleCredentials", async () => {
    expect(await work.session.json("Get-RoleProfile prod")).toEqual({
      ProfileName: "prod",
      Source: "profile default",
      RoleArn: roleArn("Admin"),
      Account: "123456789012",
      Role: "Admin",
      SsoSession: null,
      LoginSession: null,
      SourceProfile: "default",
      CredentialSource: null,
      MfaSerial: joDevice,
      MfaSession: false,
      ExternalId: null,
      RoleSessionName: null,
      DurationInSeconds: 7200,
      SourceIdentity: null,
      Tag: { project: "apollo", stage: "a=b" },
      TransitiveTagKey: ["project", "stage"],
      AccessKey: null,
      KeyStore: null,
      Region: null,
      Output: null,
    });
  });

  it.each([
    ["no arguments", "Get-RoleProfile", 11],
    ["a name", "Get-RoleProfile prod", ["prod"]],
    ["names, with their case", "Get-RoleProfile Prod, temp", ["Prod", "temp"]],
    ["a pattern", "Get-RoleProfile *o*", ["prod", "Prod", "pod", "tool", "constructor", "broken"]],
    ["the pipeline", "'prod', 'where' | Get-RoleProfile", ["prod", "where"]],
    ["a property", "[pscustomobject]@{ ProfileName = 'prod' } | Get-RoleProfile", ["prod"]],
    ["AWS Tools' alias", "Get-RoleProfile -StoredCredentials prod", ["prod"]],
    ["a member of every JavaScript object", "Get-RoleProfile constructor", ["constructor"]],
  ])("finds by %s", async (_, script, expected) => {
    const found = await names(script);
    if (typeof expected === "number") expect(found).toHaveLength(expected);
    else expect(found.sort()).toEqual([...expected].sort());
  });

  it("returns nothing for a pattern without a match", async () => {
    expect(await work.session.json("Get-RoleProfile nothing-*")).toEqual([]);
  });

  it("reports each missing name and continues", async () => {
    const { errors } = await work.session.run("Get-RoleProfile PROD, prod, nobody", { allowErrors: true });
    expect(errors).toMatchObject([
      {
        id: "ProfileNotFound,RoleCredentials.GetRoleProfileCommand",
        category: "ObjectNotFound",
        target: "PROD",
        terminating: false,
      },
      {
        id: "ProfileNotFound,RoleCredentials.GetRoleProfileCommand",
        target: "nobody",
        recommendedAction: expect.stringMatching(/./),
      },
    ]);
  });

  it("shows no secret in any property or view", async () => {
    const { stdout } = await work.session.run(
      'Get-RoleProfile; foreach ($profile in Get-RoleProfile) { foreach ($property in $profile.PSObject.Properties) { "$($property.Name)=$($property.Value)" } }',
    );
    expect(stdout).not.toMatch(secretPattern);
    expect(stdout).not.toContain(keysOf.expired.sessionToken);
    expect(stdout).not.toContain(keysOf.jo.accessKeyId);
    expect(stdout).toContain("AccessKey=****************0001");
  });

  it("shows a table", async () => {
    const { stdout } = await work.session.run("Get-RoleProfile prod, Prod, default");
    const lines = stdout.split("\n").filter((line) => line.trim() !== "");
    expect(lines[0]?.trim().split(/ +/)).toEqual(["Account", "ProfileName", "Role", "Source", "MFA", "Region"]);
    expect(lines.find((line) => line.includes(" prod "))).toMatch(/^123456789012 prod +Admin +default +code/);
    expect(lines.find((line) => line.includes(" Prod "))).toMatch(/^123456789012 Prod +OneHour +default +session/);
    expect(lines.find((line) => line.includes(" keys "))).toMatch(/^ +default +keys +eu-west-1/);
  });

  it("returns nothing without files", async () => {
    expect(await work.session.json("Get-RoleProfile -ProfileLocation nowhere/at-all")).toEqual([]);
  });
});
