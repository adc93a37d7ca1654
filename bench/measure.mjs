// Running things in turn, and what their times come to.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs each contender once a round, beginning with another one each time, so that a busy moment of the machine meets all of them.
 * A contender gives numbers by name; the result has the medians of each.
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

/** Milliseconds from the start of a program to its end. */
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

/** A program that answers each line on its standard input with a line of JSON. */
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
