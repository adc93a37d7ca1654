/**
 * ISO 8601 in the forms that AWS services, the AWS CLI (`Z`, `+00:00` or `UTC`, depending on its version) and credential processes
 * write: extended or basic, with optional seconds, a fraction after a point or a comma, and an offset of two or four digits.
 */
const extended =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const basic = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Parses the time when credentials or tokens expire; undefined if the text is not a valid time.
 * A time without a zone is UTC, not the zone of this machine.
 */
export function parseExpiration(text: string): Date | undefined {
  const trimmed = text.trim();
  const match = extended.exec(trimmed) ?? basic.exec(trimmed);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = "00", fraction = "0", zone = "Z"] = match;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}`;
  const parsed = new Date(`${local}${offsetOf(zone)}`);
  if (Number.isNaN(parsed.getTime()) || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  return parsed;
}

/** The days of a month. `Date` does not reject 31 February but turns it into a day in March. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function offsetOf(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? "Z" : `${hours}:${minutes}`;
}

/** When a token expires that was created now and lives for so many seconds. In whole seconds, as the AWS CLI stores it. */
export function expirationAfter(seconds: number, now: number): Date {
  return new Date(Math.floor(now / 1000 + seconds) * 1000);
}

/** A time as the AWS CLI writes it: whole seconds, rounded down, with Z. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
