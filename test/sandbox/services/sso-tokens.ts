import { randomBytes } from "node:crypto";
import { type Clock, isoSeconds } from "../clock.ts";
import type { IdentityCenter } from "../iam/world-types.ts";

export interface SsoLoginOptions {
  /** Lifetimes: one hour by default, 90 days for the registration. Negative for something that has expired. */
  readonly accessTokenSeconds?: number;
  readonly registrationSeconds?: number;
}

/** What `aws sso login` writes to its cache, under the same names. */
export interface SsoLogin {
  readonly startUrl: string;
  readonly region: string;
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly registrationExpiresAt: string;
  readonly refreshToken: string;
}

/** A registered program. */
export interface Registration {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly expiration: number;
  readonly redirectUris: readonly string[];
  /** Without scopes, its tokens cannot be renewed. */
  readonly scopes: readonly string[];
}

/** The tokens of users who signed in to IAM Identity Center. */
export interface SsoTokens {
  /** Signs a user in, as the browser flow does. */
  login(options?: SsoLoginOptions): SsoLogin;
  isAccessToken(token: string): boolean;
  /** Signs a token's user out. */
  end(token: string): void;
  register(about: Pick<Registration, "redirectUris" | "scopes">): Registration;
  /** The tokens of a user who allowed a program. */
  issue(clientId: string): { readonly accessToken: string; readonly refreshToken?: string };
  registration(clientId: string): Registration | undefined;
  /** Consumes a refresh token. Undefined when the token is unknown or already used. */
  refresh(refreshToken: string): { readonly accessToken: string; readonly refreshToken: string } | undefined;
}

export const accessTokenSeconds = 3600;
const registrationSeconds = 90 * 86_400;

export function createSsoTokens(center: IdentityCenter | undefined, clock: Clock): SsoTokens {
  const accessTokens = new Map<string, number>();
  const refreshTokens = new Set<string>();
  const registrations = new Map<string, Registration>();
  const after = (seconds: number) => clock.now() + seconds * 1000;
  const newTokens = (seconds: number) => {
    const accessToken = `aoaAAAAA${randomBytes(60).toString("base64url")}`;
    const refreshToken = `aorAAAAA${randomBytes(60).toString("base64url")}`;
    accessTokens.set(accessToken, after(seconds));
    refreshTokens.add(refreshToken);
    return { accessToken, refreshToken };
  };
  const register = (about: Pick<Registration, "redirectUris" | "scopes">, expiration: number): Registration => {
    const clientId = randomBytes(16).toString("base64url");
    const registration = { ...about, clientId, clientSecret: randomBytes(90).toString("base64url"), expiration };
    registrations.set(clientId, registration);
    return registration;
  };
  return {
    register: (about) => register(about, after(registrationSeconds)),
    issue: (clientId) => {
      const { refreshToken, ...rest } = newTokens(accessTokenSeconds);
      const isRenewable = (registrations.get(clientId)?.scopes.length ?? 0) > 0;
      return isRenewable ? { ...rest, refreshToken } : rest;
    },
    end: (token) => {
      accessTokens.delete(token);
    },
    login: (options = {}) => {
      const seconds = options.accessTokenSeconds ?? accessTokenSeconds;
      const registrationEnds = after(options.registrationSeconds ?? registrationSeconds);
      const { clientId, clientSecret } = register(
        { redirectUris: [], scopes: ["sso:account:access"] },
        registrationEnds,
      );
      return {
        startUrl: center?.startUrl ?? "",
        region: center?.region ?? "",
        ...newTokens(seconds),
        expiresAt: isoSeconds(after(seconds)),
        clientId,
        clientSecret,
        registrationExpiresAt: isoSeconds(registrationEnds),
      };
    },
    isAccessToken: (token) => (accessTokens.get(token) ?? 0) > clock.now(),
    registration: (clientId) => registrations.get(clientId),
    refresh: (refreshToken) => (refreshTokens.delete(refreshToken) ? newTokens(accessTokenSeconds) : undefined),
  };
}
