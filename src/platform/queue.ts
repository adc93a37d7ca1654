import { setMaxListeners } from "node:events";
import { cancelled } from "../protocol/errors.ts";

/**
 * Waits until all who came before for the same path have left.
 * @returns how to leave
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
  // As many may wait as there are: that is no leak.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([wait, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

// Within this process callers queue up, in the order they came, so that only one at a time asks the file system.
const queues = new Map<string, Promise<void>>();
