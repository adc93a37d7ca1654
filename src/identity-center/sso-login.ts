import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { type SsoSession, sessionOfProfile } from "./sso-session.ts";

/** A role of IAM Identity Center, and where to sign in for it. */
export interface SsoLogin extends SsoSession {
  readonly accountId: string;
  readonly roleName: string;
}

/** Whether a profile uses IAM Identity Center. As in botocore, the account or the role decides. */
export function hasSso(settings: Settings): boolean {
  return Boolean(settings.ssoAccountId || settings.ssoRoleName);
}

/**
 * Reads a profile's login settings, from the profile itself or from the `[sso-session]` that it names.
 * @throws RoleError `SsoSessionNotFound`, `ProfileIncomplete`, `SourceConflict` (profile and session differ)
 */
export function ssoLoginOf(profile: Profile, shared: Pick<SharedConfig, "ssoSession">): SsoLogin {
  const session = sessionOfProfile(profile, shared);
  const required = (setting: "ssoAccountId" | "ssoRoleName", parameter: string): string => {
    const value = profile.settings[setting];
    if (value) return value;
    const name = powerShellArgument(profile.name);
    throw new RoleError("ProfileIncomplete", `Profile '${profile.name}' has no ${settingKeys[setting]}.`, {
      target: profile.name,
      action: `Add ${settingKeys[setting]}: Set-RoleCredentials -StoreAs ${name} ${parameter}`,
    });
  };
  return {
    ...session,
    accountId: required("ssoAccountId", "-AccountId 123456789012"),
    roleName: required("ssoRoleName", "-RoleName NAME"),
  };
}

/** The text that the AWS CLI hashes to name its cached credentials of this role: the cache's `cliKey`. */
export function ssoCliKey(login: SsoLogin): Readonly<Record<string, string>> {
  const { accountId, roleName, sessionName, startUrl } = login;
  return { accountId, roleName, ...(sessionName ? { sessionName } : { startUrl }) };
}
