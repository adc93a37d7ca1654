import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScriptError } from "../powershell/session.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { closedPort } from "./closed-port.ts";
import { credentialsFile, joDevice, openWorkplace, secretPattern, type Workplace } from "./workplace.ts";

// Every kind of bad input has its own error, which says what to do next. None of them changes a file or shows a secret.

const admin = roleArn("Admin");
const secret = "CANARY/secret+000000000000000000000000000";
const credentials = `${credentialsFile("default")}
[expired]
aws_access_key_id = ${keysOf.expired.accessKeyId}
aws_secret_access_key = ${keysOf.expired.secretAccessKey}
aws_session_token = ${keysOf.expired.sessionToken}
[root]
aws_access_key_id = ${keysOf.root.accessKeyId}
aws_secret_access_key = ${keysOf.root.secretAccessKey}
[unknown]
aws_access_key_id = AKIAUNKNOWNEXAMPLE01
aws_secret_access_key = ${secret}
[half]
aws_access_key_id = AKIAHALFEXAMPLE00001
`;
const config = `[profile prod]
role_arn = ${admin}
source_profile = default
[profile orphan]
role_arn = ${admin}
source_profile = nobody
[profile a]
role_arn = ${admin}
source_profile = b
[profile b]
role_arn = ${admin}
source_profile = a
[profile self]
role_arn = ${admin}
source_profile = self
[profile both]
role_arn = ${admin}
source_profile = default
credential_source = Environment
[profile neither]
role_arn = ${admin}
[profile elsewhere]
role_arn = ${admin}
credential_source = Elsewhere
[profile malformed]
role_arn = arn:aws:iam::123456789012:user/Admin
source_profile = default
[profile short]
role_arn = ${admin}
source_profile = default
duration_seconds = 60
[profile named]
role_arn = ${admin}
source_profile = default
role_session_name = a b
[profile old]
role_arn = ${admin}
source_profile = expired
[profile middle]
role_arn = ${roleArn("ChainA", "111111111111")}
source_profile = default
[profile chain]
role_arn = ${roleArn("ChainC", "333333333333")}
source_profile = middle
[profile secure]
role_arn = ${roleArn("MfaRequired")}
source_profile = default
mfa_serial = ${joDevice}
[profile empty]
region = eu-west-1
`;

let work: Workplace;
let unreachable: string;
beforeAll(async () => {
  work = await openWorkplace({ nonInteractive: true });
  unreachable = `http://127.0.0.1:${await closedPort()}`;
});
afterAll(() => work.close());
beforeEach(() => work.store({ credentials, config }));

const files = () =>
  ["credentials", "config"].map((name) => readFileSync(join(work.session.home, ".aws", name), "utf8"));

/** Runs a command that uses `$secret`, and checks that no output and no error contains a secret. */
async function fail(command: string): Promise<readonly ScriptError[]> {
  await work.session.run(`$Error.Clear(); $secret = '${secret}'`);
  const { stdout, stderr, errors } = await work.session.run(`try { ${command} -Verbose -Debug } catch { throw }`, {
    allowErrors: true,
  });
  const left = await work.session.run(
    `foreach ($e in $Error) { "$e"; "$($e.Exception)"; "$($e.TargetObject)"; "$($e.ErrorDetails)"; "$($e.ErrorDetails.RecommendedAction)"; $e.ScriptStackTrace; "$($e.CategoryInfo)"
       foreach ($key in $e.Exception.Data.Keys) { "$key=$($e.Exception.Data[$key])" } }`,
  );
  const seen = [stdout, stderr, JSON.stringify(errors), left.stdout].join("\n");
  for (const text of [secret, "CANARY", keysOf.jo.secretAccessKey, keysOf.expired.sessionToken])
    expect(seen).not.toContain(text);
  expect(seen).not.toMatch(secretPattern);
  return errors;
}

