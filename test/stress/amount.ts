import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";

/** Whether this is `npm run stress`. `npm test` runs a short form of some parts, which takes seconds. */
export const isFull = process.env.STRESS === "full";

export function amount(short: number, full: number): number {
  return isFull ? full : short;
}

/** Records a figure for the table at the end of `npm run stress`. */
export function figure(what: string, value: string | number): void {
  const file = process.env.STRESS_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify([what, String(value)])}\n`);
}

/** Seeds the random numbers: STRESS_SEED, or a new seed. A failure reports the seed. */
export const seed = Number(process.env.STRESS_SEED ?? Date.now() % 1_000_000_000);

/** A random number from 0 up to but excluding 1 (Mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Random choices, from the seed. */
export function randomChoices() {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return { random, below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

/** Whether strace works here: it may be missing or forbidden. */
export function hasStrace(): boolean {
  return process.platform === "linux" && spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
}
