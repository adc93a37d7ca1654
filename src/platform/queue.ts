import { untilAborted } from "./cancellation.ts";

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
    if (before) await untilAborted(signal, before);
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

// Callers in this process queue in order, so that only one at a time polls the file system.
const queues = new Map<string, Promise<void>>();
