import { describeSkew, notableSkew } from "../network/clock-skew.ts";
import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";

export interface ExpiryRule {
  /**
   * Set where a role is assumed with the credentials: STS judges by a better clock than this machine's, and its answer
   * tells when that is wrong.
   */
  readonly stsDecides?: boolean;
  /** When they were given, in milliseconds by the clock of who gave them: that one is right about their end. */
  readonly givenAt?: number | undefined;
}

/**
 * The credentials, unless they have ended: what is expired is never handed to the user.
 * @param origin where they come from, as the subject of a sentence: `The credential_process of profile prod`
 * @throws RoleError `CredentialsExpired`
 */
export function refuseExpired(
  context: Context,
  credentials: Credentials,
  origin: { readonly subject: string; readonly target: string; readonly action: string },
  { stsDecides = false, givenAt }: ExpiryRule = {},
): Credentials {
  const clockOffset = givenAt === undefined ? 0 : givenAt - context.now();
  if (Math.abs(clockOffset) >= notableSkew) context.say(`Set the clock: ${describeSkew(clockOffset)}.`);
  if (stsDecides) return credentials;
  const { expiration } = credentials;
  if (expiration && expiration.getTime() <= context.now() + clockOffset) {
    throw new RoleError(
      "CredentialsExpired",
      `${origin.subject} gave credentials that expired at ${expiration.toISOString()}.`,
      { target: origin.target, action: origin.action },
    );
  }
  return credentials;
}
