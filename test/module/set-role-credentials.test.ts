import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPowerShell, quote } from "../powershell/session.ts";
import { noTerminal, openTerminal } from "../powershell/terminal.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import {
  credentialsFile,
  joAsParameters,
  joDevice,
  openWorkplace,
  secretPattern,
  type Workplace,
} from "./workplace.ts";

const { accessKeyId, secretAccessKey } = keysOf.jo;
const windows = process.platform === "win32";

let work: Workplace;
let folder: string;
beforeAll(async () => {
  work = await openWorkplace({ awsSdk: "4" });
  folder = join(work.session.home, ".aws");
});
afterAll(() => work.close());
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: "credentials" | "config") => {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};
const run = (script: string, answers?: string[]) => work.session.run(script, answers && { answers });

describe("keys", () => {
  const secure = `$secret = [System.Net.NetworkCredential]::new('', ${quote(secretAccessKey)}).SecurePassword;`;

  it.each([
    ["as text", joAsParameters],
    ["as SecureString", `-AccessKey ${accessKeyId} -SecretKey $secret`],
    ["by AWS Tools' aliases", `-AK ${accessKeyId} -SK $secret`],
    ["in a PSCredential", `-Credential ([pscredential]::new('${accessKeyId}', $secret))`],
    [
      "in an object of the AWS SDK",
      `-Credential ([Amazon.Runtime.BasicAWSCredentials]::new('${accessKeyId}', ${quote(secretAccessKey)}))`,
    ],
  ])("are stored when given %s", async (_, parameters) => {
    const { stdout } = await run(`${secure} Set-RoleCredentials ${parameters}`);
    expect(read("credentials")).toBe(credentialsFile("default"));
    expect(read("config")).toBeUndefined();
    expect(stdout).toBe("");
  });

  it("bind from the pipeline by AWS Tools' property names", async () => {
    await run(
      `[pscustomobject]@{ AccessKey = '${accessKeyId}'; SecretKey = ${quote(secretAccessKey)} } | Set-RoleCredentials -StoreAs piped`,
    );
    expect(read("credentials")).toBe(credentialsFile("piped"));
  });

  it("may be the result of Use-Role with its token, which new keys then remove", async () => {
    await run(`Set-RoleCredentials ${joAsParameters}; $r = Use-Role ${roleArn("Admin")}`);
    await run("Set-RoleCredentials -StoreAs temp -Credential $r");
    expect(read("credentials")).toMatch(
      /\[temp\]\naws_access_key_id = ASIA.*\naws_secret_access_key = .*\naws_session_token = .+\n/,
    );
    await run(`Set-RoleCredentials -StoreAs temp ${joAsParameters}`);
    expect(read("credentials")).toBe(`${credentialsFile("default")}\n${credentialsFile("temp")}`);
  });

  it("work immediately", async () => {
    await run(`Set-RoleCredentials ${joAsParameters} -Region eu-west-1`);
    expect(await work.session.json(`(Use-Role ${roleArn("Admin")} -NoCache).Region`)).toBe("eu-west-1");
    expect(await work.session.json("(Get-STSCallerIdentity -ProfileName default).Arn")).toBe(
      "arn:aws:iam::111111111111:user/jo",
    );
  });

  it.skipIf(windows)("are stored in files that others cannot read", async () => {
    await run(`Set-RoleCredentials ${joAsParameters} -Region eu-west-1`);
    for (const path of ["credentials", "config"]) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it.skipIf(windows)("cause a warning in a file that others can read", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "credentials"), "# mine\n");
    chmodSync(join(folder, "credentials"), 0o644);
    const { stdout } = await run(`Set-RoleCredentials ${joAsParameters} -Verbose`);
    expect(stdout).toMatch(/was readable by others/);
    expect(statSync(join(folder, "credentials")).mode & 0o777).toBe(0o600);
    expect(stdout).not.toMatch(secretPattern);
  });
});

