// Runs the contenders in turn and summarizes their times.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs each contender once per round, with a different one first each time, so that a busy moment affects all of them. A contender returns
 * numbers by name. The result has each number's median.
 */
export async function interleave(rounds, contenders) {
  const names = Object.keys(contenders);
  const times = {};
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < names.length; index++) {
      const name = names[(index + round) % names.length];
      for (const [figure, value] of Object.entries(await contenders[name]()))
        times[figure] = [...(times[figure] ?? []), value];
    }
    process.stderr.write(`\r  round ${round + 1} of ${rounds}`);
  }
  process.stderr.write("\n");
  return Object.fromEntries(Object.entries(times).map(([figure, values]) => [figure, median(values)]));
}

/** Milliseconds from the start of a program to its exit. */
export function timeOf(command, args, env, before = () => {}) {
  before();
  const start = performance.now();
  const { status, stderr, error } = spawnSync(command, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
  return time;
}

/** A program that answers each JSON line on standard input with a JSON line. */
export function startWorker(command, args, env) {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  child.once("exit", () => {
    for (const { reject } of waiting) reject(new Error(`${command} ended.`));
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{")) waiting.shift()?.resolve(JSON.parse(line));
  });
  return {
    pid: child.pid,
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    stop: () => child.stdin.end(),
  };
}
