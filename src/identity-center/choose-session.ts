import { validRegion } from "../network/partitions.ts";
import { profileNotFound, requireProfile } from "../profiles/require-profile.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import type { SsoSessionChoice } from "../protocol/identity-center-messages.ts";
import { hasSso } from "./sso-login.ts";
import { type SsoSession, sessionNamed, sessionOfProfile } from "./sso-session.ts";

/** A session, and the settings of the profile that named it, which hold for its calls: proxies, certificates, endpoints. */
export interface SessionChoice {
  readonly session: SsoSession;
  readonly settings: Settings;
}

/** Whether a request names a session of IAM Identity Center, and so a role of it. */
export function namesSession({ ssoSession, startUrl, ssoRegion }: SsoSessionChoice): boolean {
  return ssoSession !== undefined || startUrl !== undefined || ssoRegion !== undefined;
}

/**
 * The session that a request selects. Without a selection: that of the environment's profile, or the only one that there is.
 * @param environmentProfile the profile of AWS_PROFILE, or `default`, and what names it
 * @throws RoleError `ParameterConflict`, `StartUrlInvalid`, `RegionInvalid`, `ProfileNotFound`, and those of `sessionOfProfile`
 */
export function chooseSession(
  choice: SsoSessionChoice,
  shared: SharedConfig,
  environmentProfile?: { readonly name: string; readonly from: string },
): SessionChoice {
  refuseConflicts(choice);
  const { ssoSession, profileName, startUrl, ssoRegion } = choice;
  if (ssoSession !== undefined) return { session: sessionNamed(ssoSession, shared), settings: {} };
  if (startUrl !== undefined && ssoRegion !== undefined) {
    const session = { startUrl: validStartUrl(startUrl), region: validRegion(ssoRegion, "-SsoRegion") };
    return { session, settings: {} };
  }
  if (profileName !== undefined) return ofProfile(profileName, shared);
  const profile = environmentProfile && sourceOfEnvironment(environmentProfile, shared);
  if (profile && (hasSso(profile.settings) || profile.settings.ssoSession)) {
    return { session: sessionOfProfile(profile, shared), settings: profile.settings };
  }
  const names = shared.ssoSessions();
  const [only] = names;
  if (only !== undefined && names.length === 1) return { session: sessionNamed(only, shared), settings: {} };
  throw noSession(names);
}

function refuseConflicts({ ssoSession, profileName, startUrl, ssoRegion }: SsoSessionChoice): void {
  const given = [
    ssoSession !== undefined && "-SsoSession",
    profileName !== undefined && "-ProfileName",
    startUrl !== undefined && "-StartUrl",
  ].filter((name) => name !== false);
  if (given.length > 1) {
    throw new RoleError("ParameterConflict", `These parameters cannot be combined: ${given.join(" and ")}.`, {
      target: given[1] ?? "",
      action: "Use one of them.",
    });
  }
  if ((startUrl === undefined) !== (ssoRegion === undefined)) {
    const missing = startUrl === undefined ? "-StartUrl" : "-SsoRegion";
    throw new RoleError("ParameterConflict", `-StartUrl and -SsoRegion go together, and ${missing} is missing.`, {
      target: missing,
      action: "Pass both, or -SsoSession.",
    });
  }
}

/** @throws RoleError `StartUrlInvalid` */
export function validStartUrl(startUrl: string): string {
  // URL drops white space and line breaks, which would name another sign-in.
  const url = !/[\s\p{C}]/u.test(startUrl) && URL.canParse(startUrl) ? new URL(startUrl) : undefined;
  if (url?.protocol === "https:" && url.username === "" && url.password === "") return startUrl;
  throw new RoleError("StartUrlInvalid", `'${startUrl}' is not the start URL of an AWS access portal.`, {
    target: startUrl,
    action: "Use an address such as https://my-company.awsapps.com/start.",
  });
}

function ofProfile(name: string, shared: SharedConfig): SessionChoice {
  requireProfile(name, shared);
  const profile = sourceOf(name, shared);
  if (profile && (hasSso(profile.settings) || profile.settings.ssoSession || profile.settings.ssoStartUrl)) {
    return { session: sessionOfProfile(profile, shared), settings: profile.settings };
  }
  throw new RoleError("ProfileIncomplete", `Profile '${name}' does not use IAM Identity Center.`, {
    target: name,
    action: "Name a session with -SsoSession, or another profile.",
  });
}

/** A missing profile is an error, because the user meant another identity than that of the only session. */
function sourceOfEnvironment({ name, from }: { name: string; from: string }, shared: SharedConfig) {
  if (from !== "default" && !shared.profile(name)) throw profileNotFound(name, shared.origin, `, which ${from} names`);
  return sourceOf(name, shared);
}

/** The profile at the start of a chain of source profiles. The chain itself is checked when its role is used. */
function sourceOf(name: string, shared: SharedConfig): Profile | undefined {
  const seen = new Set<string>();
  let profile = shared.profile(name);
  while (profile && !hasSso(profile.settings) && profile.settings.sourceProfile && !seen.has(profile.name)) {
    seen.add(profile.name);
    profile = shared.profile(profile.settings.sourceProfile);
  }
  return profile;
}

/** A request names a session of IAM Identity Center, but not the account and the name of a role. */
export function noRoleNamed(target: "-AccountId" | "-RoleName"): RoleError {
  return new RoleError("ParameterConflict", "No role of IAM Identity Center is named.", {
    target,
    action: "Pass -AccountId and -RoleName. Get-IdentityCenterRole lists both.",
  });
}

function noSession(names: readonly string[]): RoleError {
  return new RoleError(
    "SsoSessionNotFound",
    names.length === 0
      ? "There is no sso-session, and the current profile does not use IAM Identity Center."
      : `There are several sso-sessions: ${names.join(", ")}.`,
    {
      action:
        names.length === 0
          ? "Name the access portal with -StartUrl and -SsoRegion, or store it: Set-RoleCredentials -SsoSession NAME -StartUrl URL -SsoRegion REGION"
          : "Name one with -SsoSession.",
    },
  );
}
