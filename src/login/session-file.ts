import { join } from "node:path";
import { sha256Hex } from "../platform/hash.ts";
import { readRegularFile } from "../platform/read-file.ts";
import type { Credentials } from "../protocol/credentials.ts";
import { isText, membersOf, parseJsonObject, sessionKeysIn } from "../protocol/credentials-json.ts";
import { parseExpiration } from "../protocol/expiration.ts";

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