describe("Use-Role", () => {
  it.each<[what: string, command: string, id: string, category: string, target: string | null]>([
    ["an unknown profile", "-ProfileName nobody", "ProfileNotFound", "ObjectNotFound", "nobody"],
    ["a missing source", "-ProfileName orphan", "SourceProfileNotFound", "ObjectNotFound", "nobody"],
    ["a missing -SourceProfile", `${admin} -SourceProfile nobody`, "SourceProfileNotFound", "ObjectNotFound", "nobody"],
    ["a cycle", "-ProfileName a", "ProfileCycle", "InvalidData", "b"],
    ["a profile as its own source", "-ProfileName self", "ProfileCycle", "InvalidData", "self"],
    ["both sources", "-ProfileName both", "SourceConflict", "InvalidData", "both"],
    ["neither source", "-ProfileName neither", "SourceMissing", "InvalidData", "neither"],
    ["an unknown credential_source", "-ProfileName elsewhere", "CredentialSourceInvalid", "InvalidData", "elsewhere"],
    ["an empty profile", "-ProfileName empty", "NoCredentials", "ObjectNotFound", "empty"],
    ["half a pair of keys", `${admin} -ProfileName half`, "ProfileIncomplete", "InvalidData", "half"],
    ["a malformed ARN", "arn:aws:iam::12:role/x", "ArnInvalid", "InvalidArgument", "arn:aws:iam::12:role/x"],
    [
      "a user's ARN",
      "arn:aws:iam::123456789012:user/x",
      "ArnInvalid",
      "InvalidArgument",
      "arn:aws:iam::123456789012:user/x",
    ],
    ["a malformed ARN in a profile", "-ProfileName malformed", "ArnInvalid", "InvalidArgument", expect.anything()],
    ["a bad account id", "-RoleName Admin -AccountId 12", "AccountIdInvalid", "InvalidArgument", "12"],
    ["a bad role name", "-RoleName 'A B' -AccountId 123456789012", "RoleNameInvalid", "InvalidArgument", "A B"],
    ["a bad session name", `${admin} 'a b'`, "RoleSessionNameInvalid", "InvalidArgument", "a b"],
    ["a session name of one letter", `${admin} a`, "RoleSessionNameInvalid", "InvalidArgument", "a"],
    [
      "a bad session name in a profile",
      "-ProfileName named",
      "RoleSessionNameInvalid",
      "InvalidArgument",
      expect.anything(),
    ],
    ["too short a duration", `${admin} -DurationInSeconds 899`, "DurationInvalid", "InvalidArgument", "899"],
    ["too long a duration", `${admin} -DurationInSeconds 43201`, "DurationInvalid", "InvalidArgument", "43201"],
    ["a bad duration in a profile", "-ProfileName short", "DurationInvalid", "InvalidArgument", expect.anything()],
    [
      "a duration beyond the role's",
      `${roleArn("OneHour")} -DurationInSeconds 7200`,
      "DurationInvalid",
      "InvalidArgument",
      roleArn("OneHour"),
    ],
    ["a bad external id", `${admin} -ExternalId x`, "ExternalIdInvalid", "InvalidArgument", "x"],
    ["a bad source identity", `${admin} -SourceIdentity 'a b'`, "SourceIdentityInvalid", "InvalidArgument", "a b"],
    ["a bad tag", `${admin} -Tag @{ 'a?' = 'b' }`, "TagInvalid", "InvalidArgument", "a?"],
    ["a policy that is not JSON", `${admin} -Policy '{'`, "PolicyInvalid", "InvalidArgument", "Policy"],
    ["an invalid region", `${admin} -Region 'eu west'`, "RegionInvalid", "InvalidArgument", "-Region"],
    ["an invalid endpoint", `${admin} -EndpointUrl nonsense`, "EndpointInvalid", "InvalidArgument", expect.anything()],
    ["a malformed code", "-ProfileName secure -TokenCode 12", "TokenCodeInvalid", "InvalidArgument", null],
    ["a wrong code", "-ProfileName secure -TokenCode 000000", "MfaCodeRejected", "AuthenticationError", "secure"],
    [
      "a missing code without a terminal",
      "-ProfileName secure",
      "MfaRequired",
      "AuthenticationError",
      expect.anything(),
    ],
    ["a denied role", roleArn("DeniedByTrust"), "AccessDenied", "PermissionDenied", roleArn("DeniedByTrust")],
    ["a denied hop", "-ProfileName chain", "AccessDenied", "PermissionDenied", "chain"],
    ["an expired source", "-ProfileName old", "CredentialsExpired", "AuthenticationError", "old"],
    ["root's keys", `${admin} -SourceProfile root`, "RootNotAllowed", "PermissionDenied", admin],
    ["unknown keys", `${admin} -SourceProfile unknown`, "CredentialsRejected", "AuthenticationError", admin],
    [
      "a wrong secret",
      `${admin} -AccessKey ${keysOf.jo.accessKeyId} -SecretKey $secret`,
      "CredentialsRejected",
      "AuthenticationError",
      admin,
    ],
    [
      "an invalid profile location",
      `${admin} -ProfileLocation nowhere:/file`,
      "ProfileLocationInvalid",
      "InvalidArgument",
      "nowhere:/file",
    ],
    [
      "a profile location outside the file system",
      `${admin} -ProfileLocation Variable:secret`,
      "ProfileLocationInvalid",
      "InvalidArgument",
      "Variable:secret",
    ],
  ])("reports %s", async (_, parameters, id, category, target) => {
    expect(await fail(`Use-Role ${parameters} -NoCache`)).toEqual([
      expect.objectContaining({
        id: `${id},RoleCredentials.UseRoleCommand`,
        category,
        target,
        terminating: true,
        recommendedAction: expect.stringMatching(/\w+ \w+/),
      }),
    ]);
    expect(files()).toEqual([credentials, config]);
  });

  it("reports an unreachable STS", async () => {
    expect(await fail(`Use-Role ${admin} -EndpointUrl ${unreachable} -NoCache`)).toMatchObject([
      {
        id: "StsUnreachable,RoleCredentials.UseRoleCommand",
        category: "ConnectionError",
        target: admin,
        message: expect.stringContaining(unreachable),
      },
    ]);
  });

  it("names the denied hop", async () => {
    const [error] = await fail("Use-Role -ProfileName chain -NoCache");
    expect(error?.message).toContain(`role ${roleArn("ChainC", "333333333333")} (profile chain)`);
  });

  it("reports missing credentials and the places it searched", async () => {
    work.store({ credentials: "", config: "" });
    const [error] = await fail(`Use-Role ${admin} -NoCache`);
    expect(error).toMatchObject({
      id: "NoCredentials,RoleCredentials.UseRoleCommand",
      category: "ObjectNotFound",
      terminating: true,
    });
    expect(error?.message).toMatch(/AWS_ACCESS_KEY_ID.*default.*AWS_EC2_METADATA_DISABLED/s);
    expect(error?.recommendedAction).toContain("Set-RoleCredentials");
  });
});

