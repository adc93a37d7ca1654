/** The common interface of a chain's hops: all kinds of sources, and the roles assumed from them. */
import { cacheKey } from "../cache/cache-key.ts";
import type { CacheEntry, CacheRequest } from "../cache/cache-request.ts";
import type { CredentialCache } from "../cache/credential-cache.ts";
import { configured } from "../network/configured.ts";
import { configuredUrl } from "../network/configured-url.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { FileLocations } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { type Credentials, isSecretKeyShaped, unprintablePart } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import type { Keychain } from "../vault/keychain.ts";

/** Credentials with the rest of STS's response. */
export type Obtained = Omit<CacheEntry, "credentials"> & { readonly credentials: Credentials };

export interface HopProvider {
  /** For display only: `profile base`, `the environment`, `role arn:… (profile prod)`. */
  readonly label: string;
  /** Identifies the credentials in the cache keys of later hops. Contains no secret. */
  readonly identity: string;
  /** Whether the credentials are known to be long-term keys, so that GetSessionToken accepts them. */
  readonly longTerm: boolean;
  /** Whether the credentials came with `-Credential`. The AWS CLI cannot share what is assumed with them. */
  readonly isGiven?: boolean;
  /** Absent if nothing is cached. */
  readonly request?: CacheRequest;
  obtain(context: Context): Promise<Obtained>;
}

/** The state that the providers of one request share. */
export interface Resolution {
  readonly shared: SharedConfig;
  /** The files from which {@link shared} was read. */
  readonly files: FileLocations;
  readonly cache: CredentialCache;
  readonly keychain: Keychain;
  readonly mfaCodes: { readonly any: boolean };
  readonly noCache: boolean;
  /** One per cmdlet invocation. */
  readonly invocationId: string;
  /** Results of this invocation while the cache is off, because an MFA code works only once. */
  readonly kept: Map<string, CacheEntry>;
  /** `-EndpointUrl`. */
  readonly endpointUrl?: string | undefined;
}

/** Creates a provider without a cache: its keys are at hand, or their issuer caches them. */
export function uncachedProvider(
  label: string,
  identity: readonly unknown[],
  load: (context: Context) => Promise<Credentials>,
  longTerm = false,
): HopProvider {
  return {
    label,
    identity: sha256Hex(JSON.stringify(identity)),
    longTerm,
    async obtain(context) {
      const credentials = await load(context);
      refuseUnprintable(credentials, label);
      return { credentials };
    },
  };
}

/** Distinguishes one secret from another without containing it. */
export function secretHash(...parts: readonly (string | undefined)[]): string {
  return sha256Hex(JSON.stringify(parts));
}

/** Creates a provider whose result is cached. */
export function cachedProvider(
  resolution: Resolution,
  label: string,
  request: CacheRequest,
  fetch: (context: Context) => Promise<CacheEntry>,
): HopProvider {
  return {
    label,
    // Hash the request only if a later hop or the disk needs it.
    get identity() {
      return cacheKey(request);
    },
    longTerm: false,
    request,
    async obtain(context) {
      const kept = resolution.noCache && resolution.kept.get(cacheKey(request));
      if (kept) return kept;
      const entry = await resolution.cache.obtain(request, {
        context,
        caller: resolution.invocationId,
        hasCode: resolution.mfaCodes.any,
        noCache: resolution.noCache,
        fetch: async (signal) => {
          const fetched = await fetch({ ...context, signal });
          refuseUnprintable(fetched.credentials, label);
          return fetched;
        },
      });
      if (resolution.noCache) resolution.kept.set(cacheKey(request), entry);
      return entry;
    },
  };
}

/**
 * Checks the keys of every source.
 * @param label the label of the keys' provider
 * @throws RoleError `CredentialsInvalid`
 */
export function refuseUnprintable(credentials: Credentials, label: string): void {
  if (isSecretKeyShaped(credentials.accessKeyId)) {
    throw new RoleError("CredentialsInvalid", `The access key of ${label} looks like a secret key.`, {
      target: label,
      action: "Check that the access key and the secret key are not swapped.",
    });
  }
  const part = unprintablePart(credentials);
  if (part === undefined) return;
  throw new RoleError("CredentialsInvalid", `The ${part} of ${label} has characters other than printable ASCII.`, {
    target: label,
    action: "Get new keys from AWS, which contain only letters, digits and a few symbols.",
  });
}

/**
 * The caller and the endpoint, as part of a cache key: the previous hops, a custom endpoint, and the global endpoint, whose
 * sessions are not valid in opt-in regions.
 * @param before identity of the caller's credentials
 */
export function sourceOf(resolution: Resolution, context: Context, before: string, settings: Settings): string {
  const { endpointUrl: explicitUrl, shared } = resolution;
  const { environment } = context;
  const custom = configuredUrl("sts", { explicitUrl, settings, shared, environment });
  const regional = configured("AWS_STS_REGIONAL_ENDPOINTS", "stsRegionalEndpoints", { settings, environment });
  const legacy = !custom && regional?.value.trim().toLowerCase() === "legacy";
  return sha256Hex(`${before} ${custom?.url.href ?? (legacy ? "legacy" : "")}`);
}
