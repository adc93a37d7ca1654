import { setMaxListeners } from "node:events";
import { cancelled } from "../protocol/errors.ts";

/**
 * Waits until all earlier callers for the same path have left the queue.
 * @returns a function that leaves the queue
 * @throws RoleError `Cancelled`
 */
export async function enterQueue(path: string, signal: AbortSignal): Promise<() => void> {
  const before = queues.get(path);
  let leave = (): void => {};
  const mine = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const tail = (before ?? Promise.resolve()).then(() => mine);
  queues.set(path, tail);
  tail.then(() => {
    if (queues.get(path) === tail) queues.delete(path);
  });
  try {
    if (before) await orCancelled(before, signal);
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

async function orCancelled(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
  });
  if (signal.aborted) throw cancelled();
  // Any number of callers may wait on one signal, so silence Node's warning about a leak.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([wait, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

// Callers in this process queue in order, so that only one at a time polls the file system.
const queues = new Map<string, Promise<void>>();
