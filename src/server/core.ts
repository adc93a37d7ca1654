/** The state of the process: caches by home directory, and the interim results of open invocations. */
import { join } from "node:path";
import { createMfaCodes } from "../assume-role/mfa-codes.ts";
import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import type { CacheEntry } from "../cache/cache-request.ts";
import { type CacheSettings, CredentialCache } from "../cache/credential-cache.ts";
import type { DiagnosisState } from "../diagnosis/diagnosis-state.ts";
import { createHistoryWriter } from "../history/history-writer.ts";
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
import { createSignIns } from "../sign-in/sign-ins.ts";
import { type Cipher, cacheCipher } from "../vault/cache-cipher.ts";
import { createKeychain, type Keychain } from "../vault/keychain.ts";

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

export class Core {
  /** What runs this process. */
  readonly program: Program;
  readonly keychain: Keychain;
  /** The recently used roles. */
  readonly history = createHistoryWriter();
  /** Sign-ins that wait for the user in the browser. */
  readonly signIns = createSignIns();
  /** The accounts and roles of IAM Identity Center that have been listed. */
  readonly listedRoles = new ListedRoles();
  /** The open credentials endpoints, by their addresses. */
  readonly endpoints = new Map<string, { close(): void }>();
  readonly #cacheSettings: CacheSettings;
  readonly #caches = new Map<string, CredentialCache>();
  readonly #invocations = new BoundedMap<string, Invocation>(maximumInvocations);
  readonly #rateLimiters = new Map<string, RateLimiter>();
  #anonymous = 0;
  #opening: Promise<Cipher | undefined> | undefined;

  constructor(
    { keychain = createKeychain(), ...cacheSettings }: CoreSettings = {},
    program: Program = { node: "", script: "" },
  ) {
    this.keychain = keychain;
    this.program = program;
    this.#cacheSettings = cacheSettings;
  }

  locations(profileLocation: string | undefined, context: Context): FileLocations {
    return profileLocation === undefined ? locateFiles(context) : locateProfileFile(profileLocation, context);
  }

  /** The content of the two AWS files. */
  shared(profileLocation: string | undefined, context: Context): SharedConfig {
    return readSharedConfig(this.locations(profileLocation, context));
  }

  cache(context: Context): CredentialCache {
    const home = findHome(context.environment) ?? "";
    let cache = this.#caches.get(home);
    if (!cache) {
      // Without a home directory, cache only in memory.
      const directories = home && { cli: cliCacheDirectory(context), own: join(moduleDirectory(context), "cache") };
      const cipher = home && sealsCache(context) ? () => this.#openCipher(context) : undefined;
      cache = new CredentialCache(directories || {}, { ...this.#cacheSettings, ...(cipher && { cipher }) });
      this.#caches.set(home, cache);
    }
    return cache;
  }

  /** Where the keys of profiles are kept. */
  keyPlace(files: FileLocations, context: Context): KeyPlace {
    // The profiles of the home use keys too, whatever files the environment names at the moment.
    const { AWS_CONFIG_FILE: _, AWS_SHARED_CREDENTIALS_FILE: __, ...environment } = context.environment;
    const ofHome = locateFiles({ ...context, environment });
    const { keychain, program } = this;
    return { keychain, program, everyFile: [files, this.locations(undefined, context), ofHome] };
  }

  /** What the steps of one request share. */
  resolution(params: UseRoleParams, context: Context): ResolutionContext {
    const invocationId = params.invocationId ?? `anonymous-${++this.#anonymous}`;
    try {
      const files = this.locations(params.profileLocation, context);
      return {
        shared: readSharedConfig(files),
        files,
        cache: this.cache(context),
        keychain: this.keychain,
        mfaCodes: createMfaCodes(params.tokenCode, params.tokenCodes ?? {}),
        noCache: params.noCache ?? false,
        invocationId,
        kept: params.noCache ? this.#open(invocationId).kept : new Map(),
        region: params.region,
        endpointUrl: params.endpointUrl,
        rateLimiterOf: (origin) => this.rateLimiterOf(origin),
        loadSts,
      };
    } catch (error) {
      // For example a malformed code: without this, other requests for the role would wait for a correct one.
      this.forget(invocationId);
      throw error;
    }
  }

  /** Interim results of an invocation that tests a chain. */
  state(invocationId: string): DiagnosisState {
    return this.#open(invocationId).state;
  }

  closeEndpoint(url: string): void {
    this.endpoints.get(url)?.close();
    this.endpoints.delete(url);
  }

  /** The throttle of the calls to an endpoint. */
  rateLimiterOf(origin: string): RateLimiter {
    let rateLimiter = this.#rateLimiters.get(origin);
    if (!rateLimiter) {
      rateLimiter = createRateLimiter();
      this.#rateLimiters.set(origin, rateLimiter);
    }
    return rateLimiter;
  }

  /** Ends an invocation: its response was sent, or its caller left. */
  forget(invocationId: string): void {
    this.#invocations.delete(invocationId);
    for (const cache of this.#caches.values()) cache.abandon(invocationId);
  }

  /** Loads the STS client, so that the first uncached role does not wait for it. */
  async warmUp(): Promise<void> {
    await loadSts();
  }

  /** Resolves when cache entries and history are on disk. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all([this.history.flush(), ...[...this.#caches.values()].map((cache) => cache.settled())]);
  }

  close(): void {
    this.signIns.close();
    for (const url of [...this.endpoints.keys()]) this.closeEndpoint(url);
    for (const cache of this.#caches.values()) cache.close();
  }

  /** A keychain that does not open costs the cache on disk, and nothing else. It is asked once for each process. */
  #openCipher(context: Context): Promise<Cipher | undefined> {
    const patient = { ...context, signal: new AbortController().signal };
    this.#opening ??= cacheCipher(this.keychain, patient).catch((error: unknown) => {
      if (!(error instanceof RoleError)) throw error;
      context.say(`Sessions are not cached on disk: ${error.message}`);
      return undefined;
    });
    return this.#opening;
  }

  #open(id: string): Invocation {
    let invocation = this.#invocations.get(id);
    if (!invocation) {
      invocation = { kept: new Map(), state: new Map() };
      this.#invocations.set(id, invocation);
    }
    return invocation;
  }
}