describe("a role profile", () => {
  const prod = `-StoreAs prod -RoleArn ${roleArn("Admin")} -SourceProfile default`;

  it("is stored in the config file under AWS's and aws-vault's names", async () => {
    await run(
      `Set-RoleCredentials ${joAsParameters}; Set-RoleCredentials ${prod} -MfaSerial ${joDevice} -ExternalId ticket-42 -RoleSessionName jo -DurationInSeconds 7200 ` +
        "-SourceIdentity jo@example.com -Tag @{ project = 'apollo' } -TransitiveTagKey project -MfaSession -MfaProcess 'pass otp aws' -Region eu-west-1 -Output json",
    );
    const lines = (read("config") ?? "").trim().split("\n");
    expect(lines[0]).toBe("[profile prod]");
    expect(lines.slice(1).sort()).toEqual([
      "duration_seconds = 7200",
      "external_id = ticket-42",
      "mfa_process = pass otp aws",
      `mfa_serial = ${joDevice}`,
      "mfa_session = true",
      "output = json",
      "region = eu-west-1",
      `role_arn = ${roleArn("Admin")}`,
      "role_session_name = jo",
      "session_tags = project=apollo",
      "source_identity = jo@example.com",
      "source_profile = default",
      "transitive_session_tags = project",
    ]);
    expect(await work.session.json("Get-RoleProfile prod")).toMatchObject({
      ProfileName: "prod",
      Source: "profile default",
      RoleArn: roleArn("Admin"),
      MfaSerial: joDevice,
      MfaSession: true,
      MfaProcess: "pass otp aws",
      ExternalId: "ticket-42",
      RoleSessionName: "jo",
      DurationInSeconds: 7200,
      SourceIdentity: "jo@example.com",
      Tag: { project: "apollo" },
      Region: "eu-west-1",
      Output: "json",
    });
  });

  it("keeps every byte that an update does not change", async () => {
    const config = `# mine\r\n[profile other]\r\nregion=us-east-1 # here\r\n\r\n[profile prod]\r\nrole_arn = ${roleArn("Admin")}\r\n; a note\r\nsource_profile = default\r\ns3 =\r\n  max_concurrent_requests = 20\r\nregion = eu-west-1`;
    work.store({ credentials: credentialsFile("default"), config });
    await run("Set-RoleCredentials -StoreAs prod -Region eu-central-1");
    expect(read("config")).toBe(config.replace("region = eu-west-1", "region = eu-central-1"));
    await run("Set-RoleCredentials -StoreAs prod -ExternalId ticket-42");
    expect(read("config")).toContain(config.replace("region = eu-west-1", "region = eu-central-1"));
    expect(read("config")).toMatch(/external_id = ticket-42/);
  });

  it.each([
    ["a text", "-ExternalId ''", /external_id/],
    ["a duration", "-DurationInSeconds 0", /duration_seconds/],
    ["tags", "-Tag @()", /^session_tags/m],
    ["transitive tags", "-TransitiveTagKey @()", /transitive_session_tags/],
    ["the MFA session", "-MfaSession:$false", /mfa_session/],
  ])("loses %s on request", async (_, parameters, key) => {
    await run(
      `Set-RoleCredentials ${joAsParameters}; Set-RoleCredentials ${prod} -ExternalId ticket-42 -DurationInSeconds 900 -Tag @{ project = 'apollo' } -TransitiveTagKey project -MfaSerial ${joDevice} -MfaSession`,
    );
    expect(read("config")).toMatch(key);
    await run(`Set-RoleCredentials -StoreAs prod ${parameters}`);
    expect(read("config")).not.toMatch(key);
    expect(read("config")).toMatch(/role_arn/);
  });

  it("has one source: a new one replaces the old one", async () => {
    await run(`Set-RoleCredentials ${joAsParameters}; Set-RoleCredentials ${prod}`);
    await run("Set-RoleCredentials -StoreAs prod -CredentialSource Environment");
    expect(read("config")).toBe(`[profile prod]\nrole_arn = ${roleArn("Admin")}\ncredential_source = Environment\n`);
    await run("Set-RoleCredentials -StoreAs prod -SourceProfile default");
    expect(read("config")).not.toMatch(/credential_source/);
  });

  it("of keys may open an MFA session of up to 36 hours", async () => {
    await run(
      `Set-RoleCredentials ${joAsParameters} -MfaSerial ${joDevice} -MfaSession -DurationInSeconds 129600; Set-RoleCredentials ${prod}`,
    );
    const { stdout } = await run("(Use-Role -ProfileName prod).RoleArn", [work.code()]);
    expect(stdout).toMatch(/MFA code of/);
    const session = work.sandbox.calls.find(({ action }) => action === "GetSessionToken");
    expect(session?.parameters.DurationSeconds).toBe("129600");
  });
});

