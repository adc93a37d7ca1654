import { parseExpiration, timeText } from "../protocol/expiration.ts";
import type { Cipher } from "../vault/cache-cipher.ts";
import { type CachedOperation, type CacheEntry, cachedOperations, type TemporaryCredentials } from "./cache-request.ts";

/** Which request an entry belongs to, and when it was made. Written next to STS's response; botocore ignores it. */
export interface Origin {
  /** Cache key of the request. */
  readonly cacheKey: string;
  readonly operation: CachedOperation;
  /** Milliseconds since the epoch, by the clock of the machine that sent the request. */
  readonly obtainedAt: number;
  readonly durationSeconds?: number | undefined;
  readonly roleArn?: string | undefined;
  /** The profiles that requested the entry, for clearing by profile. */
  readonly profileNames: readonly string[];
}

export interface ParsedEntry {
  readonly entry: CacheEntry;
  /** Absent from entries of the AWS CLI. */
  readonly origin?: Origin;
  /** The operation, if the AWS CLI's entry identifies it. */
  readonly operation?: CachedOperation;
  /** When STS responded to the AWS CLI, in milliseconds by STS's clock. The CLI keeps the response's headers. */
  readonly givenAt?: number;
  /** `closed`: the secrets cannot be opened, so the entry has metadata and no credentials to use. */
  readonly seal?: "opened" | "closed";
  /** When the file was written, in milliseconds by the clock of the machine that wrote it. */
  readonly writtenAt?: number;
}

/** Entries of another version are cache misses. */
const version = 1;
/** The version of entries whose secrets are sealed. */
const sealedVersion = 2;

/**
 * Formats the entry as botocore does (AssumeRole's response, see `_get_credentials` in credentials.py), and adds its origin.
 * @param cipher seals the secrets, in the module's own directory only
 */
export function formatEntry(entry: CacheEntry, origin: Origin, cipher?: Cipher): string {
  const { credentials, assumedRoleUser } = entry;
  const secrets = { SecretAccessKey: credentials.secretAccessKey, SessionToken: credentials.sessionToken };
  const sealed = cipher?.seal(JSON.stringify(secrets), aboutSecrets(origin.cacheKey, credentials.accessKeyId));
  return JSON.stringify({
    ...(origin.operation === "GetRoleCredentials" ? { ProviderType: "sso" } : {}),
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      ...(sealed === undefined && secrets),
      // With Z, which every version reads.
      Expiration: timeText(credentials.expiration),
      AccountId: credentials.accountId ?? assumedRoleUser?.arn.split(":")[4],
    },
    ...(assumedRoleUser && {
      AssumedRoleUser: { AssumedRoleId: assumedRoleUser.assumedRoleId, Arn: assumedRoleUser.arn },
    }),
    PackedPolicySize: entry.packedPolicySize,
    SourceIdentity: entry.sourceIdentity,
    RoleCredentials: {
      Version: sealed === undefined ? version : sealedVersion,
      Sealed: sealed,
      Request: origin.cacheKey,
      Operation: origin.operation,
      ObtainedAt: new Date(origin.obtainedAt).toISOString(),
      DurationSeconds: origin.durationSeconds,
      RoleArn: origin.roleArn,
      Profiles: origin.profileNames,
    },
  });
}

/**
 * Parses an entry of this module or of the AWS CLI. Undefined unless the whole file is valid.
 * @param cipher opens sealed secrets; without it, such an entry has none
 */
export function parseEntry(text: string, cipher?: Cipher): ParsedEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const own = member(json, "RoleCredentials");
  const secrets = openSecrets(json, cipher);
  const credentials = parseCredentials(member(json, "Credentials"), secrets ?? member(json, "Credentials"));
  if (!credentials) return undefined;
  const origin = parseOrigin(own);
  // Another version wrote an origin that cannot be read here, so the entry's request is unknown.
  if (own !== undefined && !origin) return undefined;

  const user = member(json, "AssumedRoleUser");
  const arn = plainText(member(user, "Arn"));
  const assumedRoleId = plainText(member(user, "AssumedRoleId"));
  const packedPolicySize = member(json, "PackedPolicySize");
  const sourceIdentity = plainText(member(json, "SourceIdentity"));
  const operation = origin?.operation ?? operationOf(json);
  const givenAt = Date.parse(String(member(member(member(json, "ResponseMetadata"), "HTTPHeaders"), "date")));
  return {
    entry: freezeEntry({
      credentials,
      ...(arn && assumedRoleId ? { assumedRoleUser: { arn, assumedRoleId } } : {}),
      ...(typeof packedPolicySize === "number" ? { packedPolicySize } : {}),
      ...(sourceIdentity ? { sourceIdentity } : {}),
    }),
    ...(origin && { origin }),
    ...(secrets !== undefined && { seal: secrets === noSecrets ? ("closed" as const) : ("opened" as const) }),
    ...(operation && { operation }),
    ...(!Number.isNaN(givenAt) && { givenAt }),
  };
}

