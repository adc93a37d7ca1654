/** What a server's response says about the time. */

/** Smallest skew worth reporting, in milliseconds. */
export const notableSkew = 60_000;

/** @param clockOffset milliseconds by which the server's clock is ahead of the local clock */
export function describeSkew(clockOffset: number): string {
  const seconds = Math.round(-clockOffset / 1000);
  return `this machine's clock is ${Math.abs(seconds)} seconds ${seconds < 0 ? "behind" : "ahead of"} the server's`;
}

/** The server's time of the response, in milliseconds; undefined if the response has no valid `Date`. */
export function serverTimeOf(headers: { readonly date?: string | undefined } | undefined): number | undefined {
  const time = Date.parse(headers?.date ?? "");
  return Number.isNaN(time) ? undefined : time;
}
