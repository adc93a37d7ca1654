/**
 * A plan as steps that ask each other: the last role asks for its source's credentials only when it is not cached, so a
 * cached role costs no call, and no code, however long its chain.
 */

import { cacheKey } from "../cache/cache-key.ts";
import type { CacheEntry, CacheRequest, CredentialCache } from "../cache/cache-request.ts";
import { configured } from "../network/configured.ts";
import { configuredUrl } from "../network/configured-url.ts";
import { sha256Hex } from "../platform/digest.ts";
import type { FileLocations } from "../profiles/locations.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { type Credentials, unprintablePart } from "../protocol/credentials.ts";
import { RoleError } from "../protocol/errors.ts";
import type { MfaCodes } from "./mfa-codes.ts";
import type { RoleHop } from "./plan.ts";
import type { RateLimiter } from "./sts/rate-limiter.ts";

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

/** What all steps of one request share. */
export interface ResolutionContext {
  readonly shared: SharedConfig;
  /** Where {@link shared} was read from. */
  readonly files: FileLocations;
  readonly cache: CredentialCache;
  readonly mfaCodes: MfaCodes;
  readonly noCache: boolean;
  /** One per invocation of a cmdlet. */
  readonly invocationId: string;
  /** What this invocation has got already while the cache is not to be used: a code works only once. */
  readonly kept: Map<string, CacheEntry>;
  /** `-Region` and `-EndpointUrl`. */
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Where `aws sso login` leaves its tokens. */
  readonly ssoCacheDirectory: () => string;
  /** How fast the STS at an address may be asked, by all who ask it. */
  readonly rateLimiterOf: (origin: string) => RateLimiter;
  /** Loads the STS client, at the first call. */
  readonly loadSts: () => Promise<typeof import("./sts/client.ts")>;
  /** The region of the EC2 instance, where the chain begins there. */
  readonly instanceRegion?: ((context: Context) => Promise<string | undefined>) | undefined;
}

/** A provider whose result is cached. */
export function cachedProvider(
  resolution: ResolutionContext,
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
  resolution: ResolutionContext,
  context: Context,
  before: Pick<HopProvider, "identity">,
  hop: Pick<RoleHop, "settings">,
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
