import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "./recorder.ts";

/** A fault that hits the next matching call, once or `times` times. The whole object is JSON. */
export interface Fault {
  readonly service?: string;
  readonly action?: string;
  /** The number of calls that it hits, 1 by default. */
  readonly times?: number;
  /** Delays the response. With no other fault, the call then succeeds as usual. */
  readonly delayMs?: number;
  /** Responds with an error in the service's own format. */
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Responds with these bytes. */
  readonly body?: string;
  /** Responds with a filler body of this many bytes. */
  readonly bodyBytes?: number;
  /** Sends the body, real or injected, at this rate. */
  readonly bytesPerSecond?: number;
  /** Closes the connection, either before sending anything or in the middle of the body. */
  readonly cut?: "beforeResponse" | "midBody";
  /** Never answers. */
  readonly hang?: boolean;
}

export interface FaultQueue {
  failNext(fault: Fault): void;
  /** Delays every call by the given milliseconds, until changed. */
  setLatency(milliseconds: number): void;
  /** Takes the first fault that matches the call, and waits for its delay. */
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
