import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";
import type { AssumedRoleUser } from "../protocol/role-messages.ts";

export const cachedOperations = [
  "AssumeRole",
  "AssumeRoleWithSAML",
  "AssumeRoleWithWebIdentity",
  "GetSessionToken",
  "GetRoleCredentials",
] as const;

export type CachedOperation = (typeof cachedOperations)[number];

/** A request for temporary credentials. Two requests that could have different responses have different descriptions. */
export interface CacheRequest {
  readonly operation: CachedOperation;
  /**
   * What the AWS CLI hashes for the same request, if it could have cached this exact request itself. Absent otherwise (tags, a policy, a
   * source identity, a custom endpoint …).
   * AssumeRole: `RoleArn`, and `RoleSessionName`, `ExternalId`, `SerialNumber`, `DurationSeconds` if configured.
   * AssumeRoleWithWebIdentity: `RoleArn`, and `RoleSessionName` if configured.
   * GetRoleCredentials: `roleName`, `accountId`, and `sessionName`, or `startUrl` for a profile without `sso_session`.
   */
  readonly cliKey?: Readonly<Record<string, string | number>> | undefined;
  /**
   * Everything that could change the response, including what is in the CLI's key: JSON of plain objects, arrays, strings, numbers and
   * booleans. It contains nothing that changes by itself (such as a session name made from the time) and no secret: use the SHA-256 of a
   * secret.
   */
  readonly identity: Readonly<Record<string, unknown>>;
  /**
   * Identity of the source, and the endpoint, neither of which is in the CLI's key. If the source is itself a role, use the cache key of
   * its own request, because its access keys change hourly.
   */
  readonly source: string;
  /** Requested duration in seconds, if the response's length is known beforehand. */
  readonly durationSeconds?: number | undefined;
  /** For clearing by profile. Not part of the cache key. */
  readonly profileName?: string | undefined;
  /** For clearing by role, and for recognizing an entry of another role. Not part of the cache key. */
  readonly roleArn?: string | undefined;
}

export interface TemporaryCredentials extends Credentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** STS's response. Callers share the object, which is frozen. */
export interface CacheEntry {
  readonly credentials: TemporaryCredentials;
  readonly assumedRoleUser?: Readonly<AssumedRoleUser>;
  readonly packedPolicySize?: number;
  readonly sourceIdentity?: string;
  /** Lifetime in milliseconds by the issuer's clock, if the response includes it. Only for the cache. */
  readonly lifetime?: number;
}

/** Absolute paths. The cache does not use a directory that is undefined. */
export interface CacheDirectories {
  /** The AWS CLI's cache, `~/.aws/cli/cache`. */
  readonly cli?: string;
  /** The module's own cache. Contains entries, and the locks for both directories. */
  readonly own?: string;
}

export type CacheContext = Pick<Context, "now" | "say">;

export interface ObtainOptions {
  readonly context: CacheContext & Pick<Context, "signal">;
  /**
   * Sends the request to STS. Its signal aborts when no caller waits for the response any more. The fetch must not use its caller's own
   * signal, because it may serve other callers too. It throws `MfaRequired` if a code is needed.
   */
  readonly fetch: (signal: AbortSignal) => Promise<CacheEntry>;
  /**
   * One process-wide unique id per invocation of a cmdlet. The request that fails with `MfaRequired` and the request that brings the code
   * have the same id.
   */
  readonly caller: string;
  /** The request brings an MFA code, which is valid for seconds, so it does not wait for another caller's prompt. */
  readonly hasCode?: boolean;
  /** Neither reads nor writes the cache, and does not share another caller's fetch. */
  readonly noCache?: boolean;
}

/**
 * Which credentials to clear. For a profile: those that this module requested for it; `cliKeys` adds those that only the AWS CLI requested
 * for it.
 */
export type ClearTarget =
  | { readonly all: true }
  | {
      readonly profileName: string;
      readonly cliKeys?: readonly Readonly<Record<string, string | number>>[];
    }
  | { readonly roleArn: string };
