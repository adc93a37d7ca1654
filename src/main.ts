/** The command line. Only this file, entry.ts and launcher.ts use the standard streams, arguments and exit code of the process. */
import { askMfaCode } from "./command/ask-mfa-code.ts";
import { runCommand } from "./command/command.ts";
import { programOf } from "./platform/command-line.ts";
import { writeAll } from "./platform/write-all.ts";
import { type Context, environmentOf } from "./protocol/context.ts";
import { Core } from "./server/core.ts";
import { createHandlers } from "./server/handlers.ts";
import { createServer } from "./server/server.ts";

/** Milliseconds without a request after which a core loads the STS client. */
const warmUpDelay = 200;

/** Milliseconds without a request after which a core exits. The next request starts another. */
const idleLimit = 30 * 60_000;

/** Maximum time for a core's last writes after its input ends, in milliseconds. */
const endLimit = 1_000;

/** Runs `serve`, or runs one command and exits. */
export async function main(process: NodeJS.Process): Promise<void> {
  const [command = "--help", ...args] = process.argv.slice(2);
  if (command === "serve") serve(process);
  else await run([command, ...args], process);
}

/** Answers requests on the standard streams until the input ends. */
function serve(process: NodeJS.Process): void {
  const { stdin, platform } = process;
  const core = new Core({}, programOf(process));
  const server = createServer({
    handlers: createHandlers(core),
    write: (line) => writeAll(1, `${line}\n`),
    platform,
    now: Date.now,
  });
  // A program may use an endpoint for hours, in which PowerShell sends no request.
  const isBusy = () => server.pending() > 0 || core.endpoints.size > 0;
  const whenIdle = (milliseconds: number, act: () => void) => {
    const timer = setTimeout(() => (isBusy() ? timer.refresh() : act()), milliseconds);
    return timer;
  };
  const warmUp = whenIdle(warmUpDelay, () => {
    // A failure here occurs again when a role needs the client, and is reported then.
    core.warmUp().catch(() => {});
  });
  const idle = whenIdle(idleLimit, end);

  // At a terminal Ctrl+C reaches every process of the group. It is meant for PowerShell's pipeline, so ignore it here.
  process.on("SIGINT", () => {});
  stdin.on("data", (chunk: Buffer) => {
    warmUp.refresh();
    idle.refresh();
    server.feed(chunk);
  });
  stdin.on("end", end);
  stdin.on("error", end);

  function end(): void {
    server.close();
    core.close();
    setTimeout(() => process.exit(0), endLimit);
    void core.settled().then(() => process.exit(0));
  }
}

async function run(args: readonly string[], process: NodeJS.Process): Promise<void> {
  const core = new Core({}, programOf(process));
  const { output, complaint, exitCode } = await runCommand(args, core, contextOf(process), askMfaCode);
  await core.settled();
  core.close();
  writeAll(1, output);
  writeAll(2, complaint);
  // Exit explicitly, because Node would wait for idle connections.
  process.exit(exitCode);
}

function contextOf({ env, cwd, platform }: NodeJS.Process): Context {
  return {
    environment: environmentOf(env, platform),
    workingDirectory: cwd(),
    platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => {},
  };
}
