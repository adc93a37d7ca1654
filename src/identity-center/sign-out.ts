import { removeQuietly } from "../platform/remove-file.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { callPortal } from "./portal.ts";
import type { SsoServices } from "./sso-services.ts";
import { ownerOf, type SsoSession } from "./sso-session.ts";
import { readSsoToken, ssoTokenPath } from "./sso-token-file.ts";

/**
 * Ends a sign-in at IAM Identity Center, and removes the token from this machine. The token goes even if IAM Identity Center cannot be
 * reached, as with `aws sso logout`.
 * @returns whether there was a sign-in, and why IAM Identity Center does not know that it ended
 * @throws RoleError `FileUnwritable` if the token cannot be removed; `Cancelled`
 */
export async function signOut(
  session: SsoSession,
  services: SsoServices,
  context: Context,
): Promise<{ signedOut: boolean; warning?: string }> {
  const path = ssoTokenPath(services.tokenDirectory, session);
  const token = readSsoToken(path);
  if (!token) return { signedOut: removeQuietly(path) };
  const warning = await endAtService(session, services, token.accessToken, context);
  if (!removeQuietly(path)) {
    throw new RoleError("FileUnwritable", `${path}, which holds the sign-in, cannot be removed.`, {
      target: path,
      action: "Check who owns the file and its folder, and remove it.",
    });
  }
  return { signedOut: true, ...(warning !== undefined && { warning }) };
}

export function hasSignIn(session: SsoSession, { tokenDirectory }: SsoServices): boolean {
  return readSsoToken(ssoTokenPath(tokenDirectory, session)) !== undefined;
}

async function endAtService(
  session: SsoSession,
  services: SsoServices,
  accessToken: string,
  { signal }: Context,
): Promise<string | undefined> {
  try {
    const { response } = await callPortal(session, services, { method: "POST", path: "/logout", accessToken, signal });
    // 401: the sign-in had ended already.
    if (response.status === 200 || response.status === 401) return undefined;
    return `${ownerOf(session)}: IAM Identity Center did not end the sign-in (status ${response.status}).`;
  } catch (error) {
    if (!(error instanceof RoleError) || error.code === "Cancelled") throw error;
    return error.message;
  }
}
