import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAwsSdkModule } from "../../scripts/powershell.mjs";
import { quote } from "../powershell/session.ts";
import { roleArn } from "../sandbox/clients.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

// A process loads only one major version of the AWS SDK for .NET, so each version and each order of loading needs a process of its own.
// Pester/Copies.Tests.ps1 and Pester/AutoRefresh.Tests.ps1 test version 4 that is loaded first.

const admin = roleArn("Admin");
const session = "arn:aws:sts::123456789012:assumed-role/Admin/bound";
const config = `[profile prod]\nrole_arn = ${admin}\nsource_profile = default\nregion = eu-west-1\n`;

describe.each(["3", "4"] as const)("a cmdlet on the AWS SDK %s that is loaded after the role was assumed", (sdk) => {
  const importSdk = `Import-Module ${quote(buildAwsSdkModule(sdk))}`;
  let work: Workplace;
  beforeAll(async () => {
    work = await openWorkplace({ env: { AWS_REGION: "eu-west-1" } });
    work.store({ config });
    await work.session.run(`$creds = Use-Role ${admin} bound`);
  });
  afterAll(() => work?.close());

  // In this order: the SDK is loaded in another runspace, and then in the session.
  it.each([
    [
      "in ForEach-Object -Parallel without the module",
      `1 | ForEach-Object -Parallel { ${importSdk}; (Get-STSCallerIdentity -Credential $using:creds).Arn }`,
    ],
    ["as -Credential", `${importSdk}; (Get-STSCallerIdentity -Credential $creds).Arn`],
    ["from the pipeline", "($creds | Get-STSCallerIdentity).Arn"],
    ["through its Credentials", "(Get-STSCallerIdentity -Credential $creds.Credentials).Arn"],
    ["directly from Use-Role", `(Use-Role ${admin} bound | Get-STSCallerIdentity).Arn`],
    [
      "in ForEach-Object -Parallel with the SDK also loaded outside",
      `1 | ForEach-Object -Parallel { ${importSdk}; (Get-STSCallerIdentity -Credential $using:creds).Arn }`,
    ],
  ])("accepts the result of Use-Role %s", async (_, script) => {
    expect(await work.session.json(script)).toBe(session);
    expect(await work.session.json("[Amazon.Runtime.AWSCredentials].Assembly.GetName().Version.Major")).toBe(
      Number(sdk),
    );
  });
});

describe("a cmdlet on the AWS SDK 3 that is loaded before the role is assumed", () => {
  let work: Workplace;
  beforeAll(async () => {
    work = await openWorkplace({ awsSdk: "3", env: { AWS_REGION: "eu-west-1" } });
    work.store({ config });
  });
  afterAll(() => work?.close());

  it("accepts the result of Use-Role", async () => {
    const script = `$creds = Use-Role ${admin} bound; (Get-STSCallerIdentity -Credential $creds).Arn`;
    expect(await work.session.json(script)).toBe(session);
  });

  it("renews the result of Use-Role -AutoRefresh through the SDK's own type", async () => {
    const [identity, kind, first, second] = await work.session.json<string[]>(`
      $creds = Use-Role -ProfileName prod -AutoRefresh -DurationInSeconds 900
      (Get-STSCallerIdentity -Credential $creds).Arn
      $creds.Refreshing.GetType().FullName
      $refreshing = [Amazon.Runtime.AWSCredentials]$creds
      # The SDK renews a quarter of an hour before the end, so these are due at each request.
      $refreshing.GetCredentials().AccessKey
      Clear-RoleCache
      $refreshing.GetCredentials().AccessKey`);
    expect(kind).toBe("Amazon.Runtime.ProcessAWSCredentials");
    expect(identity).toContain("assumed-role/Admin/");
    expect(first).toMatch(/^ASIA/);
    expect(second).not.toBe(first);
  });
});
