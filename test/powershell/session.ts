import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PowerShell } from "node-powershell";
import { buildAwsSdkModule, findPowerShell } from "../../scripts/powershell.mjs";
import { type Environment, openCleanRoom } from "./environment.ts";

export interface SessionOptions {
  /** Added to the clean environment. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** Imports RoleCredentials. */
  readonly module?: boolean;
  /** Imports the module that calls STS through this major version of the AWS SDK for .NET. */
  readonly awsSdk?: "3" | "4";
  /** Prompts throw, as with `-NonInteractive`. */
  readonly nonInteractive?: boolean;
  /** The longest a script may take, in milliseconds. */
  readonly timeout?: number;
}

export interface ScriptOptions {
  /** Lines that the script's prompts read. The script must read them all, or the rest would be taken for commands. */
  readonly answers?: readonly string[];
  /** Errors are returned instead of thrown. */
  readonly allowErrors?: boolean;
}

/** An ErrorRecord, as far as tests look at it. */
export interface ScriptError {
  /** FullyQualifiedErrorId: the code and the command, `ProfileNotFound,RoleCredentials.UseRoleCommand`. */
  readonly id: string;
  readonly message: string;
  readonly category: string;
  readonly target: string | null;
  readonly recommendedAction: string | null;
  readonly exception: string;
  /** It was thrown and ended the script; the others were written. */
  readonly terminating: boolean;
}

export interface ScriptResult {
  /** What the script showed: first what was written to the host (`WARNING: …`, prompts), then its formatted output. */
  readonly stdout: string;
  /** What programs and the host wrote to standard error; PowerShell's errors are in `errors`. */
  readonly stderr: string;
  readonly errors: readonly ScriptError[];
}

/** What `run` and `json` throw when the script had errors. */
export class ScriptFailed extends Error {
  readonly errors: readonly ScriptError[];

  constructor(errors: readonly ScriptError[]) {
    super(errors.map(({ id, message }) => `${message} [${id}]`).join("\n"));
    this.name = "ScriptFailed";
    this.errors = errors;
  }
}

/** A PowerShell that stays: variables, functions and modules of one script are there for the next. */
export interface Session {
  /** The scratch home, where the AWS files of this session are. */
  readonly home: string;
  /** Runs a script and gives what it showed. */
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>;
  /**
   * Runs a script and gives its output as data: the one object, or an array when there are none or several.
   * As ConvertTo-Json writes it: dates are ISO 8601, enums are names, objects are five levels deep.
   */
  json<T = unknown>(script: string, options?: ScriptOptions): Promise<T>;
  /** Ends it as a closed window would: by the end of its standard input. */
  close(): Promise<void>;
}

interface Report {
  readonly output: unknown;
  readonly errors: ScriptError[];
}

const here = dirname(fileURLToPath(import.meta.url));
const moduleManifest = join(here, "..", "..", "module", "RoleCredentials.psd1");

/** Starts a PowerShell through node-powershell, in a scratch home and an environment that holds nothing of the developer's. */
export async function openPowerShell(options: SessionOptions = {}): Promise<Session> {
  const executable = findPowerShell().path;
  const room = openCleanRoom(options.env);
  const shell = new PowerShell({
    executable,
    executableOptions: { "-NoProfile": true, "-NonInteractive": options.nonInteractive ?? false },
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
    // One line, whatever the script holds: PowerShell reads its commands from standard input line by line.
    const token = `__${randomBytes(12).toString("hex")}:`;
    const command = `. $__RunScript '${base64(script)}' $${wantsObjects} '${token}'`;
    const record = await shell.invoke([command, ...answers].join("\n")).catch((cause: unknown) => {
      throw new Error(`PowerShell ended in this script:\n${script}`, { cause });
    });
    const stdout = String(record.stdout ?? "").replaceAll("\r\n", "\n");
    const end = stdout.indexOf(token);
    if (end < 0) throw new Error(`PowerShell did not come to the end of this script:\n${script}\n${stdout}`);
    const report = JSON.parse(Buffer.from(stdout.slice(end + token.length), "base64").toString()) as Report;
    if (report.errors.length > 0 && !allowErrors) throw new ScriptFailed(report.errors);
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
      // Its promise reports an exit code other than 0 as an error; how a session ends is no concern of a test.
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
