/** The sandbox's own clock, so that tests can expire sessions without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Advances the sandbox's clock, not the client's, by the given milliseconds. A negative value moves it back. */
  advance(milliseconds: number): void;
}

export function createClock(base: () => number = Date.now): Clock {
  let offset = 0;
  return {
    now: () => base() + offset,
    advance: (milliseconds) => {
      offset += milliseconds;
    },
  };
}

/** `2026-01-02T03:04:05Z`, the format of every time in AWS's responses. */
export function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** `20260102T030405Z`, the format of SigV4 timestamps. */
export function basicIso(milliseconds: number): string {
  return isoSeconds(milliseconds).replace(/[-:]/g, "");
}

/** Parses what {@link basicIso} formats. Returns undefined for anything else. */
export function parseBasicIso(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