describe("-StoreAs, -ProfileName and -ProfileLocation", () => {
  it("-StoreAs alone stores a second profile beside the first", async () => {
    await run(`Set-RoleCredentials ${joAsParameters}; Set-RoleCredential -StoreAs second ${joAsParameters}`);
    expect(read("credentials")).toBe(`${credentialsFile("default")}\n${credentialsFile("second")}`);
  });

  it("-ProfileName makes a stored profile the default, with its region", async () => {
    work.store({
      credentials: credentialsFile("base"),
      config: `[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = base\nregion = eu-central-1\n`,
    });
    await run("Set-RoleCredentials -ProfileName prod");
    expect(await work.session.json("Use-Role -NoCache")).toMatchObject({
      RoleArn: roleArn("Admin"),
      Region: "eu-central-1",
    });
  });

  it("-ProfileName copies to -StoreAs", async () => {
    work.store({ credentials: credentialsFile("base") });
    await run("Set-RoleCredentials -ProfileName base -StoreAs copy");
    expect(read("credentials")).toBe(`${credentialsFile("base")}\n${credentialsFile("copy")}`);
  });

  it("-ProfileLocation names another credentials file, relative to the current location", async () => {
    const elsewhere = join(work.session.home, "else where");
    mkdirSync(elsewhere, { recursive: true });
    await run(
      `$null = $ExecutionContext.SessionState.Path.SetLocation(${quote(elsewhere)}); try { Set-RoleCredentials ${joAsParameters} -Region eu-west-1 -ProfileLocation my-profiles } finally { $null = $ExecutionContext.SessionState.Path.SetLocation(${quote(work.session.home)}) }`,
    );
    expect(readFileSync(join(elsewhere, "my-profiles"), "utf8")).toBe(
      `${credentialsFile("default")}region = eu-west-1\n`,
    );
    expect([read("credentials"), read("config")]).toEqual([undefined, undefined]);
    const location = quote(join(elsewhere, "my-profiles"));
    expect(await work.session.json(`(Get-RoleProfile -ProfileLocation ${location}).ProfileName`)).toBe("default");
    expect(
      await work.session.json(`(Use-Role ${roleArn("Admin")} -ProfileLocation ${location} -NoCache).RoleArn`),
    ).toBe(roleArn("Admin"));
    await run(`Remove-RoleProfile default -Force -ProfileLocation ${location}`);
    expect(readFileSync(join(elsewhere, "my-profiles"), "utf8").trim()).toBe("");
  });
});

describe("-WhatIf", () => {
  it.each([
    ["keys", `${joAsParameters} -Region eu-west-1`, /Store accessKeyId, region, secretAccessKey.*profile 'default'/],
    ["an update", "-StoreAs prod -Region eu-west-1", /Store region.*profile 'prod'/],
    ["a removal", "-StoreAs prod -ExternalId ''", /Remove externalId.*profile 'prod'/],
    ["a copy", "-ProfileName prod", /Copy profile 'prod'.*profile 'default'/],
  ])("describes %s and changes nothing", async (_, parameters, told) => {
    const config = `[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = base\nexternal_id = ticket-42\n`;
    work.store({ credentials: credentialsFile("base"), config });
    const { stdout } = await run(`Set-RoleCredentials ${parameters} -WhatIf`);
    expect(stdout).toMatch(told);
    expect(stdout).toContain(folder);
    expect(stdout).not.toMatch(secretPattern);
    expect({ config: read("config"), credentials: read("credentials") }).toEqual({
      config,
      credentials: credentialsFile("base"),
    });
  });

  it("refuses invalid values", async () => {
    const { errors } = await work.session.run("Set-RoleCredentials -StoreAs 'a]b' -Region eu-west-1 -WhatIf", {
      allowErrors: true,
    });
    expect(errors).toMatchObject([{ id: "ProfileNameInvalid,RoleCredentials.SetRoleCredentialsCommand" }]);
  });
});

