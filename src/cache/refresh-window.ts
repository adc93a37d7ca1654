import type { CachedOperation, CacheRequest } from "./cache-request.ts";
import type { ParsedEntry } from "./entry-format.ts";

const minute = 60_000;
const hour = 60 * minute;

/** Clock skew that STS tolerates in a signature. */
const clockTolerance = 5 * minute;

/**
 * botocore's refresh windows (`RefreshableCredentials` in credentials.py). A session with less than `early` left is refreshed, but still
 * used if there is no response. A session with less than `must` left is not used.
 */
const refreshWindows = { early: 15 * minute, must: 10 * minute } as const;

export type RefreshWindow = keyof typeof refreshWindows;

const longestSession: Readonly<Record<CachedOperation, number>> = {
  AssumeRole: 12 * hour,
  AssumeRoleWithSAML: 12 * hour,
  AssumeRoleWithWebIdentity: 12 * hour,
  GetSessionToken: 36 * hour,
  GetRoleCredentials: 12 * hour,
};

/** Default length of a session in STS. For IAM Identity Center the permission set decides. */
const unaskedSession: Readonly<Record<CachedOperation, number>> = {
  AssumeRole: hour,
  AssumeRoleWithSAML: hour,
  AssumeRoleWithWebIdentity: hour,
  GetSessionToken: 12 * hour,
  GetRoleCredentials: longestSession.GetRoleCredentials,
};

/** The parts of a request that its expiry depends on. */
export type TimedRequest = Pick<CacheRequest, "operation" | "durationSeconds" | "cliKey">;

/**
 * Whether the entry has enough time left: 15 minutes, or a quarter of a session shorter than an hour, so that a session of 15 minutes can
 * be cached too. If the entry does not record the session's length, uses the requested length, or an hour.
 *
 * The local clock may be wrong, so an entry expires at its expiration, or when its length has passed by the local clock, whichever comes
 * first. Rejects an entry from the future, or one that lasts longer than STS allows.
 * @param now milliseconds since the epoch
 * @param window `must` if the session cannot be refreshed
 */
export function hasTimeLeft(
  parsed: ParsedEntry,
  request: TimedRequest,
  now: number,
  window: RefreshWindow = "early",
): boolean {
  if (isFromFuture(parsed, request.operation, now)) return false;
  const { length, most } = lengthsOf(parsed, request);
  const obtainedAt = obtainedAtOf(parsed);
  const expiration = parsed.entry.credentials.expiration.getTime();
  const end = obtainedAt === undefined ? expiration : Math.min(expiration, obtainedAt + most);
  return end > now && end - now >= refreshWindowOf(length, window);
}

/** Milliseconds before its end at which a session of a length is refreshed. A session shorter than an hour has proportionally shorter windows. */
export function refreshWindowOf(length: number, window: RefreshWindow = "early"): number {
  return Math.min(refreshWindows[window], (length * refreshWindows[window]) / hour);
}

/** By the local clock. The AWS CLI writes an entry as soon as it has the response. */
function obtainedAtOf({ origin, writtenAt }: ParsedEntry): number | undefined {
  return origin ? origin.obtainedAt : writtenAt;
}

/**
 * The assumed and the maximum length of the session, in milliseconds: from STS's own times, or else as requested. If the local clock is
 * behind STS's, a session of the default length would seem longer than it is, so the default is the maximum.
 */
function lengthsOf(parsed: ParsedEntry, request: TimedRequest): { readonly length: number; readonly most: number } {
  const { entry, origin, givenAt } = parsed;
  const expiration = entry.credentials.expiration.getTime();
  const asked = origin
    ? origin.durationSeconds
    : (request.durationSeconds ?? numberOf(request.cliKey?.DurationSeconds));
  const unasked = unaskedSession[request.operation];
  if (asked !== undefined) return { length: asked * 1000, most: asked * 1000 };
  if (origin) {
    const length = Math.min(expiration - origin.obtainedAt, unasked);
    return { length, most: length };
  }
  return { length: hour, most: givenAt === undefined ? unasked : Math.min(expiration - givenAt, unasked) };
}

/**
 * Whether the entry may still be in use and so must not be replaced. The AWS CLI replaces its own entries with less than 15 minutes left;
 * this module uses its entries until they expire.
 */
export function isAlive(parsed: ParsedEntry, operation: CachedOperation, now: number): boolean {
  if (isFromFuture(parsed, operation, now)) return false;
  const left = parsed.entry.credentials.expiration.getTime() - now;
  return parsed.origin ? left > 0 : left >= refreshWindows.early;
}

export function isExpired(parsed: ParsedEntry, now: number): boolean {
  return parsed.entry.credentials.expiration.getTime() <= now;
}

function isFromFuture(parsed: ParsedEntry, operation: CachedOperation, now: number): boolean {
  const { entry, origin } = parsed;
  if ((obtainedAtOf(parsed) ?? now) > now + clockTolerance) return true;
  const longest = longestSession[origin?.operation ?? operation];
  return !(entry.credentials.expiration.getTime() - now <= longest + clockTolerance);
}

function numberOf(value: string | number | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
