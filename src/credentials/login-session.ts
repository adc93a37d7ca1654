import { join } from "node:path";
import { resolveEndpoint } from "../network/endpoint.ts";
import { resolveRegion } from "../network/region.ts";
import { sendOver } from "../network/send-over.ts";
import { sha256Hex } from "../platform/hash.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { loginCacheDirectory } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { isText, membersOf, parseJsonObject, sessionKeysIn } from "../protocol/credentials-json.ts";
import { parseExpiration } from "../protocol/expiration.ts";
import { uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

/** A cached console sign-in, as `aws login` stores it in `~/.aws/login/cache`. */
export interface LoginSession {
  readonly credentials: Credentials & { readonly expiration: Date };
  /** What renewal without the user needs; absent if a part is missing. */
  readonly renewal?: {
    readonly clientId: string;
    readonly refreshToken: string;
    /** The PEM private key to which the refresh token is bound. */
    readonly proofKey: string;
  };
  /** The region of the sign-in; older files lack it. */
  readonly region?: string;
  /** The whole file, so that unknown members survive when we write it. */
  readonly members: ReadonlyMap<string, unknown>;
}

/** Whether a profile gets its credentials from a sign-in with `aws login`. */
export function hasLoginSession(settings: Settings): boolean {
  return Boolean(settings.loginSession);
}

/** The sign-in's own file is the cache, shared with the AWS CLI. */
export function loginSource(profile: Profile): Source {
  const { name, settings } = profile;
  return {
    operation: "Login",
    profile,
    summary: `the sign-in of profile ${name}`,
    place: () => `aws login of profile ${name}`,
    about: () => ({}),
    isTemporary: () => true,
    provider({ resolution: { shared }, context }) {
      const directory = loginCacheDirectory(context.environment, context.platform, context.workingDirectory);
      return uncachedProvider(
        `the sign-in of profile ${name}`,
        ["login", settings.loginSession, directory],
        async (during) => {
          const { environment } = during;
          const { fromLogin } = await import("./login.ts");
          return fromLogin(during, profile, {
            cacheDirectory: directory,
            endpoint: async (signedInTo) => {
              const region = signedInTo ?? (await resolveRegion({ settings, environment }));
              return resolveEndpoint("signin", { settings, shared, region, environment }).url;
            },
            send: sendOver(settings, during),
          });
        },
      );
    },
  };
}

/** The path of the sign-in file: the SHA-256 of `login_session`, as in all AWS SDKs. */
export function loginSessionPath(directory: string, loginSession: string): string {
  return join(directory, `${sha256Hex(loginSession)}.json`);
}

/** Reads the cached sign-in; undefined if it is missing or unusable. */
export function readLoginSession(path: string): LoginSession | undefined {
  try {
    const members = parseJsonObject(readRegularFile(path).toString("utf8"));
    const credentials = sessionCredentials(members.get("accessToken"));
    if (!credentials) return undefined;
    const [clientId, refreshToken, proofKey] = ["clientId", "refreshToken", "dpopKey"].map((name) => members.get(name));
    const region = members.get("signInRegion");
    return {
      credentials,
      members,
      ...(isText(clientId) && isText(refreshToken) && isText(proofKey)
        ? { renewal: { clientId, refreshToken, proofKey } }
        : {}),
      ...(isText(region) ? { region } : {}),
    };
  } catch {
    return undefined;
  }
}

function sessionCredentials(value: unknown): LoginSession["credentials"] | undefined {
  const members = membersOf(value);
  const [expiresAt, accountId] = ["expiresAt", "accountId"].map((name) => members.get(name));
  const expiration = isText(expiresAt) ? parseExpiration(expiresAt) : undefined;
  return expiration && { ...sessionKeysIn(members), expiration, ...(isText(accountId) && { accountId }) };
}