/** Freezes the object, because callers share it. */
export function freezeEntry(entry: CacheEntry): CacheEntry {
  Object.freeze(entry.credentials);
  if (entry.assumedRoleUser) Object.freeze(entry.assumedRoleUser);
  return Object.freeze(entry);
}

/** Placeholders for the secrets of an entry that cannot be opened. */
const noSecrets = { SecretAccessKey: "-", SessionToken: "-" };

/** Identifies the entry that sealed secrets belong to, so that they cannot be opened in another one. */
function aboutSecrets(cacheKey: string, accessKeyId: string): string {
  return `${cacheKey} ${accessKeyId}`;
}

/** The secrets of a sealed entry; undefined for one that is not sealed. */
function openSecrets(json: unknown, cipher: Cipher | undefined): unknown {
  const own = member(json, "RoleCredentials");
  const sealed = member(own, "Version") === sealedVersion ? member(own, "Sealed") : undefined;
  if (sealed === undefined) return undefined;
  const about = aboutSecrets(
    String(member(own, "Request")),
    String(member(member(json, "Credentials"), "AccessKeyId")),
  );
  const opened = cipher?.open(String(sealed), about);
  return opened === undefined ? noSecrets : JSON.parse(opened);
}

function parseCredentials(json: unknown, secrets: unknown): TemporaryCredentials | undefined {
  const accessKeyId = plainText(member(json, "AccessKeyId"));
  const secretAccessKey = plainText(member(secrets, "SecretAccessKey"));
  const sessionToken = plainText(member(secrets, "SessionToken"));
  const expiration = parseTime(member(json, "Expiration"));
  const accountId = plainText(member(json, "AccountId"));
  if (!accessKeyId || !secretAccessKey || !sessionToken || expiration === undefined) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: new Date(expiration),
    ...(accountId ? { accountId } : {}),
  };
}

function parseOrigin(json: unknown): Origin | undefined {
  const cacheKey = plainText(member(json, "Request"));
  const operation = cachedOperations.find((known) => known === member(json, "Operation"));
  const obtainedAt = parseTime(member(json, "ObtainedAt"));
  const durationSeconds = member(json, "DurationSeconds");
  const roleArn = plainText(member(json, "RoleArn"));
  const profiles = member(json, "Profiles");
  const isSealed = typeof member(json, "Sealed") === "string";
  const known = member(json, "Version") === (isSealed ? sealedVersion : version);
  if (!known || !cacheKey || !operation || obtainedAt === undefined) return undefined;
  return {
    cacheKey,
    operation,
    obtainedAt,
    durationSeconds: typeof durationSeconds === "number" ? durationSeconds : undefined,
    roleArn,
    profileNames: Array.isArray(profiles) ? profiles.filter((name) => typeof name === "string") : [],
  };
}

function operationOf(json: unknown): CachedOperation | undefined {
  if (member(json, "ProviderType") === "sso") return "GetRoleCredentials";
  if (member(json, "SubjectFromWebIdentityToken") !== undefined) return "AssumeRoleWithWebIdentity";
  return member(json, "AssumedRoleUser") === undefined ? undefined : "AssumeRole";
}

/** Rejects a time without a zone, which is ambiguous. No version of the AWS CLI writes one. */
function parseTime(value: unknown): number | undefined {
  const hasZone = typeof value === "string" && /(?:Z|UTC|[+-]\d\d(?::?\d\d)?)$/.test(value);
  return hasZone ? parseExpiration(value)?.getTime() : undefined;
}

/** Returns an own member of the file's object, never an inherited one. */
function member(json: unknown, name: string): unknown {
  if (typeof json !== "object" || json === null || !Object.hasOwn(json, name)) return undefined;
  return (json as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function plainText(value: unknown): string | undefined {
  // Keys, tokens and ARNs are printable ASCII without spaces. STS never returns anything else.
  return typeof value === "string" && /^[!-~]+$/.test(value) ? value : undefined;
}
