import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PowerShell } from "node-powershell";
import { buildAwsSdkModule } from "../../scripts/powershell.mjs";
import { type Environment, openCleanRoom, powerShellPath } from "./environment.ts";

export interface SessionOptions {
  /** Added to the clean environment. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** Imports RoleCredentials. */
  readonly module?: boolean;
  /** Imports the module that calls STS through this major version of the AWS SDK for .NET. */
  readonly awsSdk?: "3" | "4";
  /** A script's timeout in milliseconds. */
  readonly timeout?: number;
}

export interface ScriptOptions {
  /** Input lines for the script's prompts. The script must read them all, or PowerShell would run the rest as commands. */
  readonly answers?: readonly string[];
  /** Returns errors instead of throwing them. */
  readonly allowErrors?: boolean;
}

/** The fields of an ErrorRecord that tests use. */
export interface ScriptError {
  /** FullyQualifiedErrorId: the code and the command, such as `ProfileNotFound,RoleCredentials.UseRoleCommand`. */
  readonly id: string;
  readonly message: string;
  readonly category: string;
  readonly target: string | null;
  readonly recommendedAction: string | null;
  /** Whether the error was thrown and ended the script. Other errors were written. */
  readonly terminating: boolean;
}

export interface ScriptResult {
  /** The displayed text: first what was written to the host (`WARNING: …`, prompts), then the formatted output. */
  readonly stdout: string;
  /** The standard error of programs and the host. PowerShell's errors are in `errors`. */
  readonly stderr: string;
  readonly errors: readonly ScriptError[];
}

/** A long-lived PowerShell: one script's variables, functions and modules are available to the next. */
export interface Session {
  /** The scratch home, which contains this session's AWS files. */
  readonly home: string;
  /** Runs a script and returns its displayed output. */
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>;
  /**
   * Runs a script and returns its output as data: a single object, or an array for any other count. Serialized by ConvertTo-Json: dates are
   * ISO 8601, enums are names, objects are five levels deep.
   */
  json<T = unknown>(script: string, options?: ScriptOptions): Promise<T>;
  /** Ends PowerShell by closing its standard input, as closing a window does. */
  close(): Promise<void>;
}

interface Report {
  readonly output: unknown;
  readonly errors: ScriptError[];
}

const here = dirname(fileURLToPath(import.meta.url));
const moduleManifest = join(here, "..", "..", "module", "RoleCredentials.psd1");

/** Starts a PowerShell through node-powershell, in a scratch home and an environment without the developer's settings. */
export async function openPowerShell(options: SessionOptions = {}): Promise<Session> {
  const executable = powerShellPath();
  const room = openCleanRoom(options.env);
  const shell = new PowerShell({
    executable,
    executableOptions: { "-NoProfile": true },
    spawnOptions: { env: room.env, cwd: options.cwd ?? room.home, windowsHide: true },
    invocationTimeout: options.timeout ?? 60_000,
    throwOnInvocationError: false,
  });
  const ended = once(shell.streams.stdout, "close");

  async function invoke(
    script: string,
    wantsObjects: boolean,
    { answers = [], allowErrors = false }: ScriptOptions = {},
  ) {
    // Always one line, because PowerShell reads commands from standard input line by line.
    const token = `__${randomBytes(12).toString("hex")}:`;
    const command = `. $__RunScript '${base64(script)}' $${wantsObjects} '${token}'`;
    const record = await shell.invoke([command, ...answers].join("\n")).catch((cause: unknown) => {
      throw new Error(`PowerShell exited in this script:\n${script}`, { cause });
    });
    const stdout = String(record.stdout ?? "").replaceAll("\r\n", "\n");
    const end = stdout.indexOf(token);
    if (end < 0) throw new Error(`PowerShell did not finish this script:\n${script}\n${stdout}`);
    const report = JSON.parse(Buffer.from(stdout.slice(end + token.length), "base64").toString()) as Report;
    if (report.errors.length > 0 && !allowErrors)
      throw new Error(report.errors.map(({ id, message }) => `${message} [${id}]`).join("\n"));
    return {
      report,
      stdout: stdout.slice(0, end).trimEnd(),
      stderr: String(record.stderr ?? "").replaceAll("\r\n", "\n"),
    };
  }

  const session: Session = {
    home: room.home,
    async run(script, scriptOptions) {
      const { report, stdout, stderr } = await invoke(script, false, scriptOptions);
      return { stdout, stderr, errors: report.errors };
    },
    async json<T>(script: string, scriptOptions?: ScriptOptions) {
      const { output } = (await invoke(script, true, scriptOptions)).report;
      return (Array.isArray(output) && output.length === 1 ? output[0] : output) as T;
    },
    async close() {
      shell.streams.stdin.end();
      await Promise.race([ended, setTimeout(5_000, undefined, { ref: false })]);
      // The promise rejects for a non-zero exit code. Tests don't assert how a session exits.
      await shell.dispose("SIGKILL").catch(() => undefined);
      room.remove();
    },
  };

  try {
    await shell.invoke(
      `. ([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${harness()}'))))`,
    );
    if (options.awsSdk) await session.run(`Import-Module ${quote(buildAwsSdkModule(options.awsSdk))}`);
    if (options.module) await session.run(`Import-Module ${quote(moduleManifest)}`);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A PowerShell string literal. */
export function quote(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/g, "$&$&")}'`;
}

function harness(): string {
  return base64(readFileSync(join(here, "session.ps1"), "utf8"));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
