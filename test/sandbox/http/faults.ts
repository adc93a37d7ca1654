import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "./recorder.ts";

/** Something that goes wrong, once or `times` times, with the next matching call. All of it is JSON. */
export interface Fault {
  readonly service?: string;
  readonly action?: string;
  /** How many calls it hits, 1 when absent. */
  readonly times?: number;
  /** Waits first. Alone, the call is then answered as usual. */
  readonly delayMs?: number;
  /** Answers with an error of the service's own form. */
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers with these bytes. */
  readonly body?: string;
  /** Answers with a body of so many bytes of filling. */
  readonly bodyBytes?: number;
  /** Sends the body, real or given, at this rateLimiter. */
  readonly bytesPerSecond?: number;
  /** Cuts the connection: before anything is sent, or in the middle of the body. */
  readonly cut?: "beforeResponse" | "midBody";
  /** Never answers. */
  readonly hang?: boolean;
}

export interface FaultQueue {
  failNext(fault: Fault): void;
  /** Delays every call by so many milliseconds, until set again. */
  setLatency(milliseconds: number): void;
  /** Takes the first fault that is meant for the call, and waits as long as it says. */
  next(call: Call): Promise<Fault | undefined>;
  clear(): void;
}

export function createFaultQueue(): FaultQueue {
  let queue: { fault: Fault; left: number }[] = [];
  let latency = 0;
  return {
    failNext: (fault) => queue.push({ fault, left: fault.times ?? 1 }),
    setLatency: (milliseconds) => {
      latency = milliseconds;
    },
    next: async (call) => {
      const entry = queue.find(({ fault }) => concerns(fault, call));
      if (entry) {
        entry.left -= 1;
        if (entry.left <= 0) queue = queue.filter((other) => other !== entry);
      }
      const wait = latency + (entry?.fault.delayMs ?? 0);
      if (wait > 0) await sleep(wait);
      return entry?.fault;
    },
    clear: () => {
      queue = [];
      latency = 0;
    },
  };
}

function concerns(fault: Fault, call: Call): boolean {
  return (
    (fault.service === undefined || fault.service === call.service) &&
    (fault.action === undefined || fault.action === call.action)
  );
}
