/** The command line. The only file that touches the process's standard streams, arguments, environment and exit code. */
import { askMfaCode } from "./command/ask-mfa-code.ts";
import { runCommand } from "./command/command.ts";
import { writeAll } from "./platform/write-all.ts";
import { type Context, environmentOf } from "./protocol/context.ts";
import { createCore } from "./server/core.ts";
import { createHandlers } from "./server/handlers.ts";
import { createServer } from "./server/server.ts";

/** Milliseconds without a request after which a core loads the STS client. */
const warmUpDelay = 200;

/** A core ends after so many milliseconds without a request; the next request starts another. */
const idleLimit = 30 * 60_000;

/** Milliseconds that a core takes at most to write what it still has to write, once nobody asks any longer. */
const endLimit = 1_000;

/** Runs `serve`, or one command and then ends the process. */
export async function main(process: NodeJS.Process): Promise<void> {
  const [command = "--help", ...args] = process.argv.slice(2);
  if (command === "serve") serve(process);
  else await run([command, ...args], process);
}

/** Answers requests on the standard streams until the input ends. */
function serve(process: NodeJS.Process): void {
  const { stdin, platform } = process;
  const core = createCore();
  const server = createServer({
    handlers: createHandlers(core),
    write: (line) => writeAll(1, `${line}\n`),
    platform,
    now: Date.now,
  });
  const whenIdle = (milliseconds: number, act: () => void) => {
    const timer = setTimeout(() => (server.pending() > 0 ? timer.refresh() : act()), milliseconds);
    return timer;
  };
  const warmUp = whenIdle(warmUpDelay, () => {
    // What fails here fails again, and is reported, when a role needs it.
    core.warmUp().catch(() => {});
  });
  const idle = whenIdle(idleLimit, end);

  // At a terminal Ctrl+C reaches every process of the group. It is meant for PowerShell's pipeline.
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
  const core = createCore();
  const { output, complaint, exitCode } = await runCommand(args, core, contextOf(process), askMfaCode);
  await core.settled();
  core.close();
  writeAll(1, output);
  writeAll(2, complaint);
  // Node would wait for idle connections.
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
