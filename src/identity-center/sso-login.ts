import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";

/** A profile's IAM Identity Center settings, complete and consistent. */
export interface SsoLogin {
  readonly profileName: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly startUrl: string;
  readonly region: string;
  /** Absent in the legacy form, where the profile itself contains start URL and region. */
  readonly sessionName?: string;
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
  const { settings, name } = profile;
  const sessionName = settings.ssoSession;
  const session = sessionName ? sessionOf(profile, sessionName, shared) : undefined;

  for (const setting of ["ssoStartUrl", "ssoRegion"] as const) {
    if (session?.[setting] && settings[setting] && session[setting] !== settings[setting]) {
      throw new RoleError(
        "SourceConflict",
        `Profile '${name}' and sso-session '${sessionName}' have different ${settingKeys[setting]}.`,
        { target: name, action: `Remove ${settingKeys[setting]} from the profile.` },
      );
    }
  }
  const required = (setting: "ssoAccountId" | "ssoRoleName" | "ssoStartUrl" | "ssoRegion"): string => {
    const value = settings[setting] || session?.[setting];
    if (value) return value;
    const missing = settingKeys[setting];
    const inSession = session && (setting === "ssoStartUrl" || setting === "ssoRegion");
    throw new RoleError(
      "ProfileIncomplete",
      inSession
        ? `The sso-session '${sessionName}' of profile '${name}' has no ${missing}.`
        : `Profile '${name}' has no ${missing}.`,
      {
        target: name,
        action: `Add ${missing}; aws configure sso --profile ${powerShellArgument(name)} asks for all settings.`,
      },
    );
  };
  return {
    profileName: name,
    accountId: required("ssoAccountId"),
    roleName: required("ssoRoleName"),
    startUrl: required("ssoStartUrl"),
    region: required("ssoRegion"),
    ...(sessionName ? { sessionName } : {}),
  };
}

/** The text that the AWS CLI hashes to name its cached credentials of this role: the cache's `cliKey`. */
export function ssoCliKey(login: SsoLogin): Readonly<Record<string, string>> {
  const { accountId, roleName, sessionName, startUrl } = login;
  return { accountId, roleName, ...(sessionName ? { sessionName } : { startUrl }) };
}

/** The error that tells the user to sign in. */
export function loginRequired(login: SsoLogin, what: string, cause?: unknown): RoleError {
  return new RoleError("SsoLoginRequired", `Profile '${login.profileName}': ${what}.`, {
    target: login.profileName,
    action: login.sessionName
      ? `Run: aws sso login --sso-session ${powerShellArgument(login.sessionName)}`
      : `Run: aws sso login --profile ${powerShellArgument(login.profileName)}`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function sessionOf(profile: Profile, sessionName: string, shared: Pick<SharedConfig, "ssoSession">): Settings {
  const session = shared.ssoSession(sessionName);
  if (session) return session;
  throw new RoleError(
    "SsoSessionNotFound",
    `Profile '${profile.name}' names the sso-session '${sessionName}', which does not exist.`,
    { target: profile.name, action: `Add it with: aws configure sso-session, or correct sso_session in the profile.` },
  );
}
