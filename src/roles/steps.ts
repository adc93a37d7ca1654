/**
 * A plan as steps that ask each other: the last role asks for its source's credentials only when it is not cached, so a
 * cached role costs no call, and no code, however long its chain.
 */
import type { CacheEntry, CacheRequest, CredentialCache } from "../cache/cache-request.ts";
import { sha256Hex } from "../cache/digest.ts";
import { requestDigest } from "../cache/request-key.ts";
import type { Context } from "../context.ts";
import type { Credentials } from "../credentials.ts";
import { configured } from "../endpoints/configured.ts";
import { configuredUrl } from "../endpoints/configured-url.ts";
import type { SharedConfig } from "../files/shared-config.ts";
import type { Codes } from "./codes.ts";
import type { Pace } from "./pace.ts";
import type { RoleHop } from "./plan.ts";

/** Credentials with what STS said besides. */
export type Obtained = Omit<CacheEntry, "credentials"> & { readonly credentials: Credentials };

export interface Step {
  /** As people read it: `profile base`, `the environment`, `role arn:… (profile prod)`. */
  readonly label: string;
  /** Stands for the step in what is cached behind it: the same for the same credentials, and holds no secret. */
  readonly fingerprint: string;
  /** Whether its credentials are known to be long-term keys, so that GetSessionToken may be asked. */
  readonly longTerm: boolean;
  /** Absent where nothing is cached. */
  readonly request?: CacheRequest;
  obtain(context: Context): Promise<Obtained>;
}

/** What all steps of one request share. */
export interface Journey {
  readonly shared: SharedConfig;
  readonly cache: CredentialCache;
  readonly codes: Codes;
  readonly noCache: boolean;
  /** One per invocation of a cmdlet. */
  readonly conversation: string;
  /** What this conversation has got already while the cache is not to be used: a code works only once. */
  readonly kept: Map<string, CacheEntry>;
  /** `-Region` and `-EndpointUrl`. */
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Where `aws sso login` leaves its tokens. */
  readonly ssoCacheDirectory: string;
  /** How fast the STS at an address may be asked, by all who ask it. */
  readonly paceOf: (origin: string) => Pace;
  /** Loads the STS client, at the first call. */
  readonly loadSts: () => Promise<typeof import("../assume-role.ts")>;
  /** The region of the EC2 instance, where the chain begins there. */
  readonly instanceRegion?: ((context: Context) => Promise<string | undefined>) | undefined;
}

/** A step whose result is cached. */
export function cachedStep(
  journey: Journey,
  step: Pick<Step, "label">,
  request: CacheRequest,
  fetch: (context: Context) => Promise<CacheEntry>,
): Step {
  return {
    ...step,
    // The last step's is asked for only where something is kept beside the cache.
    get fingerprint() {
      return requestDigest(request);
    },
    longTerm: false,
    request,
    async obtain(context) {
      const kept = journey.noCache && journey.kept.get(requestDigest(request));
      if (kept) return kept;
      const entry = await journey.cache.obtain(request, {
        context,
        caller: journey.conversation,
        hasCode: journey.codes.any,
        noCache: journey.noCache,
        fetch: (signal) => fetch({ ...context, signal }),
      });
      if (journey.noCache) journey.kept.set(requestDigest(request), entry);
      return entry;
    },
  };
}

/**
 * Who asks and where, which is part of what is cached: the steps before, an endpoint that is not AWS's own, and the old one for all
 * regions, whose sessions the regions that one must opt in to do not take.
 */
export function sourceOf(
  journey: Journey,
  context: Context,
  before: Pick<Step, "fingerprint">,
  hop: Pick<RoleHop, "settings">,
): string {
  const custom = configuredUrl("sts", {
    explicitUrl: journey.endpointUrl,
    settings: hop.settings,
    shared: journey.shared,
    environment: context.environment,
  });
  const { environment } = context;
  const regional = configured("AWS_STS_REGIONAL_ENDPOINTS", "stsRegionalEndpoints", { ...hop, environment });
  const legacy = !custom && regional?.value.trim().toLowerCase() === "legacy";
  return sha256Hex(`${before.fingerprint} ${custom?.url.href ?? (legacy ? "legacy" : "")}`);
}
