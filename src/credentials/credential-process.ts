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
  /** Milliseconds that the program may take: two minutes when absent, enough for a sign-in or a touch of a key. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 120_000;
/** A session token has at most a few thousand bytes. */
const maxOutputBytes = 64 * 1024;
/** How long a program that was told to end may tidy up, and how long output may lag behind the end of its program. */
const graceMs = 1000;

/** Whether a profile takes its credentials from a program. */
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
    // What the program gives is not known beforehand.
    isTemporary: () => false,
    provider: ({ resolution, context, rule }) =>
      uncachedProvider(
        label,
        ["process", profile.settings.credentialProcess, directoryFor(profile, context)],
        (during) => fromCredentialProcess(guardAgainstCycles(profile, resolution, during), profile, rule),
      ),
  };
}

/** Names the profiles whose `credential_process` led to this process. */
const resolvingVariable = "ROLE_CREDENTIALS_RESOLVING";

/**
 * The context in which a profile's `credential_process` runs. It may be our own command: asked for the same profile of the same files
 * again, it would start processes without end.
 * @throws RoleError `ProfileCycle`
 */
function guardAgainstCycles({ name }: Profile, { files }: Pick<Resolution, "files">, context: Context): Context {
  const { environment } = context;
  const resolving = (environment[resolvingVariable] ?? "").split("\n").filter((line) => line !== "");
  // The name alone does not tell: another config file has profiles of its own.
  const mark = sha256Hex(JSON.stringify([files.config, files.credentials, name])).slice(0, 32);
  if (resolving.includes(mark)) {
    throw new RoleError(
      "ProfileCycle",
      `The credential_process of profile '${name}' asks for profile '${name}' again.`,
      {
        target: name,
        action: "Let it name another profile, or give this one a role or keys.",
      },
    );
  }
  return { ...context, environment: { ...environment, [resolvingVariable]: [...resolving, mark].join("\n") } };
}

/** A program that is named by a relative path is another one in another folder. */
function directoryFor({ settings }: Profile, { workingDirectory }: Context): string | undefined {
  const [program = ""] = /[^\s"']+/.exec(settings.credentialProcess ?? "") ?? [];
  return /[\\/]/.test(program) && !isAbsolute(program) ? workingDirectory : undefined;
}

/**
 * What the program named by a profile's `credential_process` prints: JSON with `Version` 1, as the AWS CLI reads it.
 *
 * The line goes to no shell: it is split by {@link splitCommandLine} and its first word is started with the others as
 * arguments, in the caller's environment and working directory, with no standard input. What it prints appears in no
 * error, neither its standard output nor its standard error, because both may hold secrets.
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
        action: "Sign in again with the program that credential_process names.",
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
      // A NUL in an argument, or an environment too large: Node says it by throwing.
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
      // A grandchild may still hold the pipes; nothing that it writes is wanted any more.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      settle();
      if (stopped) return reject(stopped);
      if (code === 0) return resolve(Buffer.concat(output).toString("utf8"));
      const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
      const wrote = errorBytes > 0 ? ", and said why on its standard error" : "";
      reject(failed(profile, `Its credential_process ${how}${wrote}.`, tryItYourself(profile)));
    };

    context.signal.addEventListener("abort", onAbort, { once: true });
    child.on("error", (error) => {
      // Also told when a signal could not be sent; then the child still ends in its own way.
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
    // `close` waits for the pipes, which a program left running in the background (an agent) may hold for ever.
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
    // Not named: what follows the equals sign may be a secret.
    throw failed(
      profile,
      "Its credential_process begins with an assignment, which only a shell understands.",
      "Begin it with the program, and set the variable in the environment or in a script of your own.",
    );
  }
  const program = findProgram(name, context);
  if (program.kind === "path") return { program: program.path, args };
  if (program.kind === "notFound") throw notFound(profile, name);
  if (program.kind === "formatError") {
    throw failed(
      profile,
      `Its credential_process names '${program.path}', which is no program for this machine and no script that names its interpreter (exec format error).`,
      "Begin a script with #! and its interpreter; no shell is ever used.",
    );
  }
  throw failed(
    profile,
    `Its credential_process names the batch file '${program.path}', which only cmd can run.`,
    "Write cmd /c before it: then you choose the shell, and its rules for the arguments hold.",
  );
}

function wordsOf(context: Context, profile: Profile): string[] {
  try {
    return splitCommandLine(profile.settings.credentialProcess ?? "", context.platform);
  } catch (error) {
    if (!(error instanceof UnbalancedCommandLine)) throw error;
    throw failed(profile, `Its credential_process ${error.message}.`, "Close the quotes in it.");
  }
}

function notStarted(context: Context, profile: Profile, error: unknown): RoleError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "ENOENT" && !existsSync(context.workingDirectory)) {
    return failed(
      profile,
      `Its credential_process cannot run: the directory '${context.workingDirectory}' does not exist.`,
      "Go to a directory that exists.",
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
  // As in the AWS CLI, to which the next word is an argument like any other.
  const operator = /(?:^|\s)(\|\|?|&&?|;|\d?>{1,2}|<)(?=\s|$)/.exec(settings.credentialProcess ?? "")?.[1];
  return operator === undefined
    ? "Run the command of credential_process by itself to see what it says; it is not shown here."
    : `Its '${operator}' is for a shell, and no shell is used: put the command into a script, and name that.`;
}

function failed(profile: Profile, what: string, action: string): RoleError {
  return new RoleError("CredentialProcessFailed", `Profile '${profile.name}': ${what}`, {
    target: profile.name,
    action,
  });
}
