/** Waits that end when the caller presses Ctrl+C. */
import { setMaxListeners } from "node:events";
import { canceled, RoleError } from "../protocol/errors.ts";

/**
 * Calls the listener when the signal is aborted.
 * @returns a function that stops listening
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  // Any number of callers may wait on one signal, so silence Node's warning about a leak.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/**
 * The outcome of a promise, unless the signal is aborted first. The promise's own work continues.
 * @throws RoleError `Cancelled`, or the reason of the signal if that is a RoleError
 */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason instanceof RoleError ? signal.reason : canceled());
    if (signal.aborted) leave();
    const stopListening = onAbort(signal, leave);
    promise.then(resolve, reject).finally(stopListening);
  });
}

/** @throws RoleError `Cancelled`, or the reason of the signal if that is a RoleError */
export async function pause(milliseconds: number, signal = new AbortController().signal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await untilAborted(signal, passed).finally(() => clearTimeout(timer));
}
