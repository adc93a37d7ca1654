/** The sandbox's own time, so that tests can let sessions expire without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the sandbox's time (not the client's) by so many milliseconds; negative goes back. */
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

/** `2026-01-02T03:04:05Z`, the form of every time in AWS's answers. */
export function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** `20260102T030405Z`, the form of SigV4's times. */
export function basicIso(milliseconds: number): string {
  return isoSeconds(milliseconds).replace(/[-:]/g, "");
}

/** The inverse of {@link basicIso}; undefined for anything else. */
export function parseBasicIso(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
