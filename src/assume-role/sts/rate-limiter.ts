import { uptime } from "../../platform/uptime.ts";
import type { Context } from "../../protocol/context.ts";
import { cancelled } from "../../protocol/errors.ts";

/**
 * How fast one STS may be asked. It starts without a bound, since STS alone knows its own; an answer that asks to slow down halves what
 * is under way at once, and answers that don't let it grow again, one by one: the way TCP finds the speed of a line.
 */
export interface RateLimiter {
  /**
   * Makes a call as soon as the rateLimiter allows, and again after a pause as long as STS asks to slow down.
   * @param isThrottled whether an error is STS's wish to slow down
   * @throws RoleError `Cancelled`; whatever the call throws, a throttling error only after twenty seconds of patience
   */
  run<Answer>(
    call: () => Promise<Answer>,
    isThrottled: (error: unknown) => boolean,
    context: Pick<Context, "signal" | "say">,
  ): Promise<Answer>;
}

/** Milliseconds after which a call that is throttled again and again is given up. */
const patience = 20_000;
const firstPause = 500;
const longestPause = 5_000;

export interface PaceSettings {
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonic?: () => number;
}

export function createRateLimiter({
  sleep = pause,
  random = Math.random,
  monotonic = uptime,
}: PaceSettings = {}): RateLimiter {
  let limit = Number.POSITIVE_INFINITY;
  let underWay = 0;
  // Calls that were under way together complain together, and mean one thing.
  let started = 0;
  let startedAtCut = 0;
  const waiting: (() => void)[] = [];

  const admit = () => {
    while (underWay < limit && waiting.length > 0) waiting.shift()?.();
  };

  async function enter(signal: AbortSignal): Promise<void> {
    if (underWay >= limit) {
      await new Promise<void>((resolve, reject) => {
        const go = () => {
          signal.removeEventListener("abort", leave);
          underWay++;
          resolve();
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(cancelled());
        };
        waiting.push(go);
        signal.addEventListener("abort", leave, { once: true });
      });
    } else underWay++;
  }

  return {
    async run(call, isThrottled, { signal, say }) {
      const end = monotonic() + patience;
      for (let tries = 0; ; tries++) {
        await enter(signal);
        const mine = ++started;
        try {
          const answer = await call();
          limit += 1 / limit;
          return answer;
        } catch (error) {
          // One that nothing asked to slow down says nothing about the rateLimiter.
          if (!isThrottled(error)) throw error;
          if (mine > startedAtCut) {
            limit = Math.max(1, Math.floor(Math.min(limit, underWay) / 2));
            startedAtCut = started;
          }
          if (monotonic() >= end || signal.aborted) throw error;
          say(`STS asks to slow down: ${limit} at once, after a pause.`);
        } finally {
          underWay--;
          admit();
        }
        // Everybody pauses for another time, or all would come back at once.
        await sleep(random() * Math.min(longestPause, firstPause * 2 ** tries), signal);
      }
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const leave = () => {
      clearTimeout(timer);
      reject(cancelled());
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
}