describe("prompts", () => {
  it("show a role's stored values, and Enter keeps them", async () => {
    const config = `[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = base\nregion = eu-west-1\n`;
    work.store({ credentials: credentialsFile("base"), config });
    const { stdout } = await run("Set-RoleCredentials -StoreAs prod", ["", "", "", "eu-central-1", ""]);
    expect(stdout).toMatch(/Role ARN \[arn:aws:iam::123456789012:role\/Admin\]/);
    expect(stdout).toMatch(/Source profile \[base\]/);
    expect(stdout).toMatch(/MFA serial \[None\]/);
    expect(stdout).toMatch(/Default region name \[eu-west-1\]/);
    expect(stdout).toMatch(/Default output format \[None\]/);
    expect(read("config")).toBe(config.replace("eu-west-1", "eu-central-1"));
  });

  it("change nothing if the user keeps every value", async () => {
    const config = `[profile prod]\nrole_arn = ${roleArn("Admin")}\nsource_profile = base\n`;
    work.store({ credentials: credentialsFile("base"), config });
    await run("Set-RoleCredentials -StoreAs prod", ["", "", "", "", ""]);
    expect(read("config")).toBe(config);
  });

  it("fail without a terminal before they show anything", async () => {
    const quiet = await openPowerShell({ module: true, nonInteractive: true });
    try {
      const { errors, stdout } = await quiet.run("Set-RoleCredentials", { allowErrors: true });
      expect(errors).toMatchObject([
        {
          id: "InputRequired,RoleCredentials.SetRoleCredentialsCommand",
          recommendedAction: expect.stringContaining("Get-Help"),
        },
      ]);
      expect(stdout).toBe("");
      const secret = await quiet.run("Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001", { allowErrors: true });
      expect(secret.errors).toMatchObject([{ id: "InputRequired,RoleCredentials.SetRoleCredentialsCommand" }]);
      expect(existsSync(join(quiet.home, ".aws"))).toBe(false);
    } finally {
      await quiet.close();
    }
  });

  it.skipIf(noTerminal)("work like aws configure at a terminal, with the secret hidden and keys masked", async () => {
    const enter = "\r";
    const manifest = quote(join(import.meta.dirname, "..", "..", "module", "RoleCredentials.psd1"));
    const terminal = openTerminal([
      "-NoExit",
      "-Command",
      `if (Get-Module PSReadLine) { Remove-Module PSReadLine }; Import-Module ${manifest}; 'rea' + 'dy'`,
    ]);
    try {
      await terminal.waitFor(/ready/);
      terminal.type(`Set-RoleCredentials; 'do' + 'ne'${enter}`);
      await terminal.waitFor(/AWS Access Key ID \[None\]: /);
      terminal.type(accessKeyId + enter);
      await terminal.waitFor(/AWS Secret Access Key \[None\]: /);
      terminal.type(secretAccessKey + enter);
      await terminal.waitFor(/Default region name \[None\]: /);
      terminal.type(`eu-west-1${enter}`);
      await terminal.waitFor(/Default output format \[None\]: /);
      terminal.type(enter);
      await terminal.waitFor(/done/);
      expect(terminal.screen).not.toContain(secretAccessKey);

      terminal.type(`Set-RoleCredentials; 'do' + 'ne'${enter}`);
      await terminal.waitFor(/AWS Access Key ID \[\*{16}0001\]: /);
      terminal.type(enter);
      await terminal.waitFor(/AWS Secret Access Key \[\*{16}\]: /);
      terminal.type(enter);
      await terminal.waitFor(/Default region name \[eu-west-1\]: /);
      terminal.type(`us-east-1${enter}`);
      await terminal.waitFor(/Default output format \[None\]: /);
      terminal.type(enter);
      await terminal.waitFor(/done/);

      terminal.type(`'[' + (Get-RoleProfile).Region + '|' + (Get-RoleProfile).AccessKey + ']'${enter}`);
      await terminal.waitFor(/\[us-east-1\|\*{16}0001\]/);
    } finally {
      terminal.close();
    }
  });
});

it("does nothing the second time", async () => {
  const set = `Set-RoleCredentials ${joAsParameters} -Region eu-west-1 -Verbose`;
  expect((await run(set)).stdout).toMatch(/Changed .*credentials/);
  const before = statSync(join(folder, "credentials")).mtimeMs;
  expect((await run(set)).stdout).not.toMatch(/Changed/);
  expect(statSync(join(folder, "credentials")).mtimeMs).toBe(before);
});
