import type { CacheEntry, CacheRequest, TemporaryCredentials } from "../cache/cache-request.ts";
import { callPortal, portalFailed } from "../identity-center/portal.ts";
import { hasSso, type SsoLogin, ssoCliKey, ssoLoginOf } from "../identity-center/sso-login.ts";
import { type SsoServices, ssoServices } from "../identity-center/sso-services.ts";
import { signInRefused, targetOf } from "../identity-center/sso-session.ts";
import { ssoAccessToken } from "../identity-center/sso-token.ts";
import { serverTimeOf } from "../network/clock-skew.ts";
import { configuredUrl } from "../network/configured-url.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { membersOf, NoCredentialsInJson, parseJsonObject, sessionKeysIn } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { refuseExpired } from "./expired.ts";
import { cachedProvider, type Resolution } from "./provider.ts";
import type { ProfileKind, Source } from "./source.ts";

export const ssoRole: ProfileKind = {
  isIn: hasSso,
  selectedBy: ["ssoAccountId", "ssoRoleName"],
  noun: "IAM Identity Center",
  label({ ssoSession, ssoStartUrl }) {
    const session = ssoSession || ssoStartUrl;
    return session ? `IAM Identity Center ${session}` : "IAM Identity Center";
  },
  sourceOf: ssoSource,
};

/** The IAM Identity Center role of a profile. Cached where the AWS CLI caches it. */
function ssoSource(profile: Profile): Source {
  const { name, settings } = profile;
  const { ssoAccountId, ssoRoleName } = settings;
  return {
    ...commonSource(({ shared }) => ssoLoginOf(profile, shared), {
      place: `profile ${name}`,
      profileName: name,
      settings,
    }),
    profile,
    about: () => ({
      ...(ssoAccountId !== undefined && { account: ssoAccountId }),
      ...(ssoRoleName !== undefined && { roleName: ssoRoleName }),
    }),
  };
}

/**
 * A role of IAM Identity Center without a profile.
 * @param place the session's name, or its start URL. In the cache it takes the place of a profile's name.
 */
export function ssoRoleSource(login: SsoLogin, place: string): Source {
  const { accountId, roleName } = login;
  return {
    ...commonSource(() => login, { place, profileName: place, settings: {} }),
    about: () => ({ account: accountId, roleName }),
  };
}

function commonSource(
  loginOf: (resolution: Pick<Resolution, "shared">) => SsoLogin,
  { place, profileName, settings }: { place: string; profileName: string; settings: Settings },
): Omit<Source, "about"> {
  return {
    operation: "GetRoleCredentials",
    summary: "IAM Identity Center",
    place: (resolution) => `IAM Identity Center at ${loginOf(resolution).startUrl}`,
    isTemporary: () => true,
    provider({ resolution, context: { environment } }) {
      const { shared } = resolution;
      const login = loginOf(resolution);
      const { startUrl, region, accountId, roleName } = login;
      const label = `IAM Identity Center role ${roleName} (${place})`;
      const custom = configuredUrl("sso", { settings, shared, environment });
      const request: CacheRequest = {
        operation: "GetRoleCredentials",
        cliKey: ssoCliKey(login),
        identity: { startUrl, region, accountId, roleName },
        source: custom?.url.href ?? "",
        profileName,
      };
      return cachedProvider(resolution, label, request, async (during) => {
        during.say(`GetRoleCredentials of ${roleName} in ${accountId}.`);
        return fromSso(during, login, ssoServices(settings, shared, during));
      });
    },
  };
}

/**
 * Loads the credentials of an IAM Identity Center role with `GetRoleCredentials`, using the sign-in that `aws sso login`
 * stored in `~/.aws/sso/cache`. Never prompts the user: without a valid sign-in, the error says which command to run.
 *
 * Both calls are plain unsigned JSON requests, so no SDK client is loaded.
 * @throws RoleError `SsoLoginRequired`, `SsoFailed`, `AccessDenied`, `CredentialsExpired`, `Cancelled`, `EndpointInvalid`
 */
export async function fromSso(context: Context, login: SsoLogin, services: SsoServices): Promise<CacheEntry> {
  const { url, response } = await callPortal(login, services, {
    method: "GET",
    path: "/federation/credentials",
    query: { role_name: login.roleName, account_id: login.accountId },
    accessToken: await ssoAccessToken(context, login, services),
    signal: context.signal,
  });
  if (response.status !== 200) throw refusal(login, url, response.status);
  const credentials = parseResponse(login, url, response.body);
  const givenAt = serverTimeOf(response.headers);
  const origin = {
    subject: "IAM Identity Center",
    target: targetOf(login),
    action: "Check this machine's clock.",
  };
  refuseExpired(context, credentials, origin, { givenAt });
  return { credentials, ...(givenAt !== undefined && { lifetime: credentials.expiration.getTime() - givenAt }) };
}

function parseResponse(login: SsoLogin, url: URL, body: string): TemporaryCredentials {
  try {
    const members = membersOf(parseJsonObject(body).get("roleCredentials"));
    const keys = sessionKeysIn(members);
    const expiration = members.get("expiration");
    // Milliseconds since the epoch, within the range of a Date.
    if (typeof expiration !== "number" || !(Math.abs(expiration) <= 8.64e15)) {
      throw new NoCredentialsInJson("has no expiration");
    }
    return { ...keys, expiration: new Date(expiration), accountId: login.accountId };
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw portalFailed(login, url, `sent a response that ${error.message}`, "Check sso_region and the endpoint URL.");
  }
}

function refusal(login: SsoLogin, url: URL, status: number): RoleError {
  const role = `role ${login.roleName} in account ${login.accountId}`;
  if (status === 401) return signInRefused(login);
  if (status === 403) {
    return new RoleError("AccessDenied", `IAM Identity Center denies you the ${role}.`, {
      target: targetOf(login),
      action: "Check sso_account_id and sso_role_name, or ask for the permission set to be assigned to you.",
    });
  }
  if (status === 404) {
    return portalFailed(login, url, `does not know the ${role}`, "Check sso_account_id and sso_role_name.");
  }
  return portalFailed(
    login,
    url,
    `returned status ${status} for the ${role}`,
    "Check sso_region, sso_account_id and sso_role_name.",
  );
}
