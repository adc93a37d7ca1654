import type { Context } from "../context.ts";
import type { Credentials } from "../credentials.ts";
import { RoleError } from "../protocol/errors.ts";

/**
 * The credentials, unless they have ended: what is expired is never handed on.
 * @param origin where they come from, as the subject of a sentence: `The credential_process of profile prod`
 * @throws RoleError `CredentialsExpired`
 */
export function refuseExpired(
  context: Context,
  credentials: Credentials,
  origin: { readonly subject: string; readonly target: string; readonly action: string },
): Credentials {
  const { expiration } = credentials;
  if (expiration && expiration.getTime() <= context.now()) {
    throw new RoleError(
      "CredentialsExpired",
      `${origin.subject} gave credentials that expired at ${expiration.toISOString()}.`,
      { target: origin.target, action: origin.action },
    );
  }
  return credentials;
}
