import { RoleError } from "../protocol/errors.ts";

/** Renewals on their way, by file: a refresh token may work only once, so callers share one renewal. */
const renewals = new Map<string, Promise<unknown>>();

/**
 * The outcome of renewing the sign-in in a file, shared by all who ask meanwhile. It goes on for the others when one of
 * them gives up, so the work itself must not end with its first caller's signal.
 * @param service whose answer is waited for, for the error
 * @throws RoleError `Cancelled`, and what the work throws
 */
export function sharedRenewal<T>(
  path: string,
  work: () => Promise<T>,
  signal: AbortSignal,
  service: string,
): Promise<T> {
  let renewal = renewals.get(path) as Promise<T> | undefined;
  if (!renewal) {
    renewal = work().finally(() => renewals.delete(path));
    renewals.set(path, renewal);
  }
  return untilAborted(signal, renewal, service);
}

function untilAborted<T>(signal: AbortSignal, promise: Promise<T>, service: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new RoleError("Cancelled", `Cancelled while waiting for ${service}.`));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
