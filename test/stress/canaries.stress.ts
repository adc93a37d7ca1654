import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { findPowerShell, restorePowerShell } from "../../scripts/powershell.mjs";
import { openCleanRoom } from "../powershell/environment.ts";
import { openOwnSandbox } from "../sandbox/open-sandbox.ts";
import { worldWithUsers } from "../sandbox/world.ts";
import { amount, figure, isFull } from "./amount.ts";
import { filesIn } from "./fault-subjects.ts";

/** Keys unique to this run, so that any copy must come from it. */
function canary(): string {
  return randomBytes(30).toString("base64").replaceAll("=", "x");
}

/**
 * Turns on every kind of tracing around everything that the module does with a secret. Secrets are read from files and never appear in the
 * script.
 */
const script = `
param($Module)
$VerbosePreference = $DebugPreference = $InformationPreference = $ProgressPreference = 'Continue'
$canRecord = $null -ne (Get-Command Start-Transcript -ErrorAction Ignore)
$canFormat = $null -ne (Get-Command Format-List -ErrorAction Ignore)
if ($canRecord) { $null = Start-Transcript -Path "$HOME/transcript.txt" -IncludeInvocationHeader }
Import-Module $Module
function Keep { process { [System.IO.File]::AppendAllText("$HOME/given", "$($_.SecretAccessKey)${"`n"}$($_.SessionToken)${"`n"}") } }
$hub = 'arn:aws:iam::111111111111:role/Hub'
$admin = 'arn:aws:iam::123456789012:role/Admin'
$secure = [securestring]::new()
foreach ($character in [System.IO.File]::ReadAllText("$HOME/secret").ToCharArray()) { $secure.AppendChar($character) }
Set-PSDebug -Trace 2
$steps = @(
    { Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey ([System.IO.File]::ReadAllText("$HOME/secret")) -WhatIf }
    { Set-RoleCredentials -AccessKey AKIAJOEXAMPLE0000001 -SecretKey ([System.IO.File]::ReadAllText("$HOME/secret")) -Verbose -Debug }
    { Set-RoleCredentials -StoreAs asked -AccessKey AKIAJOEXAMPLE0000001 }
    { Set-RoleCredentials -StoreAs token -AccessKey AKIAJOEXAMPLE0000001 -SecretKey $secure -SessionToken ([System.IO.File]::ReadAllText("$HOME/token")) -Confirm:$false }
    { Set-RoleCredentials -StoreAs refused -AccessKey AKIAJOEXAMPLE0000001 -SecretKey ([System.IO.File]::ReadAllText("$HOME/secret") + ' # x') }
    { Get-RoleProfile }
    { $script:c = Use-Role -RoleArn $admin -Verbose -Debug; $c; "$c"; $c | Keep }
    { $script:c = Use-Role -RoleArn $admin -NoCache -Credential ([pscredential]::new('AKIAJOEXAMPLE0000001', $secure)); $c; $c | Keep }
    { $script:c = Use-Role -RoleArn $hub -NoCache -AccessKey AKIAJOEXAMPLE0000001 -SecretKey ([System.IO.File]::ReadAllText("$HOME/secret")); $c; $c | Keep }
    { Use-Role -RoleArn $admin -NoCache -Credential $c | Keep }
    { Use-Role -RoleArn arn:aws:iam::123456789012:role/MfaRequired -MfaSerial arn:aws:iam::111111111111:mfa/jo | Keep }
    { '123456789012', '222222222222' | Use-Role -RoleName Audit -ErrorAction Continue }
    { Use-Role -RoleArn arn:aws:iam::123456789012:role/DeniedByTrust }
    { Use-Role -RoleArn $admin -NoCache -AccessKey AKIAANNEXAMPLE000001 -SecretKey ([System.IO.File]::ReadAllText("$HOME/secret")) }
    { Use-Role -RoleArn $admin -NoCache -TokenCode 12345 -MfaSerial x }
    { Use-Role -RoleArn $admin -ProfileLocation "$HOME/broken" }
    { Use-Role -ProfileName process }
    # A server that echoes everything it receives.
    { Use-Role -RoleArn $admin -NoCache -Credential $c -EndpointUrl $env:ECHO_URL -MfaSerial arn:aws:iam::111111111111:mfa/jo -TokenCode ([System.IO.File]::ReadAllText("$HOME/code")) }
)
foreach ($step in $steps) { try { & $step *>&1 | Out-Host } catch { $_ | Out-Host } }
if (Get-Command Start-ThreadJob -ErrorAction Ignore) {
    foreach ($job in @(
        Start-ThreadJob { param($m, $r) Import-Module $m; Use-Role -RoleArn $r -Verbose -Debug } -ArgumentList $Module, $admin
        Start-Job { param($m, $r) Import-Module $m; Use-Role -RoleArn $r -Verbose -Debug } -ArgumentList $Module, $admin
    )) {
        $null = $job | Wait-Job
        $job.ChildJobs | Format-List * -Force | Out-Host
        $job | Receive-Job *>&1 | Out-Host
    }
}
foreach ($record in @($Error)) {
    if ($canFormat) {
        $record | Format-List * -Force | Out-Host
        $record.Exception | Format-List * -Force | Out-Host
        $record.Exception.Data | Out-Host
        $record.InvocationInfo | Format-List * -Force | Out-Host
        $record | Get-Error | Out-Host
    }
    $record | Out-Host
    $record.Exception.ToString() | Out-Host
    $record.ScriptStackTrace | Out-Host
}
Get-History | Out-Host
# Keys in this process's environment reach the core through the pipe, not through the core's environment.
[System.Environment]::SetEnvironmentVariable('AWS_ACCESS_KEY_ID', 'AKIAJOEXAMPLE0000001')
[System.Environment]::SetEnvironmentVariable('AWS_SECRET_ACCESS_KEY', [System.IO.File]::ReadAllText("$HOME/secret"))
& { Use-Role -RoleArn $admin -NoCache | Keep } *>&1 | Out-Host
Set-PSDebug -Trace 0
if ($canRecord) { $null = Stop-Transcript }
`;

