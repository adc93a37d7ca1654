/** The state of the process: caches by home directory, and the interim results of open invocations. */
import { join } from "node:path";
import { createMfaCodes } from "../assume-role/mfa-codes.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import type { CacheEntry } from "../cache/cache-request.ts";
import { type CacheSettings, CredentialCache } from "../cache/credential-cache.ts";
import type { DiagnosisState } from "../diagnosis/diagnosis-state.ts";
import { createHistoryWriter, type HistoryWriter } from "../history/history-writer.ts";
import { ListedRoles } from "../identity-center/listed-roles.ts";
import type { KeyPlace } from "../keys/keychain-profile.ts";
import { sealsCache } from "../module-settings/cache-settings.ts";
import { createRateLimiter, type RateLimiter } from "../network/rate-limiter.ts";
import { BoundedMap } from "../platform/bounded-map.ts";
import type { Program } from "../platform/command-line.ts";
import {
  cliCacheDirectory,
  type FileLocations,
  findHome,
  locateFiles,
  locateProfileFile,
  moduleDirectory,
} from "../profiles/locations.ts";
import { readSharedConfig } from "../profiles/read.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { UseRoleParams } from "../protocol/role-messages.ts";
import { createSignIns, type SignIns } from "../sign-in/sign-ins.ts";
import { type Cipher, cacheCipher } from "../vault/cache-cipher.ts";
import { createKeychain, type Keychain } from "../vault/keychain.ts";

export interface Core {
  /** What runs this process. */
  readonly program: Program;
  locations(profileLocation: string | undefined, context: Context): FileLocations;
  /** The content of the two AWS files. */
  shared(profileLocation: string | undefined, context: Context): SharedConfig;
  cache(context: Context): CredentialCache;
  readonly keychain: Keychain;
  /** Where the keys of profiles are kept. */
  keyPlace(files: FileLocations, context: Context): KeyPlace;
  /** What the steps of one request share. */
  resolution(params: UseRoleParams, context: Context): ResolutionContext;
  /** Interim results of an invocation that tests a chain. */
  state(invocationId: string): DiagnosisState;
  /** The recently used roles. */
  readonly history: HistoryWriter;
  /** Sign-ins that wait for the user in the browser. */
  readonly signIns: SignIns;
  /** The throttle of the calls to an endpoint. */
  rateLimiterOf(origin: string): RateLimiter;
  /** The accounts and roles of IAM Identity Center that have been listed. */
  readonly listedRoles: ListedRoles;
  /** The open credentials endpoints, by their addresses. */
  readonly endpoints: Map<string, { close(): void }>;
  closeEndpoint(url: string): void;
  /** Ends an invocation: its response was sent, or its caller left. */
  forget(invocationId: string): void;
  /** Loads the STS client, so that the first uncached role does not wait for it. */
  warmUp(): Promise<void>;
  /** Resolves when cache entries and history are on disk. Never rejects. */
  settled(): Promise<void>;
  close(): void;
}

interface Invocation {
  readonly kept: Map<string, CacheEntry>;
  readonly state: DiagnosisState;
}

const loadSts = () => import("../assume-role/sts/client.ts");

/** Maximum number of open invocations, which wait for a code. The oldest are dropped. */
const maximumInvocations = 64;

export interface CoreSettings extends CacheSettings {
  readonly keychain?: Keychain;
}

export function createCore(
  { keychain = createKeychain(), ...cacheSettings }: CoreSettings = {},
  program: Program = { node: "", script: "" },
): Core {
  const caches = new Map<string, CredentialCache>();
  const invocations = new BoundedMap<string, Invocation>(maximumInvocations);
  const endpoints = new Map<string, { close(): void }>();
  const rateLimiters = new Map<string, RateLimiter>();
  let anonymous = 0;
  let opening: Promise<Cipher | undefined> | undefined;

  const core: Core = {
    keychain,
    program,

    locations: (profileLocation, context) =>
      profileLocation === undefined ? locateFiles(context) : locateProfileFile(profileLocation, context),

    shared: (profileLocation, context) => readSharedConfig(core.locations(profileLocation, context)),

    cache(context) {
      const home = findHome(context.environment) ?? "";
      let cache = caches.get(home);
      if (!cache) {
        // Without a home directory, cache only in memory.
        const directories = home && {
          cli: cliCacheDirectory(context),
          own: join(moduleDirectory(context), "cache"),
        };
        const cipher = home && sealsCache(context) ? () => openCipher(context) : undefined;
        cache = new CredentialCache(directories || {}, { ...cacheSettings, ...(cipher && { cipher }) });
        caches.set(home, cache);
      }
      return cache;
    },

    keyPlace(files, context) {
      // The profiles of the home use keys too, whatever files the environment names at the moment.
      const { AWS_CONFIG_FILE: _, AWS_SHARED_CREDENTIALS_FILE: __, ...environment } = context.environment;
      const ofHome = locateFiles({ ...context, environment });
      return { keychain, program, everyFile: [files, core.locations(undefined, context), ofHome] };
    },

    resolution(params, context) {
      const invocationId = params.invocationId ?? `anonymous-${++anonymous}`;
      try {
        const files = core.locations(params.profileLocation, context);
        return {
          shared: readSharedConfig(files),
          files,
          cache: core.cache(context),
          keychain,
          mfaCodes: createMfaCodes(params.tokenCode, params.tokenCodes ?? {}),
          noCache: params.noCache ?? false,
          invocationId,
          kept: params.noCache ? open(invocationId).kept : new Map(),
          region: params.region,
          endpointUrl: params.endpointUrl,
          rateLimiterOf,
          loadSts,
        };
      } catch (error) {
        // For example a malformed code: without this, other requests for the role would wait for a correct one.
        core.forget(invocationId);
        throw error;
      }
    },

    state: (invocationId) => open(invocationId).state,

    listedRoles: new ListedRoles(),

    history: createHistoryWriter(),

    signIns: createSignIns(),

    endpoints,

    closeEndpoint(url) {
      endpoints.get(url)?.close();
      endpoints.delete(url);
    },

    rateLimiterOf,

    forget(invocationId) {
      invocations.delete(invocationId);
      for (const cache of caches.values()) cache.abandon(invocationId);
    },

    async warmUp() {
      await loadSts();
    },

    async settled() {
      await Promise.all([core.history.flush(), ...[...caches.values()].map((cache) => cache.settled())]);
    },

    close() {
      core.signIns.close();
      for (const url of [...endpoints.keys()]) core.closeEndpoint(url);
      for (const cache of caches.values()) cache.close();
    },
  };
  return core;

  /** A keychain that does not open costs the cache on disk, and nothing else. It is asked once for each process. */
  function openCipher(context: Context): Promise<Cipher | undefined> {
    opening ??= cacheCipher(keychain, { ...context, signal: new AbortController().signal }).catch((error: unknown) => {
      if (!(error instanceof RoleError)) throw error;
      context.say(`Sessions are not cached on disk: ${error.message}`);
      return undefined;
    });
    return opening;
  }

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
    }
    return invocation;
  }
}
