/** What a server's answer tells of the time. */

/** A skew that is worth telling, in milliseconds. */
export const notableSkew = 60_000;

/** @param clockOffset milliseconds by which the server's clock is ahead of ours */
export function describeSkew(clockOffset: number): string {
  const seconds = Math.round(-clockOffset / 1000);
  return `this machine's clock is ${Math.abs(seconds)} seconds ${seconds < 0 ? "behind" : "ahead of"} the server's`;
}

/** When the server answered, in milliseconds by its own clock; undefined where it does not say. */
export function serverTimeOf(headers: { readonly date?: string | undefined } | undefined): number | undefined {
  const time = Date.parse(headers?.date ?? "");
  return Number.isNaN(time) ? undefined : time;
}
