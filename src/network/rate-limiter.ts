import { onAbort, pause } from "../platform/cancellation.ts";
import { uptime } from "../platform/uptime.ts";
import type { Context } from "../protocol/context.ts";
import { canceled } from "../protocol/errors.ts";

/**
 * Limits concurrent calls to one endpoint. It starts without a limit, because only the service knows its own. A throttled response halves
 * the number of concurrent calls, and each success raises it a little, as in TCP congestion control.
 */
export interface RateLimiter {
  /**
   * Makes a call as soon as the limiter allows it, and retries it after a pause while the service throttles it.
   * @param isThrottled whether an error means that the service throttled the call
   * @throws RoleError `Cancelled`; any error of the call, a throttling error only after twenty seconds
   */
  run<Answer>(
    call: () => Promise<Answer>,
    isThrottled: (error: unknown) => boolean,
    context: Pick<Context, "signal" | "say">,
  ): Promise<Answer>;
}

/** Milliseconds after which a throttled call gives up. */
const patience = 20_000;
const firstPause = 500;
const longestPause = 5_000;

export interface RateLimiterSettings {
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** A monotonic clock, in milliseconds. */
  readonly monotonic?: () => number;
}

export function createRateLimiter({
  sleep = pause,
  random = Math.random,
  monotonic = uptime,
}: RateLimiterSettings = {}): RateLimiter {
  let limit = Number.POSITIVE_INFINITY;
  let underWay = 0;
  // Concurrent calls are throttled together, which counts once.
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
          stopListening();
          underWay++;
          resolve();
        };
        const stopListening = onAbort(signal, () => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(canceled());
        });
        waiting.push(go);
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
          // An error other than throttling says nothing about the limit.
          if (!isThrottled(error)) throw error;
          if (mine > startedAtCut) {
            limit = Math.max(1, Math.floor(Math.min(limit, underWay) / 2));
            startedAtCut = started;
          }
          if (monotonic() >= end || signal.aborted) throw error;
          say(`AWS is throttling requests: pausing, then sending at most ${limit} at once.`);
        } finally {
          underWay--;
          admit();
        }
        // Add jitter, so that the calls don't all return at once.
        await sleep(random() * Math.min(longestPause, firstPause * 2 ** tries), signal);
      }
    },
  };
}
