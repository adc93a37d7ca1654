import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { writeJsonFile } from "../platform/atomic-write.ts";
import { sha1Hex } from "../platform/hash.ts";
import { pythonJson } from "../platform/python-json.ts";
import { readRegularFile } from "../platform/read-file.ts";
import { removeQuietly } from "../platform/remove-file.ts";
import type { Context } from "../protocol/context.ts";
import { NoCredentialsInJson, parseJsonObject } from "../protocol/credentials-json.ts";
import { parseExpiration, timeText } from "../protocol/expiration.ts";
import { registeredRedirectUri } from "../sign-in/loopback-redirect.ts";
import type { OpenSignIn } from "../sign-in/sign-ins.ts";
import { type CreatedToken, callOidc, isPrintable, readAnswer, refused } from "./oidc.ts";
import type { SsoServices } from "./sso-services.ts";
import type { SsoSession } from "./sso-session.ts";

/** How the user signs in. Each way needs a registration of its own. */
export type Grant = "authorization_code" | "device_code";

/** This program, as registered with IAM Identity Center. */
export interface Registration {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly expiresAt: Date;
}

/** A browser sign-in whose page is ready: its token is stored once the user is done. */
export type OpenGrant = Omit<OpenSignIn, "finish"> & {
  readonly registration: Registration;
  /** Waits for the user. */
  finish(context: Context): Promise<CreatedToken>;
};

/** A registration with less time left is renewed, as in botocore. */
const renewBeforeMs = 15 * 60_000;

/** The scope that a sign-in for accounts and roles needs. */
export const accountScope = "sso:account:access";

/**
 * Returns the registration that the AWS CLI or this module has made for the session, or registers this program. The file, its name and its
 * members are botocore's (`BaseSSOTokenFetcher` in utils.py), so that both tools share it.
 * @throws RoleError `SsoFailed`, `FileUnwritable`, `Cancelled`
 */
export async function registrationFor(
  session: SsoSession,
  services: SsoServices,
  grant: Grant,
  context: Context,
): Promise<Registration> {
  const path = registrationPath(services.tokenDirectory, session);
  const cached = readRegistration(path, grant);
  if (cached && cached.expiresAt.getTime() - context.now() > renewBeforeMs) return cached;
  const registration = await register(session, services, grant, context.signal);
  const scopes = scopesFor(session, grant);
  const members = new Map<string, unknown>([
    ["clientId", registration.clientId],
    ["clientSecret", registration.clientSecret],
    ["expiresAt", timeText(registration.expiresAt)],
    ...(scopes ? [["scopes", scopes] as const] : []),
    ...(grant === "authorization_code" ? [["grantTypes", grantTypes] as const] : []),
  ]);
  // The next sign-in registers again if the file cannot be kept.
  await writeJsonFile(path, members).catch(() => context.say("The registration could not be stored."));
  return registration;
}

/** Forgets a registration that the service no longer accepts. */
export function forgetRegistration(session: SsoSession, { tokenDirectory }: SsoServices): void {
  removeQuietly(registrationPath(tokenDirectory, session));
}

function registrationPath(directory: string, { startUrl, region, sessionName, scopes }: SsoSession): string {
  const key = { tool: "botocore", startUrl, region, scopes: scopes ?? null, session_name: sessionName ?? null };
  return join(directory, `${sha1Hex(pythonJson(key))}.json`);
}

const grantTypes = ["authorization_code", "refresh_token"];

/** Without scopes, a device code gives a sign-in that cannot be renewed: the legacy form, as in the AWS CLI. */
function scopesFor({ scopes }: SsoSession, grant: Grant): readonly string[] | undefined {
  return scopes ?? (grant === "authorization_code" ? [accountScope] : undefined);
}

async function register(
  session: SsoSession,
  services: SsoServices,
  grant: Grant,
  signal: AbortSignal,
): Promise<Registration> {
  const scopes = scopesFor(session, grant);
  const call = {
    path: "/client/register",
    doing: "Signing in",
    signal,
    body: {
      clientName: `RoleCredentials-${session.sessionName ?? randomUUID()}`,
      clientType: "public",
      ...(scopes && { scopes }),
      ...(grant === "authorization_code" && {
        grantTypes,
        redirectUris: [registeredRedirectUri],
        issuerUrl: session.startUrl,
      }),
    },
  } as const;
  const answer = await callOidc(session, services, call);
  if ("refusal" in answer) throw refused(session, call, answer.refusal);
  return readAnswer(session, services, call, () => registrationIn(answer.members));
}

function registrationIn(members: ReadonlyMap<string, unknown>): Registration {
  const [clientId, clientSecret, ends] = ["clientId", "clientSecret", "clientSecretExpiresAt"].map((name) =>
    members.get(name),
  );
  if (!isPrintable(clientId) || !isPrintable(clientSecret)) throw new NoCredentialsInJson("has no client");
  if (typeof ends !== "number" || !(ends >= 0 && ends < 1e11))
    throw new NoCredentialsInJson("has no end of the client");
  return { clientId, clientSecret, expiresAt: new Date(ends * 1000) };
}

function readRegistration(path: string, grant: Grant): Registration | undefined {
  try {
    const members = parseJsonObject(readRegularFile(path).toString("utf8"));
    const [clientId, clientSecret, ends, grants] = ["clientId", "clientSecret", "expiresAt", "grantTypes"].map((name) =>
      members.get(name),
    );
    const expiresAt = typeof ends === "string" ? parseExpiration(ends) : undefined;
    // Only registrations for a code list their grants.
    const isForCode = Array.isArray(grants) && grants.includes("authorization_code");
    if (!isPrintable(clientId) || !isPrintable(clientSecret) || !expiresAt) return undefined;
    return isForCode === (grant === "authorization_code") ? { clientId, clientSecret, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}
