#!/usr/bin/env node
/**
 * The file that Node starts. What is known from the last time is answered by a shortcut, before the rest is loaded: a command is over then.
 * Else the core is loaded, with the bytecode that V8 left.
 */
import "./platform/refuse-debugger.ts";
import { read } from "node:fs";
import { processOutput } from "./command/process-output.ts";
import { compiledCode } from "./compiled-code.ts";
import { answerAtOnce } from "./first-requests.ts";
import { writeAll } from "./platform/write-all.ts";
import { isoTime, takeShortcut } from "./shortcut.ts";

const bundles = { "core.cjs": CORE_HASH, "assume-role.cjs": ASSUME_ROLE_HASH };
const question = process.argv.slice(2);
if (question[0] === "serve") serve();
else runCommand();

function serve(): void {
  // At a terminal Ctrl+C reaches every process of the group. It means PowerShell's pipeline, not the core.
  process.on("SIGINT", () => {});
  const buffer = Buffer.allocUnsafe(65_536);
  const first = () =>
    read(0, buffer, 0, buffer.length, null, (error, size) => {
      if (error?.code === "EAGAIN") return void setTimeout(first, 5);
      // PowerShell has found what it should not, or is gone: the rest is not loaded.
      if (error || size === 0) process.exit(0);
      const answers = answerAtOnce(buffer.subarray(0, size), (line) => writeAll(1, `${line}\n`), Date.now);
      const code = compiledCode(bundles, "serve", answers.environment);
      (code.load("core.cjs") as typeof import("./main.ts")).serve(answers, code.leave);
    });
  first();
}

function runCommand(): void {
  const taken = takeShortcut(question, process.env, Date.now());
  if (taken) {
    const { credentials } = taken.entry;
    writeAll(1, processOutput({ ...credentials, expiration: isoTime(credentials.expiration) }));
    process.exit(0);
  }
  const use = question[0] === "credential-process" ? question[0] : "command";
  compiledCode(bundles, use, process.env).load("core.cjs");
}
