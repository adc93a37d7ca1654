import type { Context } from "../protocol/context.ts";
import type { Credentials } from "../protocol/credentials.ts";

export type CachedOperation = "AssumeRole" | "AssumeRoleWithWebIdentity" | "GetSessionToken" | "GetRoleCredentials";

/** A request for temporary credentials, described so that two which could be answered differently never look alike. */
export interface CacheRequest {
  readonly operation: CachedOperation;
  /**
   * What the AWS CLI hashes for the same request, when it could have cached this very request itself; absent otherwise
   * (tags, a policy, a source identity, an endpoint of one's own …).
   * AssumeRole: `RoleArn`, and `RoleSessionName`, `ExternalId`, `SerialNumber`, `DurationSeconds` where configured.
   * AssumeRoleWithWebIdentity: `RoleArn`, and `RoleSessionName` where configured.
   * GetRoleCredentials: `roleName`, `accountId`, and `sessionName`, or `startUrl` for a profile without `sso_session`.
   */
  readonly cliKey?: Readonly<Record<string, string | number>>;
  /**
   * All that could make the answer differ, the CLI's key included or not: JSON of plain objects, arrays, strings, numbers, booleans.
   * Nothing that changes by itself (a session name made from the time), and no secret: a secret enters as its SHA-256.
   */
  readonly identity: Readonly<Record<string, unknown>>;
  /**
   * Who asks, and where: the identity of the source and the endpoint, which the CLI's key leaves out.
   * A source that is itself a role is identified by the cache key of its own request, for its keys change hourly.
   */
  readonly source: string;
  /** Seconds that were asked for, when the answer's length is known beforehand. */
  readonly durationSeconds?: number;
  /** For clearing by profile; not part of what tells requests apart. */
  readonly profileName?: string;
  /** For clearing by role, and to know a foreign entry when we see one; not part of what tells requests apart. */
  readonly roleArn?: string;
}

export interface TemporaryCredentials extends Credentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What STS answered. The object is shared between callers and frozen. */
export interface CacheEntry {
  readonly credentials: TemporaryCredentials;
  readonly assumedRoleUser?: { readonly arn: string; readonly assumedRoleId: string };
  readonly packedPolicySize?: number;
  readonly sourceIdentity?: string;
  /** How long they last by the clock of who gave them, in milliseconds, where that was told. For the cache only. */
  readonly lifetime?: number;
}

/** Absolute paths. Either absent: that part of the disk is left alone. */
export interface CacheDirectories {
  /** The AWS CLI's, `~/.aws/cli/cache`. */
  readonly cli?: string;
  /** Ours. Holds entries, and the locks of both. */
  readonly own?: string;
}

export type CacheContext = Pick<Context, "now" | "say">;

export interface ObtainOptions {
  readonly context: CacheContext & Pick<Context, "signal">;
  /**
   * Asks STS. Its signal is aborted when nobody waits for the answer any more; the fetch must not listen to its caller's own signal,
   * since it may work for others too. `MfaRequired` says that a code is needed.
   */
  readonly fetch: (signal: AbortSignal) => Promise<CacheEntry>;
  /**
   * One id per person asking, so one per call of a cmdlet: the request that is answered `MfaRequired` and the one that brings the code
   * carry the same. Process-wide unique.
   */
  readonly caller: string;
  /** The request brings an MFA code, which lives for seconds: it waits for nobody else's prompt. */
  readonly hasCode?: boolean;
  /** Neither reads the cache nor writes it, nor shares another's fetch. */
  readonly noCache?: boolean;
}

/**
 * Whose credentials to forget.
 * A profile's are those that it asked for through us; `cliKeys` adds what the AWS CLI alone fetched for it.
 */
export type ClearTarget =
  | { readonly all: true }
  | {
      readonly profileName: string;
      readonly cliKeys?: readonly Readonly<Record<string, string | number>>[];
    }
  | { readonly roleArn: string };

export interface ClearedEntry {
  readonly from: "memory" | "disk" | "cli";
  readonly roleArn?: string;
  readonly profileNames: readonly string[];
  readonly expiration: Date;
}

/** Temporary credentials that are asked for once and shared: by callers, by processes, and with the AWS CLI. */
export interface CredentialCache {
  /** The cached entry, if it has time left. Synchronous, and microseconds when this process has it in memory. */
  lookup(request: CacheRequest, context: CacheContext): CacheEntry | undefined;

  /**
   * The cached entry, or what `fetch` answers; of all callers and processes that ask for the same at once, one fetches.
   * When its fetch throws `MfaRequired` the caller gets that error, and two minutes in which the others wait for it to come
   * back (same `caller`) with the code.
   * @throws RoleError `Cancelled` when the signal is aborted; whatever `fetch` throws.
   */
  obtain(request: CacheRequest, options: ObtainOptions): Promise<CacheEntry>;

  /** The caller will not come back with its code: the next one waiting gets its turn. */
  abandon(caller: string): void;

  /** Forgets, in memory and on disk, and tells what. */
  clear(target: ClearTarget, context: CacheContext): readonly ClearedEntry[];

  /** Done when all that was answered so far is on disk too. Never rejects. */
  settled(): Promise<void>;

  /** Lets go of all locks, at the end of the process; those for entries that are being written go with {@link settled}. */
  close(): void;
}
