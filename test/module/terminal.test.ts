import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/project.mjs";
import { quote } from "../powershell/session.ts";
import { noTerminal, type Terminal } from "../powershell/terminal.ts";
import { keysOf, roleArn } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { credentialsFile, joAsParameters, openModuleTerminal } from "./workplace.ts";

const enter = "\r";
const esc = "\x1b";
const keys = { down: "\x1b[B", up: "\x1b[A", backspace: "\x7f" };

const config = `[profile prod]
role_arn = ${roleArn("Admin")}
source_profile = default

[profile hub]
role_arn = ${roleArn("Hub", "111111111111")}
source_profile = default

[profile "pr\x1b[2J\u202eod"]
role_arn = ${roleArn("Audit", "100000000000")}
source_profile = default
`;

describe.skipIf(noTerminal)(`at a terminal${noTerminal ? ` (${noTerminal})` : ""}`, () => {
  let sandbox: Sandbox;
  let home: string;
  let terminal: Terminal;
  beforeAll(async () => {
    sandbox = await startSandbox();
    home = mkdtempSync(join(tmpdir(), "role-credentials-picker-"));
    mkdirSync(join(home, ".aws"), { mode: 0o700 });
    writeFileSync(join(home, ".aws", "credentials"), credentialsFile("default"), { mode: 0o600 });
    writeFileSync(join(home, ".aws", "config"), config, { mode: 0o600 });
    const shown = "function shown { $role = @(Get-Role)[0]; '<' + $role.Depth + '|' + $role.Name + '>' }";
    terminal = await openModuleTerminal(sandbox, home, shown);
  });
  afterAll(async () => {
    terminal?.close();
    await sandbox?.close();
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(() => terminal.type(`Exit-Role -All${enter}`));

  async function open() {
    terminal.type(`Enter-Role; shown${enter}`);
    await terminal.waitFor(/of \d+\. Type to filter/);
  }

  it("lists the profiles, escaped, and enters the one that matches the typed text", async () => {
    await open();
    expect(terminal.screen).toContain("pr\\u001b[2J\\u202eod  100000000000  Audit");
    expect(terminal.screen).not.toContain("\u202e");
    terminal.type("1234");
    await terminal.waitFor(/> prod {2}123456789012 {2}Admin.*1 of 4/s);
    terminal.type(enter);
    await terminal.waitFor(/<1\|prod>/);
  });

  it("moves with the arrow keys, and shows recently used roles first", async () => {
    await open();
    terminal.type("hub");
    await terminal.waitFor(/> hub.*1 of 4/s);
    for (const _ of "hub") terminal.type(keys.backspace);
    await terminal.waitFor(/4 of 4/);
    terminal.type(keys.down);
    await terminal.waitFor(/> /);
    terminal.type(keys.up);
    await terminal.waitFor(/> prod/);
    terminal.type(enter);
    await terminal.waitFor(/<1\|prod>/);
  });

  it("also works for Open-RoleConsole, with recently used roles", async () => {
    terminal.type(`$null = Use-Role -ProfileName hub; $link = Open-RoleConsole -PassThru; '<' + $link + '>'${enter}`);
    await terminal.waitFor(/Console of:.*> hub {2}111111111111 {2}Hub/s);
    terminal.type(enter);
    await terminal.waitFor(/<https:.*account=111111111111&roleName=Hub.*>/s);
  });

  it("offers the roles of a SAML assertion", async () => {
    const provider = "arn:aws:iam::123456789012:saml-provider/Staff";
    const roles = ["Saml", "Other"].map((name) => `${roleArn(name)},${provider}`);
    const file = join(home, "saml.txt");
    writeFileSync(file, sandbox.mintSamlAssertion({ roles }));
    terminal.type(`$creds = Use-Role -SamlAssertion ${quote(file)}; '<' + $creds.RoleArn + '>'${enter}`);
    await terminal.waitFor(/> 123456789012 {2}Saml.*of 2/s);
    terminal.type("Other");
    await terminal.waitFor(/> 123456789012 {2}Other.*1 of 2/s);
    for (const _ of "Other") terminal.type(keys.backspace);
    await terminal.waitFor(/2 of 2/);
    terminal.type(enter);
    await terminal.waitFor(/<arn:aws:iam::123456789012:role\/Saml>/);
    terminal.type(`Use-Role -SamlAssertion ${quote(file)}${enter}`);
    await terminal.waitFor(/of 2\. Type to filter/);
    terminal.type(esc);
    await terminal.waitFor(/No role was chosen/);
  });

  it("offers the sign-in to IAM Identity Center when a role needs it, and goes on with the role", async () => {
    const session = "[sso-session corp]\nsso_start_url = https://sandbox.awsapps.com/start\nsso_region = eu-west-1\n";
    const profileOf = (role: string) =>
      `[profile ${role}]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ${role}\n`;
    const file = join(home, "identity-center");
    writeFileSync(file, session + profileOf("ReadOnly") + profileOf("PowerUser"));
    const program = join(root, "test", "sandbox", "browser.mjs");
    const browser = `"${process.execPath}" "${program}" allow %s`;
    terminal.type(`$env:AWS_CONFIG_FILE = ${quote(file)}; $env:BROWSER = ${quote(browser)}${enter}`);
    const offer = /no sign-in to IAM Identity Center\. Sign in now\? \[Y\/n\]/;
    const ask = async (command: string) => {
      terminal.type(`${command}; 'en' + 'ded'${enter}`);
      await terminal.waitFor(offer);
    };
    await ask("Use-Role ReadOnly");
    terminal.type(`n${enter}`);
    await terminal.waitFor(/Connect-IdentityCenter -SsoSession corp.*ended/s);
    await ask("Use-Role ReadOnly");
    await terminal.interrupt();
    const calls = sandbox.calls.length;
    // One answer serves all roles that wait for it.
    await ask("$creds = Use-Role ReadOnly, PowerUser; '<' + $creds.Count + '>'");
    terminal.type(enter);
    await terminal.waitFor(/Sign in to IAM Identity Center in your browser.*<2>.*ended/s);
    const actions = sandbox.calls.slice(calls).map(({ action }) => action);
    expect(actions.filter((action) => action === "CreateToken")).toHaveLength(1);
    expect(actions.filter((action) => action === "GetRoleCredentials").length).toBeGreaterThanOrEqual(2);
    terminal.type(`Remove-Item Env:AWS_CONFIG_FILE, Env:BROWSER${enter}`);
  });

  it("enters no role after Esc, and stops at Ctrl+C", async () => {
    const before = terminal.screen.length;
    await open();
    terminal.type(esc);
    await terminal.waitFor(/<0\|default>/);
    await open();
    await terminal.interrupt();
    terminal.type(`'al' + 'ive'${enter}`);
    await terminal.waitFor(/alive/);
    expect(terminal.screen.slice(before)).not.toContain("<1|");
  });

  it("lets a program in a script block use the terminal", async () => {
    terminal.type(
      `Use-Role ${roleArn("Admin")} ${joAsParameters} -ScriptBlock { sh -c 'test -t 1 && echo it is a "terminal"' }${enter}`,
    );
    await terminal.waitFor(/it is a terminal/);
  });

  it("asks like aws configure in Set-RoleCredentials, with the secret hidden and keys masked", async () => {
    const { accessKeyId, secretAccessKey } = keysOf.jo;
    const empty = mkdtempSync(join(home, "empty-"));
    terminal.type(`$env:HOME = $env:USERPROFILE = '${empty}'; Set-RoleCredentials; 'do' + 'ne'${enter}`);
    const answer = async (prompt: RegExp, text: string) => {
      await terminal.waitFor(prompt);
      terminal.type(text + enter);
    };
    const before = terminal.screen.length;
    await answer(/Credentials: 1 an access key, 2 IAM Identity Center \[1\]: /, "");
    await answer(/AWS Access Key ID \[None\]: /, accessKeyId);
    await answer(/AWS Secret Access Key \[None\]: /, secretAccessKey);
    await answer(/Default region name \[None\]: /, "eu-west-1");
    await answer(/Default output format \[None\]: /, "");
    await terminal.waitFor(/done/);
    expect(terminal.screen.slice(before)).not.toContain(secretAccessKey);

    terminal.type(`Set-RoleCredentials; 'do' + 'ne'${enter}`);
    await answer(/AWS Access Key ID \[\*{16}0001\]: /, "");
    await answer(/AWS Secret Access Key \[\*{16}\]: /, "");
    await answer(/Default region name \[eu-west-1\]: /, "us-east-1");
    await answer(/Default output format \[None\]: /, "");
    await terminal.waitFor(/done/);

    terminal.type(`'[' + (Get-RoleProfile).Region + '|' + (Get-RoleProfile).AccessKey + ']'${enter}`);
    await terminal.waitFor(/\[us-east-1\|\*{16}0001\]/);
  });
});
