import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysOf } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { openPowerShell, quote, type Session } from "./session.ts";

const jo = { Account: "111111111111", Arn: "arn:aws:iam::111111111111:user/jo" };
const ann = { Account: "111111111111", Arn: "arn:aws:iam::111111111111:user/ann" };

const basic = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) =>
  `[Amazon.Runtime.BasicAWSCredentials]::new(${quote(accessKeyId)}, ${quote(secretAccessKey)})`;

describe.each(["4", "3"] as const)("Get-STSCallerIdentity on the AWS SDK %s", (awsSdk) => {
  let sandbox: Sandbox;
  let session: Session;
  beforeAll(async () => {
    sandbox = await startSandbox();
    const env = {
      ...sandbox.environment,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: keysOf.jo.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keysOf.jo.secretAccessKey,
    };
    session = await openPowerShell({ awsSdk, env });
    mkdirSync(join(session.home, ".aws"));
    const { accessKeyId, secretAccessKey } = keysOf.ann;
    writeFileSync(
      join(session.home, ".aws", "credentials"),
      `[ann]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
  });
  afterAll(async () => {
    await session?.close();
    await sandbox?.close();
  });

  it("runs on that SDK", async () => {
    const version = await session.json<string>("[Amazon.Runtime.AWSCredentials].Assembly.GetName().Version.Major");
    expect(String(version)).toBe(awsSdk);
  });

  it.each([
    ["the environment's keys", "Get-STSCallerIdentity", jo],
    ["a credentials object", `Get-STSCallerIdentity -Credential (${basic(keysOf.ann)})`, ann],
    ["a credentials object from the pipeline", `${basic(keysOf.ann)} | Get-STSCallerIdentity`, ann],
    ["a property Credential", `[pscustomobject]@{ Credential = ${basic(keysOf.ann)} } | Get-STSCallerIdentity`, ann],
    ["keys", `Get-STSCallerIdentity -AK '${keysOf.ann.accessKeyId}' -SK '${keysOf.ann.secretAccessKey}'`, ann],
    ["a profile", "Get-STSCallerIdentity -ProfileName ann", ann],
    [
      "a profile before an object, as AWS Tools do",
      `Get-STSCallerIdentity -ProfileName ann -Credential (${basic(keysOf.jo)})`,
      ann,
    ],
    ["a region's name", "Get-STSCallerIdentity -Region us-east-1", jo],
    ["a region's object", "Get-STSCallerIdentity -Region ([Amazon.RegionEndpoint]::USEast1)", jo],
  ])("calls as the identity that %s names", async (_, script, identity) => {
    expect(await session.json(script)).toMatchObject(identity);
  });

  it("shows account, ARN and user", async () => {
    const { stdout } = await session.run("Get-STSCallerIdentity");
    expect(stdout.trim().split("\n")[0]?.trim().split(/ +/)).toEqual(["Account", "Arn", "UserId"]);
  });

  it("accepts an endpoint as a parameter", async () => {
    const script = `$env:AWS_ENDPOINT_URL_STS = 'http://127.0.0.1:1'; try { Get-STSCallerIdentity -EndpointUrl ${quote(sandbox.urls.sts)} } finally { $env:AWS_ENDPOINT_URL_STS = ${quote(sandbox.urls.sts)} }`;
    expect(await session.json(script)).toMatchObject(jo);
  });

  it.each([
    ["a profile that does not exist", "Get-STSCallerIdentity -ProfileName nobody", /Argument/],
    [
      "an unknown key",
      `Get-STSCallerIdentity -Credential (${basic({ accessKeyId: "AKIANOBODY", secretAccessKey: "x" })})`,
      /^InvalidClientTokenId,/,
    ],
    [
      "a wrong secret",
      `Get-STSCallerIdentity -Credential (${basic({ ...keysOf.jo, secretAccessKey: "wrong" })})`,
      /^SignatureDoesNotMatch,/,
    ],
    ["an object that is not a credential", "Get-STSCallerIdentity -Credential 5", /^CannotConvertArgument/],
  ])("refuses %s", async (_, script, id) => {
    const { errors } = await session.run(script, { allowErrors: true });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.id).toMatch(id);
  });
});