describe("Set-RoleCredentials", () => {
  const keys = `-AccessKey ${keysOf.jo.accessKeyId} -SecretKey`;

  it.each<[what: string, parameters: string, id: string, category: string, target: string | null]>([
    ["an unknown profile", "-ProfileName nobody", "ProfileNotFound", "ObjectNotFound", "nobody"],
    [
      "a missing source",
      `-StoreAs new -RoleArn ${admin} -SourceProfile nobody`,
      "SourceProfileNotFound",
      "ObjectNotFound",
      "nobody",
    ],
    ["a cycle", "-StoreAs prod -SourceProfile prod", "ProfileCycle", "InvalidData", "prod"],
    [
      "both sources",
      `-StoreAs new -RoleArn ${admin} -SourceProfile default -CredentialSource Environment`,
      "SourceConflict",
      "InvalidData",
      "new",
    ],
    ["neither source", `-StoreAs new -RoleArn ${admin}`, "SourceMissing", "InvalidData", "new"],
    ["a session without a role", "-StoreAs new -ExternalId ticket-42", "SourceMissing", "InvalidData", "new"],
    [
      "an unknown credential_source",
      `-StoreAs new -RoleArn ${admin} -CredentialSource Elsewhere`,
      "CredentialSourceInvalid",
      "InvalidData",
      "new",
    ],
    [
      "a malformed ARN",
      "-StoreAs new -RoleArn nonsense -SourceProfile default",
      "ArnInvalid",
      "InvalidArgument",
      "nonsense",
    ],
    ["a bad session name", "-StoreAs prod -RoleSessionName 'a b'", "RoleSessionNameInvalid", "InvalidArgument", "a b"],
    [
      "a duration out of range",
      "-StoreAs prod -DurationInSeconds 43201",
      "DurationInvalid",
      "InvalidArgument",
      "43201",
    ],
    ["a bad MFA serial", "-StoreAs prod -MfaSerial 'a b'", "MfaSerialInvalid", "InvalidArgument", "a b"],
    ["an MFA session without a device", "-StoreAs prod -MfaSession", "ProfileIncomplete", "InvalidData", "prod"],
    ["a tag that cannot be stored", "-StoreAs prod -Tag @{ 'a=b' = 'c' }", "TagInvalid", "InvalidArgument", "a=b"],
    ["a tag that would become two", "-StoreAs prod -Tag @{ 'a,b' = 'c' }", "TagInvalid", "InvalidArgument", "a,b"],
    ["a bad region", "-Region 'eu west'", "RegionInvalid", "InvalidArgument", "-Region"],
    [
      "a secret with a line break",
      `${keys} "$secret\`n[evil]"`,
      "ValueRefused",
      "InvalidArgument",
      "aws_secret_access_key",
    ],
    ["a secret with a comment", `${keys} "$secret # x"`, "ValueRefused", "InvalidArgument", "aws_secret_access_key"],
    [
      "a token with a line break",
      `${keys} $secret -SessionToken "$secret\`r\`n"`,
      "ValueRefused",
      "InvalidArgument",
      "aws_session_token",
    ],
    ["a profile name with a bracket", `-StoreAs 'a]b' ${keys} $secret`, "ProfileNameInvalid", "InvalidArgument", "a]b"],
    [
      "a profile name with a line break",
      `-StoreAs "a\`nb" ${keys} $secret`,
      "ProfileNameInvalid",
      "InvalidArgument",
      "a\\u000ab",
    ],
    [
      "a profile named like a member of every JavaScript object",
      `-StoreAs __proto__ ${keys} $secret`,
      "ProfileNameInvalid",
      "InvalidArgument",
      "__proto__",
    ],
    ["invalid credentials", "-Credential 5", "CredentialInvalid", "InvalidArgument", "Credential"],
    [
      "a missing secret without a terminal",
      "-AccessKey AKIAJOEXAMPLE0000001",
      "InputRequired",
      "InvalidOperation",
      "AWS Secret Access Key",
    ],
    [
      "an invalid profile location",
      `${keys} $secret -ProfileLocation nowhere:/file`,
      "ProfileLocationInvalid",
      "InvalidArgument",
      "nowhere:/file",
    ],
  ])("reports %s", async (_, parameters, id, category, target) => {
    expect(await fail(`Set-RoleCredentials ${parameters}`)).toEqual([
      expect.objectContaining({
        id: `${id},RoleCredentials.SetRoleCredentialsCommand`,
        category,
        target,
        terminating: true,
        recommendedAction: expect.stringMatching(/\w+ \w+/),
      }),
    ]);
    expect(files()).toEqual([credentials, config]);
  });

  it("stores nothing if it cannot prompt", async () => {
    const errors = await fail("Set-RoleCredentials -StoreAs prod -Region eu-west-1 -Confirm");
    expect(errors).toHaveLength(1);
    expect(files()).toEqual([credentials, config]);
  });
});

