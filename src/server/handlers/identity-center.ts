import { checkProfile } from "../../assume-role/check-profile.ts";
import { profileOfEnvironment } from "../../credentials/default-chain.ts";
import { chooseSession, validStartUrl } from "../../identity-center/choose-session.ts";
import { goneRoles } from "../../identity-center/gone-roles.ts";
import { ssoCliKey, ssoLoginOf } from "../../identity-center/sso-login.ts";
import { type SsoServices, ssoServices } from "../../identity-center/sso-services.ts";
import { isSameSession, type SsoSession } from "../../identity-center/sso-session.ts";
import { validRegion } from "../../network/partitions.ts";
import { changeGeneratedProfiles, generatedAmong } from "../../profiles/generated.ts";
import { readSharedConfig } from "../../profiles/read.ts";
import type { SharedConfig } from "../../profiles/shared-config.ts";
import type { Context } from "../../protocol/context.ts";
import type { ChosenSession, SsoSessionChoice } from "../../protocol/identity-center-messages.ts";
import type { Core } from "../core.ts";
import { type HandlersOf, orNone } from "./handler.ts";

export function identityCenterHandlers(core: Core): HandlersOf<"identity-center"> {
  return {
    async "identity-center/sign-in"({ useDeviceCode = false, force = false, ...choice }, context) {
      const { session, services } = open(core, choice, context);
      const { identityCenterSignIn } = await import("../../identity-center/sign-in.ts");
      return core.signIns.begin(identityCenterSignIn(session, services, { useDeviceCode, force }), context);
    },

    async "identity-center/sign-out"({ whatIf = false, ...choice }, context) {
      const { session, services, shared } = open(core, choice, context);
      const { hasSignIn, signOut } = await import("../../identity-center/sign-out.ts");
      if (whatIf) return { ...chosen(session), signedOut: hasSignIn(session, services), warnings: [] };
      const { signedOut, warning } = await signOut(session, services, context);
      forgetCredentials(core, session, shared, context);
      if (session.sessionName) core.listedRoles.forget(session.sessionName, context.environment);
      return { ...chosen(session), signedOut, warnings: warning === undefined ? [] : [warning] };
    },

    async "identity-center/accounts"(choice, context) {
      const { session, directory } = await list(core, choice, context);
      const accounts = await directory.accounts();
      if (session.sessionName) core.listedRoles.keepAccounts(session.sessionName, context.environment, accounts);
      return { session: chosen(session), accounts };
    },

    async "identity-center/store-session"(
      { ssoSession, startUrl, ssoRegion, scopes, profileLocation, whatIf },
      context,
    ) {
      const { storeSsoSession } = await import("../../profiles/store-session.ts");
      const changes = {
        ...(startUrl !== undefined && { ssoStartUrl: validStartUrl(startUrl) }),
        ...(ssoRegion !== undefined && { ssoRegion: validRegion(ssoRegion, "-SsoRegion") }),
        ...(scopes !== undefined && { ssoRegistrationScopes: scopes }),
      };
      const locations = core.locations(profileLocation, context);
      const files = await storeSsoSession(ssoSession, changes, context, locations, { dryRun: whatIf ?? false });
      return { files, warnings: [] };
    },

    async "identity-center/store-roles"({ profiles, removes, profileLocation, whatIf = false }, context) {
      const locations = core.locations(profileLocation, context);
      const shared = readSharedConfig(locations);
      for (const { profileName, settings } of profiles)
        if (!shared.profile(profileName)) checkProfile(profileName, settings, shared, context);
      return changeGeneratedProfiles(profiles, removes, context, locations, { dryRun: whatIf });
    },

    async "identity-center/gone-roles"({ roles, ...choice }, context) {
      const { session, directory, shared } = await list(core, choice, context);
      const gone = await goneRoles(session, roles, shared, directory);
      const names = gone.map(({ profileName }) => profileName);
      const generated = generatedAmong(names, core.locations(choice.profileLocation, context));
      return { profiles: gone.map((role) => ({ ...role, generated: generated.has(role.profileName) })) };
    },

    async "identity-center/role-names"({ accountId, ...choice }, context) {
      const { session, directory } = await list(core, choice, context);
      const roleNames = await directory.roleNames(accountId);
      if (session.sessionName)
        core.listedRoles.keepRoleNames(session.sessionName, context.environment, accountId, roleNames);
      return { roleNames };
    },
  };
}

interface Opened {
  readonly session: SsoSession;
  readonly services: SsoServices;
  readonly shared: SharedConfig;
}

function open(core: Core, choice: SsoSessionChoice, context: Context): Opened {
  const shared = core.shared(choice.profileLocation, context);
  const { session, settings } = chooseSession(choice, shared, profileOfEnvironment(context.environment));
  return { session, services: ssoServices(settings, shared, context), shared };
}

async function list(core: Core, choice: SsoSessionChoice, context: Context) {
  const { session, services, shared } = open(core, choice, context);
  const { ssoDirectory } = await import("../../identity-center/list-roles.ts");
  const rateLimiter = core.rateLimiterOf(services.endpoint("sso", session.region).origin);
  return { session, shared, directory: ssoDirectory(context, session, services, rateLimiter) };
}

function chosen({ sessionName, startUrl, region }: SsoSession): ChosenSession {
  return { startUrl, ssoRegion: region, ...(sessionName !== undefined && { ssoSession: sessionName }) };
}

/** Forgets the cached credentials of the session's roles, and of every profile that uses the session. */
function forgetCredentials(core: Core, session: SsoSession, shared: SharedConfig, context: Context) {
  core.cache(context).clear({ profileName: session.sessionName ?? session.startUrl }, context);
  for (const profile of orNone(() => shared.profiles())) {
    const [login] = orNone(() => [ssoLoginOf(profile, shared)]);
    if (!login || !isSameSession(login, session)) continue;
    core.cache(context).clear({ profileName: profile.name, cliKeys: [ssoCliKey(login)] }, context);
  }
}
