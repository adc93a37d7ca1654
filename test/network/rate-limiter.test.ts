import { describe, expect, it } from "vitest";
import { createRateLimiter, type RateLimiterSettings } from "../../src/network/rate-limiter.ts";

const throttled = new Error("slow down");
const isThrottled = (error: unknown) => error === throttled;
const never = { signal: new AbortController().signal, say: () => {} };
const soon = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)), random: () => 1 };

/** An STS that accepts a limited number of concurrent calls, and counts them. */
function server(capacity: number) {
  const seen = { underWay: 0, most: 0, refused: 0, answered: 0 };
  const call = async () => {
    seen.underWay++;
    seen.most = Math.max(seen.most, seen.underWay);
    try {
      if (seen.underWay > capacity) {
        seen.refused++;
        throw throttled;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.answered++;
      return "answer";
    } finally {
      seen.underWay--;
    }
  };
  return { seen, call };
}

describe(createRateLimiter.name, () => {
  it("does not limit concurrency without throttling", async () => {
    const { seen, call } = server(1000);
    const rateLimiter = createRateLimiter(soon);
    await Promise.all(Array.from({ length: 100 }, () => rateLimiter.run(call, isThrottled, never)));
    expect(seen.most).toBe(100);
  });

  it("completes a thousand calls when STS accepts only a few at once", async () => {
    const { seen, call } = server(8);
    const rateLimiter = createRateLimiter(soon);
    const answers = await Promise.all(Array.from({ length: 1000 }, () => rateLimiter.run(call, isThrottled, never)));
    expect(answers.every((answer) => answer === "answer")).toBe(true);
    expect(seen.answered).toBe(1000);
  });

  it("slows down after throttling, then speeds up again", async () => {
    const rateLimiter = createRateLimiter(soon);
    const busy = server(1);
    await Promise.all(Array.from({ length: 16 }, () => rateLimiter.run(busy.call, isThrottled, never)));
    const calm = server(1000);
    await Promise.all(Array.from({ length: 16 }, () => rateLimiter.run(calm.call, isThrottled, never)));
    expect(calm.seen.most).toBeLessThan(16);
    for (let round = 0; round < 40; round++)
      await Promise.all(Array.from({ length: 16 }, () => rateLimiter.run(calm.call, isThrottled, never)));
    expect(calm.seen.most).toBe(16);
  });

  it("gives up after twenty seconds", async () => {
    let now = 0;
    const settings: RateLimiterSettings = {
      random: () => 1,
      monotonic: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
    };
    const run = createRateLimiter(settings).run(() => Promise.reject(throttled), isThrottled, never);
    await expect(run).rejects.toBe(throttled);
    expect(now).toBeGreaterThanOrEqual(20_000);
    expect(now).toBeLessThan(30_000);
  });

  it("rethrows other errors immediately", async () => {
    let calls = 0;
    const run = createRateLimiter(soon).run(
      () => {
        calls++;
        return Promise.reject(new Error("denied"));
      },
      isThrottled,
      never,
    );
    await expect(run).rejects.toThrow("denied");
    expect(calls).toBe(1);
  });

  it("lets a caller cancel while it waits for its turn or pauses", async () => {
    const rateLimiter = createRateLimiter({ random: () => 1 });
    const leaving = new AbortController();
    const first = rateLimiter.run(() => Promise.reject(throttled), isThrottled, { ...never, signal: leaving.signal });
    await new Promise((resolve) => setImmediate(resolve));
    let release = () => {};
    const long = rateLimiter.run(() => new Promise<void>((resolve) => (release = resolve)), isThrottled, never);
    const queued = rateLimiter.run(async () => "never", isThrottled, { ...never, signal: leaving.signal });
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "Cancelled" });
    await expect(queued).rejects.toMatchObject({ code: "Cancelled" });
    release();
    await long;
    expect(await rateLimiter.run(async () => "next", isThrottled, never)).toBe("next");
  });
});
