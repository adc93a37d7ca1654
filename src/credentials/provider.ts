/** A hop of a chain as something to ask for credentials: what all kinds of sources, and the roles after them, have in common. */
import { cacheKey } from "../cache/cache-key.ts";
import type { CacheEntry, CacheRequest, CredentialCache } from "../cache/cache-request.ts";
import { configured } from "../network/configured.ts";
import { configuredUrl } from "../network/configured-url.ts";
import { sha256Hex } from "../platform/digest.ts";
import type { FileLocations } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { type CredentialProvider, type Credentials, unprintablePart } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";

/** Credentials with what STS said besides. */
export type Obtained = Omit<CacheEntry, "credentials"> & { readonly credentials: Credentials };

export interface HopProvider {
  /** For people: `profile base`, `the environment`, `role arn:… (profile prod)`. Nothing is decided by it. */
  readonly label: string;
  /** Stands for the provider in what is cached behind it: the same for the same credentials, and holds no secret. */
  readonly identity: string;
  /** Whether its credentials are known to be long-term keys, so that GetSessionToken may be asked. */
  readonly longTerm: boolean;
  /** Whether its credentials came with `-Credential`: the AWS CLI could not have asked for what is assumed with them. */
  readonly isGiven?: boolean;
  /** Absent where nothing is cached. */
  readonly request?: CacheRequest;
  obtain(context: Context): Promise<Obtained>;
}

/** What the providers of one request share. */
export interface Resolution {
  readonly shared: SharedConfig;
  /** Where {@link shared} was read from. */
  readonly files: FileLocations;
  readonly cache: CredentialCache;
  readonly mfaCodes: { readonly any: boolean };
  readonly noCache: boolean;
  /** One per invocation of a cmdlet. */
  readonly invocationId: string;
  /** What this invocation has got already while the cache is not to be used: a code works only once. */
  readonly kept: Map<string, CacheEntry>;
  /** `-EndpointUrl`. */
  readonly endpointUrl?: string | undefined;
  /** Where `aws sso login` leaves its tokens. */
  readonly ssoCacheDirectory: () => string;
}

/** A source that is asked each time: its keys are at hand, or whoever gives them caches them. */
export function uncachedProvider(
  label: string,
  identity: readonly unknown[],
  credentials: (context: Context) => CredentialProvider,
  longTerm = false,
): HopProvider {
  return {
    label,
    identity: sha256Hex(JSON.stringify(identity)),
    longTerm,
    async obtain(context) {
      const obtained = await credentials(context)();
      refuseUnprintable(obtained, label);
      return { credentials: obtained };
    },
  };
}

/** Tells one secret from another without holding it. */
export function secretMark(...parts: readonly (string | undefined)[]): string {
  return sha256Hex(JSON.stringify(parts));
}

/** A provider whose result is cached. */
export function cachedProvider(
  resolution: Resolution,
  provider: Pick<HopProvider, "label">,
  request: CacheRequest,
  fetch: (context: Context) => Promise<CacheEntry>,
): HopProvider {
  return {
    ...provider,
    // The last provider's is asked for only where something is kept beside the cache.
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
          refuseUnprintable(fetched.credentials, provider.label);
          return fetched;
        },
      });
      if (resolution.noCache) resolution.kept.set(cacheKey(request), entry);
      return entry;
    },
  };
}

/**
 * The one check of the keys that a source gives, whichever it is.
 * @param label of the provider they come from
 * @throws RoleError `CredentialsInvalid`
 */
export function refuseUnprintable(credentials: Credentials, label: string): void {
  const part = unprintablePart(credentials);
  if (part === undefined) return;
  throw new RoleError("CredentialsInvalid", `The ${part} of ${label} has characters other than printable ASCII.`, {
    target: label,
    action: "Get new keys from AWS: theirs have letters, digits and a few signs only.",
  });
}

/**
 * Who asks and where, which is part of what is cached: the steps before, an endpoint that is not AWS's own, and the old one for all
 * regions, whose sessions the regions that one must opt in to do not take.
 */
export function sourceOf(
  resolution: Resolution,
  context: Context,
  before: Pick<HopProvider, "identity">,
  hop: { readonly settings: Settings },
): string {
  const custom = configuredUrl("sts", {
    explicitUrl: resolution.endpointUrl,
    settings: hop.settings,
    shared: resolution.shared,
    environment: context.environment,
  });
  const { environment } = context;
  const regional = configured("AWS_STS_REGIONAL_ENDPOINTS", "stsRegionalEndpoints", { ...hop, environment });
  const legacy = !custom && regional?.value.trim().toLowerCase() === "legacy";
  return sha256Hex(`${before.identity} ${custom?.url.href ?? (legacy ? "legacy" : "")}`);
}
