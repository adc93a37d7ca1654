/** Runs a program that a profile names: its `credential_process` or its `mfa_process`. No shell is involved. */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { onAbort } from "../platform/cancellation.ts";
import { splitCommandLine, UnbalancedCommandLine } from "../platform/split-command-line.ts";
import { codeOf } from "../platform/system-error.ts";
import { settingKeys } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import { findProgram } from "./program-path.ts";

export interface ProfileProgram {
  readonly profileName: string;
  readonly setting: "credentialProcess" | "mfaProcess";
  readonly commandLine: string;
}

const errorCodes = { credentialProcess: "CredentialProcessFailed", mfaProcess: "MfaProcessFailed" } as const;

/** Timeout in milliseconds. Two minutes leave time to sign in or touch a security key. */
const defaultTimeoutMs = 120_000;
/** Session tokens have at most a few thousand bytes. */
const maxOutputBytes = 64 * 1024;
/** Grace period before SIGKILL, and for output that arrives after the program exits. */
const graceMs = 1000;

/**
 * Runs the program and returns its standard output.
 *
 * {@link splitCommandLine} splits the line into a program and its arguments. The program runs in the caller's environment and working
 * directory, without standard input. Errors contain neither its standard output nor its standard error, because both may contain secrets.
 * @throws RoleError `CredentialProcessFailed` or `MfaProcessFailed`; `Cancelled`
 */
export async function runProfileProgram(
  context: Context,
  profile: ProfileProgram,
  timeoutMs: number = defaultTimeoutMs,
): Promise<string> {
  if (context.signal.aborted) throw canceled();
  const { program, args } = commandOf(context, profile);
  const { spawn } = await import("node:child_process");
  context.say(`Running the ${settingKeys[profile.setting]} of profile '${profile.profileName}'.`);

  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        cwd: context.workingDirectory,
        env: { ...context.environment },
        shell: false,
        stdio: ["ignore", "pipe", "pipe"],
        windowsHide: true,
      });
    } catch (error) {
      // Node throws for a NUL in an argument or an environment that is too large.
      return reject(notStarted(context, profile, error));
    }

    const output: Buffer[] = [];
    let outputBytes = 0;
    let errorBytes = 0;
    let stopped: RoleError | undefined;
    let killer: NodeJS.Timeout | undefined;
    let lag: NodeJS.Timeout | undefined;

    const stop = (reason: RoleError) => {
      if (stopped) return;
      stopped = reason;
      child.kill("SIGTERM");
      killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    };
    const stopListening = onAbort(context.signal, () => stop(canceled()));
    const deadline = setTimeout(() => stop(failed(profile, `did not end within ${timeoutMs / 1000} s.`)), timeoutMs);
    const settle = () => {
      clearTimeout(deadline);
      clearTimeout(killer);
      clearTimeout(lag);
      stopListening();
      // A grandchild may still hold the pipes; discard what it writes.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      settle();
      if (stopped) return reject(stopped);
      if (code === 0) return resolve(Buffer.concat(output).toString("utf8"));
      const how = code === null ? `was terminated by ${signal}` : `ended with exit code ${code}`;
      const wrote = errorBytes > 0 ? " and wrote to its standard error" : "";
      reject(failed(profile, `${how}${wrote}.`));
    };

    child.on("error", (error) => {
      // Also emitted when a signal could not be sent; the child still exits later.
      if (child.pid !== undefined) return;
      settle();
      reject(notStarted(context, profile, error));
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes <= maxOutputBytes) output.push(chunk);
      else stop(failed(profile, `printed more than ${maxOutputBytes} bytes.`));
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      errorBytes += chunk.length;
    });
    // `close` waits for the pipes, which a background process (such as an agent) may keep open forever.
    child.on("exit", (code, signal) => {
      lag = setTimeout(() => finish(code, signal), stopped ? 0 : graceMs);
    });
    child.on("close", finish);
  });
}

function commandOf(context: Context, profile: ProfileProgram): { program: string; args: string[] } {
  const [name, ...args] = wordsOf(context, profile);
  if (!name) throw failed(profile, "is empty.", "Give it a command.");
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(name)) {
    // Don't show the name: the text after the equals sign may be a secret.
    throw failed(
      profile,
      "begins with an assignment, which only a shell understands.",
      "Begin it with the program, and set the variable in the environment or in a script.",
    );
  }
  const program = findProgram(name, context);
  if (program.kind === "path") return { program: program.path, args };
  if (program.kind === "notFound") throw notFound(profile, name);
  if (program.kind === "formatError") {
    throw failed(
      profile,
      `names '${program.path}', which is neither a program for this machine nor a script with an interpreter line (exec format error).`,
      "Begin the script with #! and its interpreter. It never runs in a shell.",
    );
  }
  throw failed(
    profile,
    `names the batch file '${program.path}', which only cmd can run.`,
    "Put cmd /c before it. Its arguments then follow cmd's quoting rules.",
  );
}

function wordsOf(context: Context, profile: ProfileProgram): string[] {
  try {
    return splitCommandLine(profile.commandLine, context.platform);
  } catch (error) {
    if (!(error instanceof UnbalancedCommandLine)) throw error;
    throw failed(profile, `${error.message}.`, "Close its quotes.");
  }
}

function notStarted(context: Context, profile: ProfileProgram, error: unknown): RoleError {
  const code = codeOf(error) || "unknown error";
  if (code === "ENOENT" && !existsSync(context.workingDirectory)) {
    return failed(
      profile,
      `cannot run: the directory '${context.workingDirectory}' does not exist.`,
      "Change to a directory that exists.",
    );
  }
  if (code === "ENOENT") {
    const [name = ""] = wordsOf(context, profile);
    // The system reports a script whose interpreter is missing in the same way.
    const isThere = name.includes("/") && existsSync(resolve(context.workingDirectory, name));
    return isThere ? interpreterMissing(profile, name) : notFound(profile, name);
  }
  return failed(profile, `cannot be started (${code}).`);
}

function interpreterMissing(profile: ProfileProgram, name: string): RoleError {
  return failed(
    profile,
    `names '${name}', whose interpreter was not found.`,
    "Correct its first line (#! and the full path of the interpreter), and end it with a line feed alone.",
  );
}

function notFound(profile: ProfileProgram, name: string): RoleError {
  return failed(
    profile,
    `names the program '${name}', which was not found.`,
    "Give its full path, or add its directory to PATH. No shell is used, so a shell's own commands are not programs.",
  );
}

/** @param what the end of a sentence whose subject is the program */
function failed(profile: ProfileProgram, what: string, action = tryItYourself(profile)): RoleError {
  return programFailed(profile, `Its ${settingKeys[profile.setting]} ${what}`, action);
}

/** What to do about a program that failed. */
export function tryItYourself({ commandLine, setting }: ProfileProgram): string {
  // As in the AWS CLI, which passes the operator on as an argument.
  const operator = /(?:^|\s)(\|\|?|&&?|;|\d?>{1,2}|<)(?=\s|$)/.exec(commandLine)?.[1];
  return operator === undefined
    ? "Run the command by hand to see its output, which is not shown here."
    : `Its '${operator}' needs a shell, but ${settingKeys[setting]} runs without one. Put the command into a script and run the script.`;
}

/** The error of a program that failed, or printed something else than expected. */
export function programFailed({ profileName, setting }: ProfileProgram, what: string, action: string): RoleError {
  return new RoleError(errorCodes[setting], `Profile '${profileName}': ${what}`, { target: profileName, action });
}
