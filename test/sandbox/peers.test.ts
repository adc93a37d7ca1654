import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysOf } from "./clients.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";
import { relativeCredentialsPath } from "./services/container.ts";

const run = promisify(execFile);

const [cli, boto3] = await Promise.all([
  run("aws", ["--version"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  ),
  run("python3", ["-c", "import boto3; print(boto3.__version__)"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  ),
]);

if (!cli) console.warn("Skipped: the AWS CLI ('aws') is not installed.");
if (!boto3) console.warn("Skipped: boto3 is not installed.");

let sandbox: Sandbox;
let home: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  home = mkdtempSync(join(tmpdir(), "sandbox-peers-"));
  mkdirSync(join(home, ".aws"));
  writeFileSync(join(home, ".aws", "credentials"), credentialsFile);
  writeFileSync(join(home, ".aws", "config"), configFile);
  writeFileSync(join(home, "token"), sandbox.mintWebIdentityToken());
});
afterAll(async () => {
  await sandbox.close();
  rmSync(home, { recursive: true, force: true });
});

const credentialsFile = `[jo]
aws_access_key_id = ${keysOf.jo.accessKeyId}
aws_secret_access_key = ${keysOf.jo.secretAccessKey}
`;

const configFile = `[profile admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = jo
duration_seconds = 43200
[profile a]
role_arn = arn:aws:iam::111111111111:role/ChainA
source_profile = jo
[profile b]
role_arn = arn:aws:iam::222222222222:role/ChainB
source_profile = a
[profile c]
role_arn = arn:aws:iam::333333333333:role/ChainC
source_profile = b
[profile external]
role_arn = arn:aws:iam::123456789012:role/ExternalIdRequired
source_profile = jo
external_id = ticket-42
[profile denied]
role_arn = arn:aws:iam::123456789012:role/DeniedByTrust
source_profile = jo
[profile web]
role_arn = arn:aws:iam::123456789012:role/WebIdentity
web_identity_token_file = token
[profile instance]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = Ec2InstanceMetadata
[profile container]
role_arn = arn:aws:iam::123456789012:role/Admin
credential_source = EcsContainer
`;

/** The environment of a peer: its home and the sandbox's endpoints, with none of the developer's AWS variables. */
function surroundings(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const files = {
    AWS_CONFIG_FILE: join(home, ".aws", "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws", "credentials"),
  };
  const region = { AWS_DEFAULT_REGION: "eu-west-1", AWS_MAX_ATTEMPTS: "1" };
  return {
    ...Object.fromEntries(own),
    HOME: home,
    USERPROFILE: home,
    ...files,
    ...region,
    ...sandbox.environment,
    ...more,
  };
}

async function callerOf(profile: string | undefined, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const args = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"];
  const { stdout } = await run("aws", profile === undefined ? args : [...args, "--profile", profile], {
    cwd: home,
    env: surroundings(more),
  });
  return stdout.trim();
}

describe.skipIf(!cli)(`AWS CLI (${cli ?? "skipped: 'aws' is not installed"})`, () => {
  it.each([
    ["jo", "arn:aws:iam::111111111111:user/jo"],
    ["admin", "arn:aws:sts::123456789012:assumed-role/Admin/"],
    ["c", "arn:aws:sts::333333333333:assumed-role/ChainC/"],
    ["external", "arn:aws:sts::123456789012:assumed-role/ExternalIdRequired/"],
    ["web", "arn:aws:sts::123456789012:assumed-role/WebIdentity/"],
    ["instance", "arn:aws:sts::123456789012:assumed-role/Admin/"],
  ])("calls with profile %s as %s", async (profile, arn) => {
    expect((await callerOf(profile)).startsWith(arn)).toBe(true);
  });

  it("uses container credentials", async () => {
    const container = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${sandbox.urls.container}/full`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token-EXAMPLE",
    };
    expect(await callerOf("container", container)).toContain("assumed-role/Admin/");
    const open = { AWS_CONTAINER_CREDENTIALS_FULL_URI: sandbox.urls.container + relativeCredentialsPath };
    expect(await callerOf(undefined, open)).toContain("assumed-role/Task/");
  });

  it("uses the instance's role without a profile", async () => {
    expect(await callerOf(undefined)).toBe("arn:aws:sts::111111111111:assumed-role/Instance/i-0123456789abcdef0");
  });

  it("prints AWS's error message when access is denied", async () => {
    const words =
      "User: arn:aws:iam::111111111111:user/jo is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/DeniedByTrust";
    await expect(callerOf("denied")).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the AssumeRole operation: ${words}`,
    );
  });
});

describe.skipIf(!cli)("AWS CLI over TLS", () => {
  it("trusts the CA bundle, at the endpoint and for AWS's own names through the proxy", async () => {
    const secure = await startSandbox({ tls: true });
    // The CLI caches assumed roles in its home, so it would find those of another sandbox there
    const own = { HOME: join(home, "tls"), USERPROFILE: join(home, "tls"), AWS_CA_BUNDLE: secure.caFile };
    const direct = { AWS_ENDPOINT_URL_STS: secure.urls.sts, ...own };
    const proxied = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true", HTTPS_PROXY: secure.urls.proxy, ...own };
    expect(await callerOf("admin", direct)).toContain("assumed-role/Admin/");
    expect(await callerOf("a", proxied)).toContain("assumed-role/ChainA/");
    expect(secure.calls.at(-1)).toMatchObject({ service: "sts", host: "sts.eu-west-1.amazonaws.com", status: 200 });
    await expect(callerOf("jo", { AWS_ENDPOINT_URL_STS: secure.urls.sts })).rejects.toThrow(
      "CERTIFICATE_VERIFY_FAILED",
    );
    await secure.close();
  });
});

const script = `
import boto3, json, sys
serial = "arn:aws:iam::111111111111:mfa/jo"
sts = boto3.Session(profile_name="jo").client("sts")
role = dict(RoleArn="arn:aws:iam::123456789012:role/MfaRequired", RoleSessionName="boto", SerialNumber=serial)
def code_of(call, **more):
    try:
        call(**more)
        return "allowed"
    except sts.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
results = [
    code_of(sts.assume_role, **role, TokenCode=sys.argv[1], DurationSeconds=43200),
    code_of(sts.assume_role, **role, TokenCode=sys.argv[1]),
]
session = sts.get_session_token(SerialNumber=serial, TokenCode=sys.argv[2])["Credentials"]
keys = dict(aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
chained = boto3.client("sts", **keys)
del role["SerialNumber"]
results += [
    code_of(chained.assume_role, **role),
    code_of(chained.assume_role, **role, DurationSeconds=3601),
    code_of(sts.assume_role, RoleArn="arn:aws:iam::123456789012:role/Admin", RoleSessionName="boto", Tags=[{"Key": "a b", "Value": "ü + / = @"}], Policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
]
print(json.dumps(results))
`;

describe.skipIf(!boto3)(`boto3 (${boto3 ?? "skipped: it is not installed"})`, () => {
  it("uses MFA codes once, assumes roles with an MFA session, and sends special characters", async () => {
    const codes = [sandbox.totp("jo"), sandbox.totp("jo", 1)];
    const { stdout } = await run("python3", ["-c", script, ...codes], { cwd: home, env: surroundings() });
    expect(JSON.parse(stdout)).toEqual(["allowed", "AccessDenied", "allowed", "ValidationError", "allowed"]);
  });
});
