import { describe, expect, it } from "vitest";
import { parseExpiration } from "../../src/credentials/expiration.ts";

describe(parseExpiration, () => {
  it.each([
    ["2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000Z"],
    ["2030-01-31T12:00:00+00:00", "2030-01-31T12:00:00.000Z"],
    ["2030-01-31T12:00:00UTC", "2030-01-31T12:00:00.000Z"],
    ["2030-01-31 12:00:00 UTC", "2030-01-31T12:00:00.000Z"],
    ["2030-01-31T12:00:00.123456789Z", "2030-01-31T12:00:00.123Z"],
    ["2030-01-31T12:00:00-07:30", "2030-01-31T19:30:00.000Z"],
    ["2030-01-31T12:00:00+0200", "2030-01-31T10:00:00.000Z"],
    ["2030-01-31T12:00:00", "2030-01-31T12:00:00.000Z"],
    [" 2030-01-31t12:00:00z\r\n", "2030-01-31T12:00:00.000Z"],
  ])("reads %j", (text, expected) => {
    expect(parseExpiration(text)?.toISOString()).toBe(expected);
  });

  it.each(["", "1", "2030", "2030-01-31", "2030-13-01T00:00:00Z", "2030-01-31T25:00:00Z", "tomorrow", "1893456000"])(
    "is undefined for %j",
    (text) => {
      expect(parseExpiration(text)).toBeUndefined();
    },
  );
});
