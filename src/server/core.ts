/** What lives as long as the process: caches by home directory, and what invocations have got so far. */
import { join } from "node:path";
import type { ResolutionContext } from "../assume-role/hop-provider.ts";
import { createMfaCodes } from "../assume-role/mfa-codes.ts";
import { createRateLimiter, type RateLimiter } from "../assume-role/sts/rate-limiter.ts";
import type { CacheEntry, CredentialCache } from "../cache/cache-request.ts";
import { type CacheSettings, createCredentialCache } from "../cache/credential-cache.ts";
import type { DiagnosisState } from "../diagnosis/diagnosis-state.ts";
import { createHistoryWriter, type HistoryWriter } from "../history/history-writer.ts";
import type { FileLocations } from "../profiles/locations.ts";
import {
  cliCacheDirectory,
  homeDirectory,
  locateFiles,
  locateProfileFile,
  ssoCacheDirectory,
} from "../profiles/locations.ts";
import { readSharedConfig } from "../profiles/read.ts";
import type { Context } from "../protocol/context.ts";
import type { UseRoleParams } from "../protocol/methods.ts";

export interface Core {
  locations(profileLocation: string | undefined, context: Context): FileLocations;
  cache(context: Context): CredentialCache;
  /** What the steps of one request share. */
  resolution(params: UseRoleParams, context: Context): ResolutionContext;
  /** What an invocation that tests a chain has found so far. */
  state(invocationId: string): DiagnosisState;
  /** The roles used lately. */
  readonly history: HistoryWriter;
  /** Ends an invocation: its response was sent, or its caller left. */
  forget(invocationId: string): void;
  /** Whether roles lie in the caches that were asked for so far, or else in those of this home: then the next one is likely there too. */
  holdsRoles(context: Context): boolean;
  /** Done when all that was cached and noted is on disk. Never rejects. */
  settled(): Promise<void>;
  close(): void;
}

interface Invocation {
  readonly kept: Map<string, CacheEntry>;
  readonly state: DiagnosisState;
}

/** So many invocations may lie open, waiting for a code; the oldest ones are dropped. */
const maximumInvocations = 64;

export function createCore(cacheSettings: CacheSettings = {}): Core {
  const caches = new Map<string, CredentialCache>();
  const invocations = new Map<string, Invocation>();
  const rateLimiters = new Map<string, RateLimiter>();
  let anonymous = 0;

  const core: Core = {
    locations: (profileLocation, { environment, platform, workingDirectory }) =>
      profileLocation === undefined
        ? locateFiles(environment, platform, workingDirectory)
        : locateProfileFile(profileLocation, environment, platform, workingDirectory),

    cache({ environment, platform }) {
      const cli = cliCacheDirectory(environment, platform);
      let cache = caches.get(cli);
      if (!cache) {
        const own = join(homeDirectory(environment), ".aws", "role-credentials", "cache");
        cache = createCredentialCache({ cli, own }, cacheSettings);
        caches.set(cli, cache);
      }
      return cache;
    },

    resolution(params, context) {
      const invocationId = params.invocationId ?? `anonymous-${++anonymous}`;
      const files = core.locations(params.profileLocation, context);
      return {
        shared: readSharedConfig(files),
        files,
        cache: core.cache(context),
        mfaCodes: createMfaCodes(params.tokenCode, params.tokenCodes ?? {}),
        noCache: params.noCache ?? false,
        invocationId,
        kept: params.noCache ? open(invocationId).kept : new Map(),
        region: params.region,
        endpointUrl: params.endpointUrl,
        ssoCacheDirectory: ssoCacheDirectory(context.environment, context.platform),
        rateLimiterOf,
        loadSts: () => import("../assume-role/sts/client.ts"),
      };
    },

    state: (invocationId) => open(invocationId).state,

    history: createHistoryWriter(),

    forget(invocationId) {
      invocations.delete(invocationId);
      for (const cache of caches.values()) cache.abandon(invocationId);
    },

    holdsRoles(context) {
      const asked = caches.size > 0 ? [...caches.values()] : [core.cache(context)];
      return asked.some((cache) => cache.holdsUnexpired(context.now()));
    },

    async settled() {
      await Promise.all([core.history.flush(), ...[...caches.values()].map((cache) => cache.settled())]);
    },

    close() {
      for (const cache of caches.values()) cache.close();
    },
  };
  return core;

  function rateLimiterOf(origin: string): RateLimiter {
    let rateLimiter = rateLimiters.get(origin);
    if (!rateLimiter) {
      rateLimiter = createRateLimiter();
      rateLimiters.set(origin, rateLimiter);
    }
    return rateLimiter;
  }

  function open(id: string): Invocation {
    let invocation = invocations.get(id);
    if (!invocation) {
      invocation = { kept: new Map(), state: new Map() };
      invocations.set(id, invocation);
      const [oldest] = invocations.keys();
      if (invocations.size > maximumInvocations && oldest !== undefined) invocations.delete(oldest);
    }
    return invocation;
  }
}