interface Sighting {
  readonly where: string;
  readonly text: string;
}

/** The arguments and environments of all processes while `during` runs. Looks at each running process every 100 ms. */
async function watchProcesses(during: Promise<unknown>): Promise<Sighting[]> {
  const seen = new Map<string, string>();
  let done = false;
  void during.finally(() => {
    done = true;
  });
  while (!done) {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      for (const what of ["cmdline", "environ"]) {
        try {
          const content = readFileSync(`/proc/${pid}/${what}`, "latin1");
          if (content) seen.set(`/proc/${pid}/${what} ${content.length}`, content);
        } catch {
          // The process has exited.
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return [...seen].map(([where, content]) => ({ where, text: content }));
}

async function waitForProcessesOf(home: string): Promise<void> {
  const isOfHome = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`HOME=${home}`);
    } catch {
      return false;
    }
  };
  while (readdirSync("/proc").some(isOfHome)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The user's own files, the test's files, and the caches, which have the same content as the AWS CLI's. */
const itsPlaces = /^(secret|token|code|given|broken|\.aws\/(credentials|cli\/cache\/.*|role-credentials\/cache\/.*))$/;

const shells = [findPowerShell().path, ...(isFull ? [restorePowerShell()] : [])];

describe.skipIf(process.platform !== "linux").each([...new Set(shells)])("with %s", (shell) => {
  it.each(Array.from({ length: amount(1, 5) }, (_, index) => index + 1))("no secret leaks, time %i", async () => {
    const secret = canary();
    const storedToken = canary();
    const keys = [{ id: "AKIAJOEXAMPLE0000001", secret }];
    const world = worldWithUsers((user) => (user.name === "jo" ? { ...user, keys } : user));
    const sandbox = await openOwnSandbox({ world });
    const echo = (await startEcho()).address() as AddressInfo;
    const room = openCleanRoom({
      ...sandbox.environment,
      AWS_REGION: "eu-west-1",
      ECHO_URL: `http://127.0.0.1:${echo.port}`,
    });
    onTestFinished(() => room.remove());
    const code = sandbox.totp("jo");
    writeFileSync(join(room.home, "secret"), secret, { mode: 0o600 });
    writeFileSync(join(room.home, "token"), storedToken, { mode: 0o600 });
    writeFileSync(join(room.home, "broken"), `[default]\naws_secret_access_key ${secret}\n`, { mode: 0o600 });
    writeFileSync(join(room.home, "script.ps1"), `\uFEFF${script}`);
    mkdirSync(join(room.home, ".aws"), { mode: 0o700 });
    writeFileSync(
      join(room.home, ".aws", "config"),
      `[profile process]\ncredential_process = cat "${join(room.home, "secret")}"\n`,
    );
    writeFileSync(join(room.home, "code"), code);

    const module = join(import.meta.dirname, "..", "..", "module", "RoleCredentials.psd1");
    const child = spawn(shell, ["-NoLogo", "-NoProfile", "-File", join(room.home, "script.ps1"), module], {
      env: room.env,
      cwd: room.home,
    });
    child.stdin.end(`${secret}\n${code}\n`);
    // The core exits after its PowerShell and writes its files then.
    const ended = once(child, "close").then(() => waitForProcessesOf(room.home));
    const processes = watchProcesses(ended);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);

    if (process.env.DEBUG_OUT) writeFileSync(process.env.DEBUG_OUT, stdout + stderr);
    const given = readFileSync(join(room.home, "given"), "utf8").split("\n").filter(Boolean);
    // Five sessions were issued with tracing on, so there was something to find.
    expect([given.length, stdout]).toEqual([12, expect.stringMatching(/SET \$\w+ =/)]);
    // A trace truncates what it shows after about fifty characters, so the beginning of a secret counts as a leak.
    const secrets = [secret, storedToken, ...given].map((whole) => whole.slice(0, 24));
    // The prompt for an MFA code echoes the input, because a code works once.
    const codes = new RegExp(`(?<![0-9])(?<!MFA code of [^ ]*: )${code}(?![0-9])`);
    const places: Sighting[] = [
      { where: "standard output", text: stdout },
      { where: "standard error", text: stderr },
      ...(await processes),
      ...filesIn(room.home)
        .filter((where) => !itsPlaces.test(where) && isReadable(join(room.home, where)))
        .map((where) => ({ where, text: readable(join(room.home, where)) })),
    ];
    const leaks = places.flatMap(({ where, text }) => {
      const found = secrets.filter((part) => text.includes(part)).map((part) => text.indexOf(part));
      if (where.startsWith("standard") || where.startsWith("transcript")) {
        const at = text.search(codes);
        if (at >= 0) found.push(at);
      }
      return found.map((at) => `${where}: ${text.slice(Math.max(0, at - 200), at + 80)}`);
    });
    expect(leaks).toEqual([]);
    figure(`secrets found outside their places, of ${secrets.length + 1} in ${places.length} places`, leaks.length);
  });
});

it.skipIf(process.platform !== "linux")("this test detects a secret in arguments and environments", async () => {
  const secrets = [canary(), canary()] as const;
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 1000)", secrets[0]], { env: { X: secrets[1] } });
  const seen = await watchProcesses(once(child, "close"));
  for (const secret of secrets) expect(seen.some(({ text: content }) => content.includes(secret))).toBe(true);
});

/** Excludes sockets and program images. */
function isReadable(path: string): boolean {
  const status = statSync(path);
  return status.isFile() && status.size < 50_000_000;
}

/** As text with one byte per character, and with two. */
function readable(file: string): string {
  const bytes = readFileSync(file);
  return `${bytes.toString("latin1")}\n${bytes.toString("utf16le")}`;
}

/** A fake STS that repeats what it received, as AWS does when a signature does not match. */
async function startEcho(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const sent = `${JSON.stringify(request.headers)} ${decodeURIComponent(body)}`.replaceAll(/[<>&]/g, " ");
    response.writeHead(403, { "content-type": "text/xml" });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch2</Code><Message>You said: ${sent}</Message></Error></ErrorResponse>`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return server;
}
