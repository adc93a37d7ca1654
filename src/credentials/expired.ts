import { describeSkew, notableSkew } from "../network/clock-skew.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";

export interface ExpiryRule {
  /**
   * Set when the credentials are used to assume a role. STS checks the expiration against a more accurate clock, and its
   * response reveals whether the local clock is wrong.
   */
  readonly stsDecides?: boolean;
  /** When the credentials were issued, in milliseconds by the issuer's clock, which also set the expiration. */
  readonly givenAt?: number | undefined;
}

/**
 * Returns the credentials unless they have expired: the user never gets expired credentials.
 * @param origin the source, as the subject of a sentence: `The credential_process of profile prod`
 * @throws RoleError `CredentialsExpired`
 */
export function refuseExpired(
  context: Context,
  credentials: Credentials,
  origin: { readonly subject: string; readonly target: string; readonly action: string },
  { stsDecides = false, givenAt }: ExpiryRule = {},
): Credentials {
  const clockOffset = givenAt === undefined ? 0 : givenAt - context.now();
  if (Math.abs(clockOffset) >= notableSkew) context.say(`Correct the clock: ${describeSkew(clockOffset)}.`);
  if (stsDecides) return credentials;
  const { expiration } = credentials;
  if (expiration && expiration.getTime() <= context.now() + clockOffset) {
    throw new RoleError(
      "CredentialsExpired",
      `${origin.subject} returned credentials that expired at ${expiration.toISOString()}.`,
      { target: origin.target, action: origin.action },
    );
  }
  return credentials;
}
