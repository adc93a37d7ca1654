/** What start.ts loads: the only file that touches the process's arguments, standard streams, environment and exit code. */
import { read } from "node:fs";
import { runCommand } from "./command/command.ts";
import type { FirstAnswers } from "./first-requests.ts";
import { uptime } from "./platform/uptime.ts";
import { writeAll } from "./platform/write-all.ts";
import { type Context, environmentOf } from "./protocol/context.ts";
import { rehearseRoles, rehearseSts } from "./rehearsal.ts";
import { createCore } from "./server/core.ts";
import { createHandlers, noteUsed } from "./server/handlers.ts";
import { createServer } from "./server/server.ts";
import { leaveShortcut } from "./shortcut.ts";

/** So long (milliseconds) nobody has asked before a core rehearses. */
const rehearsalDelay = 200;

/** So long (milliseconds) after the last of so many requests, a core gives back what it no longer uses. */
const tidyAfter = 5_000;
const tidyAfterReads = 500;

/** A core that nobody has asked for so long (milliseconds) ends; the next request starts another. */
const idleLimit = 30 * 60_000;

const [command, ...args] = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) < 20) {
  writeAll(2, `role-credentials needs Node.js 20 or later; this is ${process.version}.\n`);
  process.exit(1);
}

if (command !== "serve") void run();

/**
 * Takes over from what was answered before the core was there.
 * @param leaveCode leaves the bytecode of what is compiled by then for the next core
 */
export function serve({ rest, used }: FirstAnswers, leaveCode: () => void): void {
  const core = createCore();
  for (const { result, context } of used) noteUsed(core, result, { ...contextOf(), ...context });
  const server = createServer({
    handlers: createHandlers(core, {
      leave: (question, environment, basis, result) => leaveShortcut(question, environment, basis, result, __filename),
      rehearse,
    }),
    write: (line) => writeAll(1, `${line}\n`),
    platform: process.platform,
    now: Date.now,
  });
  let idle: NodeJS.Timeout | undefined;
  // V8 lets garbage grow to three times of what is in use, and a core may be idle for hours after it has served a thousand roles. Not in
  // between: V8 forgets by it what makes the next request fast. There is something to call where Node was started with --expose-gc.
  let reads = 0;
  let asked = uptime();
  const tidy = () => {
    if (reads < tidyAfterReads || server.pending() > 0) return;
    reads = 0;
    globalThis.gc?.();
  };
  const tidying = setTimeout(tidy, tidyAfter).unref();
  const buffer = Buffer.allocUnsafe(65_536);
  // fs.read on the descriptor is lighter than process.stdin, which loads the whole of node:net.
  const next = () => {
    clearTimeout(idle);
    idle = setTimeout(() => (server.pending() > 0 ? idle?.refresh() : end()), idleLimit).unref();
    read(0, buffer, 0, buffer.length, null, (error, size) => {
      if (error && error.code === "EAGAIN") return void setTimeout(next, 5);
      if (error || size === 0) return end();
      server.feed(Buffer.from(buffer.subarray(0, size)));
      reads++;
      asked = uptime();
      tidying.refresh();
      next();
    });
  };
  const end = () => {
    server.close();
    core.close();
    // What was answered just now is still to be written; a lock that somebody holds is not waited for long.
    setTimeout(() => process.exit(0), 1000);
    void core.settled().then(() => process.exit(0));
  };
  server.feed(rest);
  next();

  // Nobody waits for it, and what it finds wrong the first role will tell.
  function rehearse(context: Context): void {
    rehearseRoles(core, context, turn)
      // Who works with roles that are cached may never ask STS, and need not carry the client.
      .then(() => (core.holdsRoles(context) ? undefined : rehearseSts(core, context, turn)))
      .catch(() => {})
      .finally(leaveCode);
  }

  async function turn(): Promise<void> {
    const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref());
    // What has come meanwhile is read first.
    await pause(0);
    while (server.pending() > 0 || uptime() - asked < rehearsalDelay) await pause(rehearsalDelay / 4);
  }
}

async function run(): Promise<void> {
  const core = createCore();
  const outcome = await runCommand([command ?? "--help", ...args], core, contextOf());
  await core.settled();
  core.close();
  writeAll(1, outcome.output);
  writeAll(2, outcome.complaint);
  const { basis, result } = outcome;
  if (basis && result) leaveShortcut(process.argv.slice(2), process.env, basis, result, __filename);
  // All is written; what Node would wait for is an idle connection at most.
  process.exit(outcome.exitCode);
}

function contextOf(): Context {
  return {
    environment: environmentOf(process.env, process.platform),
    workingDirectory: process.cwd(),
    platform: process.platform,
    now: Date.now,
    signal: new AbortController().signal,
    say: () => {},
  };
}
