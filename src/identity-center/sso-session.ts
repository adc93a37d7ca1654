import { validRegion } from "../network/partitions.ts";
import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import type { SignInPlace } from "../protocol/sign-in-messages.ts";

/** Where a user signs in: an `[sso-session]`, or a start URL. */
export interface SsoSession {
  readonly startUrl: string;
  readonly region: string;
  /** Absent in the legacy form, where a profile itself contains start URL and region. */
  readonly sessionName?: string;
  /** `sso_registration_scopes` of the session. */
  readonly scopes?: readonly string[];
  /** The profile that the user named, for errors. */
  readonly profileName?: string;
}

type Sessions = Pick<SharedConfig, "ssoSession">;

/** Whether both are one sign-in. */
export function isSameSession(
  one: Pick<SsoSession, "startUrl" | "sessionName">,
  other: Pick<SsoSession, "startUrl" | "sessionName">,
): boolean {
  return one.startUrl === other.startUrl && one.sessionName === other.sessionName;
}

/** What an error is about: the profile if the user named one, the session, or the start URL. */
export function targetOf({ profileName, sessionName, startUrl }: SsoSession): string {
  return profileName ?? sessionName ?? startUrl;
}

/** The same, at the start of a sentence. */
export function ownerOf({ profileName, sessionName, startUrl }: SsoSession): string {
  if (profileName !== undefined) return `Profile '${profileName}'`;
  return sessionName !== undefined ? `sso-session '${sessionName}'` : `The start URL ${startUrl}`;
}

/** How to name the session to the cmdlets. */
export function signInPlace({ profileName, sessionName, startUrl, region }: SsoSession): SignInPlace {
  if (sessionName !== undefined) return { ssoSession: sessionName };
  return profileName !== undefined ? { profileName } : { startUrl, ssoRegion: region };
}

/** The command that signs in. */
export function signInCommand(session: SsoSession, ...switches: readonly string[]): string {
  const { ssoSession, profileName, startUrl = "", ssoRegion = "" } = signInPlace(session);
  const place = ssoSession
    ? `-SsoSession ${powerShellArgument(ssoSession)}`
    : profileName
      ? `-ProfileName ${powerShellArgument(profileName)}`
      : `-StartUrl ${powerShellArgument(startUrl)} -SsoRegion ${powerShellArgument(ssoRegion)}`;
  return ["Connect-IdentityCenter", place, ...switches].join(" ");
}

/** The error for a sign-in that IAM Identity Center refuses although it has not expired. */
export function signInRefused(session: SsoSession): RoleError {
  const { message, details } = signInRequired(session, "IAM Identity Center no longer accepts the sign-in");
  return new RoleError("SsoLoginRequired", message, {
    ...details,
    action: `Run: ${signInCommand(session, "-Force")}`,
    signIn: { ...details.signIn, force: true },
  });
}

/** The error that tells the user to sign in. The cmdlets offer the sign-in where they can prompt. */
export function signInRequired(session: SsoSession, what: string, cause?: unknown): RoleError {
  return new RoleError("SsoLoginRequired", `${ownerOf(session)}: ${what}.`, {
    target: targetOf(session),
    action: `Run: ${signInCommand(session)}`,
    signIn: signInPlace(session),
    cause,
  });
}

/**
 * The session that a profile uses.
 * @throws RoleError `SsoSessionNotFound`, `ProfileIncomplete`, `SourceConflict` (profile and session differ)
 */
export function sessionOfProfile({ settings, name }: Profile, shared: Sessions): SsoSession {
  const sessionName = settings.ssoSession;
  const session = sessionName ? namedSettings(sessionName, shared, name) : undefined;
  for (const setting of ["ssoStartUrl", "ssoRegion"] as const) {
    if (session?.[setting] && settings[setting] && session[setting] !== settings[setting]) {
      throw new RoleError(
        "SourceConflict",
        `Profile '${name}' and sso-session '${sessionName}' have different ${settingKeys[setting]}.`,
        { target: name, action: `Remove ${settingKeys[setting]} from the profile.` },
      );
    }
  }
  const required = (setting: "ssoStartUrl" | "ssoRegion") =>
    settings[setting] || session?.[setting] || missing(setting, { profileName: name, sessionName });
  return {
    profileName: name,
    startUrl: required("ssoStartUrl"),
    region: checkedRegion(required("ssoRegion"), sessionName ? `sso-session '${sessionName}'` : `profile '${name}'`),
    ...(sessionName ? { sessionName } : {}),
    ...scopesOf(session),
  };
}

/**
 * The session of a name.
 * @throws RoleError `SsoSessionNotFound`, `ProfileIncomplete`
 */
export function sessionNamed(sessionName: string, shared: Sessions): SsoSession {
  const session = namedSettings(sessionName, shared);
  const required = (setting: "ssoStartUrl" | "ssoRegion") => session[setting] || missing(setting, { sessionName });
  const region = checkedRegion(required("ssoRegion"), `sso-session '${sessionName}'`);
  return { sessionName, startUrl: required("ssoStartUrl"), region, ...scopesOf(session) };
}

/** As it is written: it is part of the name of a registration that the AWS CLI shares. */
function checkedRegion(region: string, owner: string): string {
  validRegion(region, `${settingKeys.ssoRegion} of ${owner}`);
  return region;
}

function namedSettings(sessionName: string, shared: Sessions, profileName?: string): Settings {
  const session = shared.ssoSession(sessionName);
  if (session) return session;
  const name = powerShellArgument(sessionName);
  throw new RoleError(
    "SsoSessionNotFound",
    profileName === undefined
      ? `There is no sso-session '${sessionName}'.`
      : `Profile '${profileName}' names the sso-session '${sessionName}', which does not exist.`,
    {
      target: profileName ?? sessionName,
      action: `Store it with: Set-RoleCredentials -SsoSession ${name} -StartUrl URL -SsoRegion REGION${
        profileName === undefined ? "" : ", or correct sso_session in the profile."
      }`,
    },
  );
}

function missing(
  setting: "ssoStartUrl" | "ssoRegion",
  { profileName, sessionName }: { profileName?: string; sessionName?: string | undefined },
): never {
  const key = settingKeys[setting];
  const of = profileName === undefined ? "" : ` of profile '${profileName}'`;
  const parameter = setting === "ssoStartUrl" ? "-StartUrl URL" : "-SsoRegion REGION";
  throw new RoleError(
    "ProfileIncomplete",
    sessionName ? `The sso-session '${sessionName}'${of} has no ${key}.` : `Profile '${profileName}' has no ${key}.`,
    {
      target: profileName ?? sessionName ?? "",
      action: `Add ${key}: ${
        sessionName
          ? `Set-RoleCredentials -SsoSession ${powerShellArgument(sessionName)} ${parameter}`
          : `Set-RoleCredentials -StoreAs ${powerShellArgument(profileName ?? "")} ${parameter}`
      }`,
    },
  );
}

/** Splits `sso_registration_scopes` as the AWS CLI does. */
function scopesOf(session: Settings | undefined): { scopes?: readonly string[] } {
  const scopes = (session?.ssoRegistrationScopes ?? "").split(",").flatMap((scope) => scope.trim() || []);
  return scopes.length > 0 ? { scopes } : {};
}
