// What AWS's services, the AWS CLI (`Z`, `+00:00` or `UTC`, by version) and credential processes write.
const timestamp = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?\s*(?:(?:[Zz]|UTC|GMT)|([+-]\d\d):?(\d\d))?$/;

/**
 * When credentials or tokens end, from the text that names the moment; undefined when it names none.
 * A time without a zone is UTC, not the zone of this machine.
 */
export function parseExpiration(text: string): Date | undefined {
  const match = timestamp.exec(text.trim());
  if (!match) return undefined;
  const [, date, time, fraction = "", offsetHours, offsetMinutes] = match;
  const zone = offsetHours === undefined ? "Z" : `${offsetHours}:${offsetMinutes}`;
  const parsed = new Date(`${date}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}
