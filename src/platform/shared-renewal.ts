import { untilAborted } from "./cancellation.ts";

/** Renewals in progress, by file. A refresh token may work only once, so callers share one renewal. */
const renewals = new Map<string, Promise<unknown>>();

/**
 * The outcome of renewing the sign-in in a file, shared by every caller that asks before it ends. It continues for the others when one of
 * them cancels, so the work must not use its first caller's signal.
 * @throws RoleError `Cancelled`, and what the work throws
 */
export function sharedRenewal<T>(path: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let renewal = renewals.get(path) as Promise<T> | undefined;
  if (!renewal) {
    renewal = work().finally(() => renewals.delete(path));
    renewals.set(path, renewal);
  }
  return untilAborted(signal, renewal);
}
