import type { CachedOperation, CacheRequest } from "./cache-request.ts";
import type { ParsedEntry } from "./entry-format.ts";

const minute = 60_000;
const hour = 60 * minute;

/** What a clock may be off by before STS refuses its signatures. */
const clockTolerance = 5 * minute;

/**
 * botocore's two limits (`RefreshableCredentials` in credentials.py). A session with less than `early` left is refreshed, but still used
 * where that fails; one with less than `must` left is not used.
 */
const refreshWindows = { early: 15 * minute, must: 10 * minute } as const;

export type RefreshWindow = keyof typeof refreshWindows;

const longestSession: Readonly<Record<CachedOperation, number>> = {
  AssumeRole: 12 * hour,
  AssumeRoleWithWebIdentity: 12 * hour,
  GetSessionToken: 36 * hour,
  GetRoleCredentials: 12 * hour,
};

/** What STS gives when no length is asked for; IAM Identity Center gives what its permission set says. */
const unaskedSession: Readonly<Record<CachedOperation, number>> = {
  AssumeRole: hour,
  AssumeRoleWithWebIdentity: hour,
  GetSessionToken: 12 * hour,
  GetRoleCredentials: longestSession.GetRoleCredentials,
};

/** What of a request its time depends on. */
export type TimedRequest = Pick<CacheRequest, "operation" | "durationSeconds" | "cliKey">;

/**
 * Whether the entry answers for long enough: 15 minutes, or a quarter of a session shorter than an hour, so that sessions of 15 minutes
 * are of use too. A session whose length nobody wrote down is taken for as long as the request asks, or an hour.
 *
 * The clock is not to be trusted, so an entry ends when STS said, or when its length is over by our own clock, whichever comes first;
 * and one that was obtained in the future, or lasts longer than STS grants, is foreign.
 * @param now milliseconds since the epoch
 * @param window `must` for where the session cannot be refreshed
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
  // Of a short session the same share: a quarter of an hour's session, and two thirds of that.
  const share = refreshWindows[window] / hour;
  return end > now && end - now >= Math.min(refreshWindows[window], length * share);
}

/** By our clock; the AWS CLI writes an entry down as soon as it has it. */
function obtainedAtOf({ origin, writtenAt }: ParsedEntry): number | undefined {
  return origin ? origin.obtainedAt : writtenAt;
}

/**
 * What the session's length is taken for, and what it is at most, in milliseconds. STS's own times tell, else what was asked for. By a
 * clock that is behind STS's a session that was not asked for would seem longer than it is, so what STS gives unasked is the most.
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
 * Whether somebody may still be using the entry, so that its place is not ours to take.
 * The AWS CLI replaces its own once they have less than 15 minutes; ours are good to the end for whoever obtained them.
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
