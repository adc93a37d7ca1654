import { describe, expect, it } from "vitest";
import type { CachedOperation } from "../../src/cache/cache-request.ts";
import type { ParsedEntry } from "../../src/cache/entry-format.ts";
import { hasTimeLeft, isAlive } from "../../src/cache/refresh-window.ts";
import { answer, cliRequest, hour, minute, start } from "./fixtures.ts";

const day = 24 * hour;

/** An entry of this module, requested at the start. */
function ours(seconds: number | undefined, expiration: number, operation: CachedOperation = "AssumeRole"): ParsedEntry {
  return {
    entry: answer({ expiration }),
    origin: {
      cacheKey: "0",
      operation,
      obtainedAt: start,
      ...(seconds === undefined ? {} : { durationSeconds: seconds }),
      profileNames: [],
    },
  };
}

function theirs(expiration: number): ParsedEntry {
  return { entry: answer({ expiration }) };
}

describe(hasTimeLeft, () => {
  const anHour = ours(3600, start + hour);
  const quarter = ours(900, start + 15 * minute);
  const unknown = ours(undefined, start + 20 * minute);
  it.each([
    ["an hour, fresh", anHour, 0, true],
    ["an hour, 15 minutes left", anHour, 45 * minute, true],
    ["an hour, less than 15 minutes left", anHour, 45 * minute + 1, false],
    ["12 hours, 14 minutes left", ours(43_200, start + 12 * hour), 12 * hour - 14 * minute, false],
    ["15 minutes, a quarter left", quarter, 11.25 * minute, true],
    ["15 minutes, less than a quarter left", quarter, 11.26 * minute, false],
    ["an unknown length of 20 minutes, 5 left", unknown, 15 * minute, true],
    ["an unknown length of 20 minutes, 4 left", unknown, 16 * minute, false],
    ["expired to the millisecond", anHour, hour, false],
    ["expired a day ago", anHour, day, false],
    ["an invalid expiration", ours(3600, Number.NaN), 0, false],
    ["a length of zero", ours(0, start + hour), 0, false],
    ["a local clock an hour behind STS's, fresh", ours(3600, start + 2 * hour), 0, true],
    ["a local clock an hour behind STS's, after an hour", ours(3600, start + 2 * hour), hour, false],
    ["a local clock an hour ahead of STS's", ours(3600, start), 0, false],
    ["a clock that was set back by ten minutes", anHour, -10 * minute, false],
    ["a clock that was set back by a minute", anHour, -minute, true],
    ["longer than a role's session can be", ours(undefined, start + 13 * hour), 0, false],
    ["from the far future", ours(3600, Date.parse("2099-01-01T00:00:00Z")), 0, false],
  ])("for %s", (_what, parsed, at, hit) => {
    expect(hasTimeLeft(parsed, cliRequest({ durationSeconds: 3600 }), start + at)).toBe(hit);
  });

  it.each([
    { left: 15, early: true, must: true },
    { left: 14, early: false, must: true },
    { left: 10, early: false, must: true },
    { left: 9, early: false, must: false },
    { left: 0, early: false, must: false },
  ])(
    "of an hour, $left minutes left: is used without a refresh ($early), is used if STS is unreachable ($must)",
    ({ left, ...expected }) => {
      for (const parsed of [ours(3600, start + hour), theirs(start + hour)]) {
        const at = (window: "early" | "must") =>
          hasTimeLeft(parsed, cliRequest(), start + hour - left * minute, window);
        expect({ early: at("early"), must: at("must") }).toEqual(expected);
      }
    },
  );

  it.each([
    { seconds: 226, must: true, early: true },
    { seconds: 224, must: true, early: false },
    { seconds: 151, must: true, early: false },
    { seconds: 149, must: false, early: false },
  ])("scales the windows for 15 minutes, $seconds s left", ({ seconds, ...expected }) => {
    const now = start + 15 * minute - seconds * 1000;
    const at = (window: "early" | "must") =>
      hasTimeLeft(ours(900, start + 15 * minute), cliRequest({ durationSeconds: 900 }), now, window);
    expect({ early: at("early"), must: at("must") }).toEqual(expected);
  });

  it.each([
    { what: "an hour by default", request: cliRequest(), left: 15 * minute, hit: true },
    { what: "an hour by default, less left", request: cliRequest(), left: 14 * minute, hit: false },
    { what: "15 minutes by the CLI's key", request: { DurationSeconds: 900 }, left: 4 * minute, hit: true },
    { what: "15 minutes by the CLI's key, less left", request: { DurationSeconds: 900 }, left: 3 * minute, hit: false },
  ])("assumes $what for an entry of the AWS CLI ($hit)", ({ request, left, hit }) => {
    const { durationSeconds: _, ...base } = cliRequest();
    const asked = "DurationSeconds" in request ? { ...base, cliKey: { ...base.cliKey, ...request } } : base;
    expect(hasTimeLeft(theirs(start + left), asked, start)).toBe(hit);
  });

  // Times are local, except `given` and `expiration`, which are STS's.
  it.each([
    { what: "written just now", written: 0, at: 0, hit: true },
    { what: "written an hour ago by a clock an hour behind", written: 0, ahead: hour, at: hour, hit: false },
    { what: "written 40 minutes ago by a clock an hour behind", written: 0, ahead: hour, at: 40 * minute, hit: true },
    {
      what: "in its last minutes, by a clock 12 hours behind",
      written: 0,
      ahead: 12 * hour,
      at: 50 * minute,
      hit: false,
    },
    { what: "written in the future", written: 10 * minute, at: 0, hit: false },
    { what: "written in a moment", written: minute, at: 0, hit: true },
    { what: "of three hours, after two", written: 0, length: 3 * hour, asked: 10_800, at: 2 * hour, hit: true },
    {
      what: "of three hours, after three",
      written: 0,
      length: 3 * hour,
      asked: 10_800,
      ahead: hour,
      at: 3 * hour,
      hit: false,
    },
    { what: "copied later, before it expires", written: 30 * minute, at: 40 * minute, hit: true },
    { what: "copied later, after it expired", written: 55 * minute, at: 65 * minute, hit: false },
  ])("is $hit for an entry of the AWS CLI $what", ({ written, ahead = 0, length = hour, asked, at, hit }) => {
    const given = start + ahead;
    const { durationSeconds: _, ...base } = cliRequest();
    const request = asked === undefined ? base : { ...base, cliKey: { ...base.cliKey, DurationSeconds: asked } };
    const withHead = { ...theirs(given + length), writtenAt: start + written, givenAt: given };
    expect(hasTimeLeft(withHead, request, start + at)).toBe(hit);
    // Without the headers of STS's response, the requested length leads to the same result.
    const { givenAt: __, ...headless } = withHead;
    expect(hasTimeLeft(headless, request, start + at)).toBe(hit);
  });

  it("accepts an entry of IAM Identity Center for at most twelve hours, because its length is unknown", () => {
    const request = cliRequest({ operation: "GetRoleCredentials" });
    const entry = { ...theirs(start + 12 * hour + 4 * minute), writtenAt: start };
    expect(hasTimeLeft(entry, request, start)).toBe(true);
    expect(hasTimeLeft(entry, request, start + 12 * hour)).toBe(false);
  });

  it.each([
    { operation: "AssumeRole", hours: 12 },
    { operation: "AssumeRoleWithWebIdentity", hours: 12 },
    { operation: "GetRoleCredentials", hours: 12 },
    { operation: "GetSessionToken", hours: 36 },
  ] as const)("accepts $operation for at most $hours hours", ({ operation, hours }) => {
    const request = cliRequest({ operation });
    expect(hasTimeLeft(ours(undefined, start + hours * hour, operation), request, start)).toBe(true);
    expect(hasTimeLeft(ours(undefined, start + (hours + 1) * hour, operation), request, start)).toBe(false);
    expect(hasTimeLeft(theirs(start + hours * hour), request, start)).toBe(true);
    expect(hasTimeLeft(theirs(start + (hours + 1) * hour), request, start)).toBe(false);
  });
});

describe(isAlive, () => {
  it.each([
    { what: "an entry of this module with a second left", parsed: ours(3600, start + 1000), alive: true },
    { what: "an expired entry of this module", parsed: ours(3600, start), alive: false },
    { what: "an entry of the AWS CLI that it would use", parsed: theirs(start + 15 * minute), alive: true },
    { what: "an entry of the AWS CLI that it would replace", parsed: theirs(start + 14 * minute), alive: false },
    { what: "an entry from the far future", parsed: theirs(start + 365 * day), alive: false },
  ])("is $alive for $what", ({ parsed, alive }) => {
    expect(isAlive(parsed, "AssumeRole", start)).toBe(alive);
  });
});
