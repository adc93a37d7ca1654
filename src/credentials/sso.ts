import type { CacheEntry, CacheRequest, TemporaryCredentials } from "../cache/cache-request.ts";
import { loginRequired, type SsoLogin, ssoCliKey, ssoLoginOf } from "../identity-center/sso-login.ts";
import { ssoAccessToken } from "../identity-center/sso-token.ts";
import { serverTimeOf } from "../network/clock-skew.ts";
import { configuredUrl } from "../network/configured-url.ts";
import { resolveEndpoint } from "../network/endpoint.ts";
import { type HttpResponse, httpRequest } from "../network/http-request.ts";
import { requestWithRetries, type Send, whyUnanswered } from "../network/request-with-retries.ts";
import { sendOver } from "../network/send-over.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { CredentialProvider, Credentials } from "../protocol/credentials.ts";
import { membersOf, NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { refuseExpired } from "./expired.ts";
import { cachedProvider, type Resolution } from "./provider.ts";
import type { Source } from "./source.ts";

export interface SsoOptions {
  /** `~/.aws/sso/cache`, absolute. */
  readonly tokenDirectory: string;
  /** Returns a service's endpoint in the region of the login. Called on demand. */
  readonly endpoint: (service: "sso" | "sso-oidc", region: string) => URL;
  /** `httpRequest`, bound to an agent if a proxy or certificates are configured. */
  readonly send?: Send;
  /** Receives the time when the credentials were issued, in milliseconds by the issuer's clock. */
  readonly noteGiven?: (givenAt: number) => void;
}

/** The IAM Identity Center role of a profile. Cached where the AWS CLI caches it. */
export function ssoSource(profile: Profile): Source {
  const { name, settings } = profile;
  const { ssoAccountId, ssoRoleName } = settings;
  return {
    kind: "sso",
    operation: "GetRoleCredentials",
    profile,
    summary: "IAM Identity Center",
    place: ({ shared }) => `IAM Identity Center at ${ssoLoginOf(profile, shared).startUrl}`,
    about: () => ({
      ...(ssoAccountId !== undefined && { account: ssoAccountId }),
      ...(ssoRoleName !== undefined && { roleName: ssoRoleName }),
    }),
    isTemporary: () => true,
    provider({ resolution, context: { environment } }) {
      const { shared } = resolution;
      const login = ssoLoginOf(profile, shared);
      const { startUrl, region, accountId, roleName } = login;
      const custom = configuredUrl("sso", { settings, shared, environment });
      const request: CacheRequest = {
        operation: "GetRoleCredentials",
        cliKey: ssoCliKey(login),
        identity: { startUrl, region, accountId, roleName },
        source: custom?.url.href ?? "",
        profileName: name,
      };
      const label = `IAM Identity Center role ${roleName} (profile ${name})`;
      return cachedProvider(resolution, { label }, request, async (during) => {
        during.say(`GetRoleCredentials of ${roleName} in ${accountId}.`);
        return entryOf(during, login, profile, resolution);
      });
    },
  };
}

async function entryOf(
  context: Context,
  login: SsoLogin,
  { settings }: Profile,
  { shared, ssoCacheDirectory }: Resolution,
): Promise<CacheEntry> {
  const { environment } = context;
  let givenAt: number | undefined;
  const credentials = (await fromSso(context, login, {
    tokenDirectory: ssoCacheDirectory(),
    endpoint: (service, region) => resolveEndpoint(service, { settings, shared, region, environment }).url,
    send: sendOver(settings, context),
    noteGiven: (time) => {
      givenAt = time;
    },
  })()) as TemporaryCredentials;
  return { credentials, ...(givenAt !== undefined && { lifetime: credentials.expiration.getTime() - givenAt }) };
}

const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const retryRule = { unanswered: 2, busy: 3, delayMs: 300 };

/**
 * Loads the credentials of an IAM Identity Center role with `GetRoleCredentials`, using the sign-in that `aws sso login`
 * stored in `~/.aws/sso/cache`. Never prompts the user: without a valid sign-in, the error says which command to run.
 *
 * Both calls are plain unsigned JSON requests, so no SDK client is loaded.
 * @throws RoleError `SsoLoginRequired`, `SsoFailed`, `AccessDenied`, `CredentialsExpired`, `Cancelled`, and what
 * `endpoint` throws
 */
export function fromSso(context: Context, login: SsoLogin, options: SsoOptions): CredentialProvider {
  const send = options.send ?? httpRequest;
  return async () => {
    const accessToken = await ssoAccessToken(context, login, {
      directory: options.tokenDirectory,
      oidcUrl: () => options.endpoint("sso-oidc", login.region),
      send,
    });
    const url = roleCredentialsUrl(options.endpoint("sso", login.region), login);
    let response: HttpResponse;
    try {
      response = await requestWithRetries(
        send,
        {
          method: "GET",
          url,
          headers: { Accept: "application/json", "x-amz-sso_bearer_token": accessToken },
          timeoutMs,
          maxBytes,
          signal: context.signal,
        },
        retryRule,
      );
    } catch (error) {
      if (error instanceof RoleError) throw error;
      throw failed(login, url, whyUnanswered(error), "Check the network, and sso_region.", error);
    }
    if (response.status !== 200) throw refusal(login, url, response.status);
    const credentials = parseResponse(login, url, response.body);
    const givenAt = serverTimeOf(response.headers);
    if (givenAt !== undefined) options.noteGiven?.(givenAt);
    const origin = {
      subject: "IAM Identity Center",
      target: login.profileName,
      action: "Check this machine's clock.",
    };
    return refuseExpired(context, credentials, origin, { givenAt });
  };
}

function roleCredentialsUrl(endpoint: URL, login: SsoLogin): URL {
  const url = new URL(`${endpoint.href.replace(/\/+$/, "")}/federation/credentials`);
  url.searchParams.set("role_name", login.roleName);
  url.searchParams.set("account_id", login.accountId);
  return url;
}

function parseResponse(login: SsoLogin, url: URL, body: string): Credentials {
  try {
    const members = membersOf(parseJsonObject(body).get("roleCredentials"));
    const [accessKeyId, secretAccessKey, sessionToken] = ["accessKeyId", "secretAccessKey", "sessionToken"].map(
      (name) => members.get(name),
    );
    const expiration = members.get("expiration");
    if (!isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken)) {
      throw new NoCredentialsInJson("has incomplete credentials");
    }
    // Milliseconds since the epoch, within the range of a Date.
    if (typeof expiration !== "number" || !(Math.abs(expiration) <= 8.64e15)) {
      throw new NoCredentialsInJson("has no expiration");
    }
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiration: new Date(expiration),
      accountId: login.accountId,
    };
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw failed(login, url, `sent a response that ${error.message}`, "Check sso_region and the endpoint URL.");
  }
}

function refusal(login: SsoLogin, url: URL, status: number): RoleError {
  const role = `role ${login.roleName} in account ${login.accountId}`;
  if (status === 401) return loginRequired(login, "IAM Identity Center no longer accepts the sign-in");
  if (status === 403) {
    return new RoleError("AccessDenied", `IAM Identity Center denies you the ${role}.`, {
      target: login.profileName,
      action: "Check sso_account_id and sso_role_name, or ask for the permission set to be assigned to you.",
    });
  }
  if (status === 404) {
    return failed(login, url, `does not know the ${role}`, "Check sso_account_id and sso_role_name.");
  }
  return failed(
    login,
    url,
    `returned status ${status} for the ${role}`,
    "Check sso_region, sso_account_id and sso_role_name.",
  );
}

function failed(login: SsoLogin, url: URL, what: string, action: string, cause?: unknown): RoleError {
  return new RoleError("SsoFailed", `IAM Identity Center at ${url.host} ${what}.`, {
    target: login.profileName,
    action,
    ...(cause === undefined ? {} : { cause }),
  });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
