import { cancelled, RoleError } from "../protocol/errors.ts";

/**
 * The outcome of a promise, unless the signal is aborted first. The promise's own work continues.
 * @throws RoleError `Cancelled`, or the reason of the signal if that is a RoleError
 */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason instanceof RoleError ? signal.reason : cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