describe.each([
  ["Get-RoleProfile", "Get-RoleProfile"],
  ["Set-RoleCredentials", "Set-RoleCredentials -Region eu-west-1"],
  ["Remove-RoleProfile", "Remove-RoleProfile prod -Force"],
  ["Use-Role", "Use-Role -ProfileName prod"],
])("%s", (name, command) => {
  it.each([
    ["a key before any section", "aws_access_key_id = x\n[default]\n", 1],
    ["a line without =", `[default]\nregion = x\n${secret}\n`, 3],
    ["a header without its bracket", "[default]\n\n[prod\n", 3],
  ])("reports a file with %s, and the line", async (_, broken, line) => {
    work.store({ config: broken });
    const [error] = await fail(command);
    expect(error).toMatchObject({
      id: `FileBroken,RoleCredentials.${name.replace("-", "")}Command`,
      category: "ParserError",
      target: join(work.session.home, ".aws", "config"),
      message: expect.stringMatching(new RegExp(`\\bline ${line}\\b`)),
    });
    expect(files()).toEqual([credentials, broken]);
  });

  it("reports an unreadable file", async () => {
    const folder = join(work.session.home, ".aws", "config");
    rmSync(folder);
    mkdirSync(folder);
    try {
      const [error] = await fail(command);
      expect(error).toMatchObject({
        id: `FileUnreadable,RoleCredentials.${name.replace("-", "")}Command`,
        category: "ReadError",
        target: folder,
      });
      expect(error?.recommendedAction).toMatch(/\w+/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it("Set-RoleCredentials reports a file that cannot be written", async () => {
  const inFile = join(work.session.home, ".aws", "config", "credentials");
  const errors = await fail(
    `Set-RoleCredentials -AccessKey ${keysOf.jo.accessKeyId} -SecretKey $secret -ProfileLocation '${inFile}'`,
  );
  expect(errors).toMatchObject([{ category: expect.stringMatching(/^(Read|Write)Error$/), target: inFile }]);
  expect(files()).toEqual([credentials, config]);
});
