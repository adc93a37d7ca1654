import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SsoRole } from "../protocol/identity-center-messages.ts";
import type { SsoDirectory } from "./list-roles.ts";
import { hasSso, type SsoLogin, ssoLoginOf } from "./sso-login.ts";
import { isSameSession, type SsoSession } from "./sso-session.ts";

/** Accounts that are asked at the same time, as Get-IdentityCenterRole does by default. */
const concurrency = 16;

/**
 * The session's stored profiles whose account or role IAM Identity Center no longer lists. Looks up only the profiles whose role the caller
 * has not listed, and only their accounts.
 * @throws RoleError those of the directory: if one account cannot be listed, nothing counts as gone
 */
export async function goneRoles(
  session: SsoSession,
  listed: readonly SsoRole[],
  shared: SharedConfig,
  directory: SsoDirectory,
): Promise<(SsoRole & { profileName: string })[]> {
  const known = new Set(listed.map(keyOf));
  const stored = shared.profiles().flatMap((profile) => {
    const login = loginOf(profile, shared);
    return login && isSameSession(login, session) && !known.has(keyOf(login)) ? [{ name: profile.name, login }] : [];
  });
  if (stored.length === 0) return [];
  const accounts = new Set((await directory.accounts()).map(({ accountId }) => accountId));
  const toAsk = [...new Set(stored.map(({ login }) => login.accountId))].filter((id) => accounts.has(id));
  const ask = async () => {
    for (let accountId = toAsk.pop(); accountId !== undefined; accountId = toAsk.pop()) {
      for (const roleName of await directory.roleNames(accountId)) known.add(keyOf({ accountId, roleName }));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, ask));
  return stored.flatMap(({ name, login: { accountId, roleName } }) =>
    known.has(keyOf({ accountId, roleName })) ? [] : [{ profileName: name, accountId, roleName }],
  );
}

function keyOf({ accountId, roleName }: SsoRole): string {
  return `${accountId}/${roleName.toLowerCase()}`;
}

/** Undefined for a profile of another kind, or an incomplete one. */
function loginOf(profile: Profile, shared: SharedConfig): SsoLogin | undefined {
  if (!hasSso(profile.settings)) return undefined;
  try {
    return ssoLoginOf(profile, shared);
  } catch (error) {
    if (error instanceof RoleError) return undefined;
    throw error;
  }
}
