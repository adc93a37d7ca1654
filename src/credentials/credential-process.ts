import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { sha256Hex } from "../platform/digest.ts";
import { splitCommandLine, UnbalancedCommandLine } from "../platform/split-command-line.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { CredentialProvider, Credentials } from "../protocol/credentials.ts";
import { NoCredentialsInJson, parseJsonObject, readCredentials } from "../protocol/credentials-json.ts";
import { cancelled, RoleError } from "../protocol/errors.ts";
import { type ExpiryRule, refuseExpired } from "./expired.ts";
import { findProgram } from "./program-path.ts";
import { type Resolution, uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

export interface CredentialProcessOptions extends ExpiryRule {
  /** Timeout in milliseconds. The default of two minutes leaves time to sign in or touch a security key. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 120_000;
/** Session tokens have at most a few thousand bytes. */
const maxOutputBytes = 64 * 1024;
/** Grace period before SIGKILL, and for output that arrives after the program exits. */
const graceMs = 1000;

/** Whether a profile gets its credentials from a program. */
export function hasCredentialProcess({ credentialProcess }: Settings): boolean {
  return credentialProcess !== undefined;
}

export function processSource(profile: Profile): Source {
  const label = `the credential_process of profile ${profile.name}`;
  return {
    kind: "process",
    operation: "CredentialProcess",
    profile,
    summary: label,
    place: () => `credential_process of profile ${profile.name}`,
    about: () => ({}),
    // We cannot know this before the program runs.
    isTemporary: () => false,
    provider: ({ resolution, context, rule }) =>
      uncachedProvider(
        label,
        ["process", profile.settings.credentialProcess, directoryFor(profile, context)],
        (during) => fromCredentialProcess(guardAgainstCycles(profile, resolution, during), profile, rule),
      ),
  };
}

/** Lists the profiles whose `credential_process` led to this process. */
const resolvingVariable = "ROLE_CREDENTIALS_RESOLVING";

/**
 * Returns the context in which a profile's `credential_process` runs. The program may be our own command: if it asks for
 * the same profile in the same files again, it would start processes without end.
 * @throws RoleError `ProfileCycle`
 */
function guardAgainstCycles({ name }: Profile, { files }: Pick<Resolution, "files">, context: Context): Context {
  const { environment } = context;
  const resolving = (environment[resolvingVariable] ?? "").split("\n").filter((line) => line !== "");
  // The name alone is not enough: another config file may have a profile of the same name.
  const mark = sha256Hex(JSON.stringify([files.config, files.credentials, name])).slice(0, 32);
  if (resolving.includes(mark)) {
    throw new RoleError(
      "ProfileCycle",
      `The credential_process of profile '${name}' asks for profile '${name}' again.`,
      {
        target: name,
        action: "Use another profile in it, or give this profile a role or keys.",
      },
    );
  }
  return { ...context, environment: { ...environment, [resolvingVariable]: [...resolving, mark].join("\n") } };
}

/** A relative path selects a different program in each directory, so the directory is part of the identity. */
function directoryFor({ settings }: Profile, { workingDirectory }: Context): string | undefined {
  const [program = ""] = /[^\s"']+/.exec(settings.credentialProcess ?? "") ?? [];
  return /[\\/]/.test(program) && !isAbsolute(program) ? workingDirectory : undefined;
}

/**
 * Runs a profile's `credential_process` and parses its output: JSON with `Version` 1, as in the AWS CLI.
 *
 * No shell is involved: {@link splitCommandLine} splits the line into a program and its arguments. The program runs in
 * the caller's environment and working directory, without standard input. Errors contain neither its standard output nor
 * its standard error, because both may contain secrets.
 * @throws RoleError `CredentialProcessFailed`, `CredentialsExpired`, `Cancelled`
 */
export function fromCredentialProcess(
  context: Context,
  profile: Profile,
  options: CredentialProcessOptions = {},
): CredentialProvider {
  return async () => {
    const output = await run(context, profile, options.timeoutMs ?? defaultTimeoutMs);
    const credentials = parseOutput(profile, output);
    return refuseExpired(
      context,
      credentials,
      {
        subject: `The credential_process of profile '${profile.name}'`,
        target: profile.name,
        action: "Sign in again with the program in credential_process.",
      },
      options,
    );
  };
}

function parseOutput(profile: Profile, output: string): Credentials {
  try {
    const members = parseJsonObject(output);
    if (members.get("Version") !== 1) throw new NoCredentialsInJson("has no Version 1");
    const credentials = readCredentials(members, { token: "SessionToken", temporary: false });
    const accountId = credentials.accountId ?? profile.settings.accountId;
    return accountId ? { ...credentials, accountId } : credentials;
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(profile, `The output of its credential_process ${error.message}.`, tryItYourself(profile));
  }
}

async function run(context: Context, profile: Profile, timeoutMs: number): Promise<string> {
  if (context.signal.aborted) throw cancelled();
  const { program, args } = commandOf(context, profile);
  const { spawn } = await import("node:child_process");
  context.say(`Running the credential_process of profile '${profile.name}'.`);

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
    const onAbort = () => stop(cancelled());
    const deadline = setTimeout(
      () =>
        stop(
          failed(profile, `Its credential_process did not end within ${timeoutMs / 1000} s.`, tryItYourself(profile)),
        ),
      timeoutMs,
    );
    const settle = () => {
      clearTimeout(deadline);
      clearTimeout(killer);
      clearTimeout(lag);
      context.signal.removeEventListener("abort", onAbort);
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
      reject(failed(profile, `Its credential_process ${how}${wrote}.`, tryItYourself(profile)));
    };

    context.signal.addEventListener("abort", onAbort, { once: true });
    child.on("error", (error) => {
      // Also emitted when a signal could not be sent; the child still exits later.
      if (child.pid !== undefined) return;
      settle();
      reject(notStarted(context, profile, error));
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes <= maxOutputBytes) output.push(chunk);
      else
        stop(
          failed(profile, `Its credential_process printed more than ${maxOutputBytes} bytes.`, tryItYourself(profile)),
        );
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

function commandOf(context: Context, profile: Profile): { program: string; args: string[] } {
  const [name, ...args] = wordsOf(context, profile);
  if (!name) throw failed(profile, "Its credential_process is empty.", "Give it the command that prints credentials.");
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(name)) {
    // Don't show the name: the text after the equals sign may be a secret.
    throw failed(
      profile,
      "Its credential_process begins with an assignment, which only a shell understands.",
      "Begin it with the program, and set the variable in the environment or in a script.",
    );
  }
  const program = findProgram(name, context);
  if (program.kind === "path") return { program: program.path, args };
  if (program.kind === "notFound") throw notFound(profile, name);
  if (program.kind === "formatError") {
    throw failed(
      profile,
      `Its credential_process names '${program.path}', which is neither a program for this machine nor a script with an interpreter line (exec format error).`,
      "Begin the script with #! and its interpreter. credential_process never runs in a shell.",
    );
  }
  throw failed(
    profile,
    `Its credential_process names the batch file '${program.path}', which only cmd can run.`,
    "Put cmd /c before it. Its arguments then follow cmd's quoting rules.",
  );
}

function wordsOf(context: Context, profile: Profile): string[] {
  try {
    return splitCommandLine(profile.settings.credentialProcess ?? "", context.platform);
  } catch (error) {
    if (!(error instanceof UnbalancedCommandLine)) throw error;
    throw failed(profile, `Its credential_process ${error.message}.`, "Close its quotes.");
  }
}

function notStarted(context: Context, profile: Profile, error: unknown): RoleError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "ENOENT" && !existsSync(context.workingDirectory)) {
    return failed(
      profile,
      `Its credential_process cannot run: the directory '${context.workingDirectory}' does not exist.`,
      "Change to a directory that exists.",
    );
  }
  if (code === "ENOENT") {
    const [name = ""] = wordsOf(context, profile);
    // The system reports a script whose interpreter is missing in the same way.
    const isThere = name.includes("/") && existsSync(resolve(context.workingDirectory, name));
    return isThere ? interpreterMissing(profile, name) : notFound(profile, name);
  }
  return failed(profile, `Its credential_process cannot be started (${code}).`, tryItYourself(profile));
}

function interpreterMissing(profile: Profile, name: string): RoleError {
  return failed(
    profile,
    `Its credential_process names '${name}', whose interpreter was not found.`,
    "Correct its first line (#! and the full path of the interpreter), and end it with a line feed alone.",
  );
}

function notFound(profile: Profile, name: string): RoleError {
  return failed(
    profile,
    `Its credential_process names the program '${name}', which was not found.`,
    "Give its full path, or add its directory to PATH. No shell is used, so a shell's own commands are not programs.",
  );
}

function tryItYourself({ settings }: Profile): string {
  // As in the AWS CLI, which passes the operator on as an argument.
  const operator = /(?:^|\s)(\|\|?|&&?|;|\d?>{1,2}|<)(?=\s|$)/.exec(settings.credentialProcess ?? "")?.[1];
  return operator === undefined
    ? "Run the command by hand to see its output, which is not shown here."
    : `Its '${operator}' needs a shell, but credential_process runs without one. Put the command into a script and run the script.`;
}

function failed(profile: Profile, what: string, action: string): RoleError {
  return new RoleError("CredentialProcessFailed", `Profile '${profile.name}': ${what}`, {
    target: profile.name,
    action,
  });
}
