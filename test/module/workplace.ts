import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPowerShell, quote, type Session, type SessionOptions } from "../powershell/session.ts";
import { openTerminal, type Terminal } from "../powershell/terminal.ts";
import { keysOf } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

/** The module, complete after a build. */
export const builtModule = join(import.meta.dirname, "..", "..", "module");

/** A PowerShell session with the module, connected to the sandbox. */
export interface Workplace {
  readonly sandbox: Sandbox;
  readonly session: Session;
  /** Writes `~/.aws/credentials` and `~/.aws/config`. */
  store(files: { readonly credentials?: string; readonly config?: string }): void;
  read(file: "credentials" | "config"): string;
  /** An unused code of jo's device. */
  code(): string;
  close(): Promise<void>;
}

/** Starts a separate sandbox, and a session with jo's keys as the default profile. */
export async function openWorkplace(options: SessionOptions = {}): Promise<Workplace> {
  // Each code works once, so each new code advances the clock, further than AWS would tolerate.
  const sandbox = await startSandbox({ clockToleranceSeconds: 3600 });
  const session = await openPowerShell({
    module: true,
    ...options,
    env: { ...sandbox.environment, ...options.env },
  });
  const workplace: Workplace = {
    sandbox,
    session,
    store(files) {
      const folder = join(session.home, ".aws");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
    },
    read: (file) => readFileSync(join(session.home, ".aws", file), "utf8"),
    code() {
      if (sandbox.isTotpUsed("jo")) sandbox.advanceClock(30_000);
      return sandbox.totp("jo");
    },
    async close() {
      await session.close();
      await sandbox.close();
    },
  };
  workplace.store({ credentials: credentialsFile("default"), config: "" });
  return workplace;
}

/** Opens a PowerShell with the module at a terminal, connected to the sandbox, with its AWS files in `home`. */
export async function openModuleTerminal(sandbox: Sandbox, home: string, script = ""): Promise<Terminal> {
  const variables = Object.entries({ ...sandbox.environment, HOME: home, USERPROFILE: home });
  const setUp = [
    "if (Get-Module PSReadLine) { Remove-Module PSReadLine }",
    ...variables.map(([name, value]) => `$env:${name} = ${quote(String(value))}`),
    `Import-Module ${quote(join(builtModule, "RoleCredentials.psd1"))}`,
    script,
    "'rea' + 'dy'",
  ];
  const terminal = openTerminal(["-NoExit", "-Command", setUp.join("; ")]);
  await terminal.waitFor(/ready/);
  return terminal;
}

/** A credentials file with jo's keys in the named profile. */
export function credentialsFile(name: string): string {
  const { accessKeyId, secretAccessKey } = keysOf.jo;
  return `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}

/** `-AccessKey … -SecretKey …` with jo's keys. */
export const joAsParameters = `-AccessKey ${keysOf.jo.accessKeyId} -SecretKey ${quote(keysOf.jo.secretAccessKey)}`;

export const joDevice = "arn:aws:iam::111111111111:mfa/jo";
