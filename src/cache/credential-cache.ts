import { join } from "node:path";
import { uptime } from "../platform/uptime.ts";
import { canceled, type ErrorCode, RoleError } from "../protocol/errors.ts";
import type { Cipher } from "../vault/cache-cipher.ts";
import { cacheKey, requestText } from "./cache-key.ts";
import type {
  CacheContext,
  CacheDirectories,
  CacheEntry,
  CacheRequest,
  ClearTarget,
  ObtainOptions,
} from "./cache-request.ts";
import { clearCache, matchesInMemory } from "./clear.ts";
import { ensureDirectory } from "./entry-file.ts";
import { freezeEntry } from "./entry-format.ts";
import { EntryMemory, type MemoryEntry } from "./entry-memory.ts";
import { addProfileName, findEntry, ownEntry, reasonOf, type Sealing, storeEntry } from "./entry-store.ts";
import { hasTimeLeft, type RefreshWindow } from "./refresh-window.ts";
import type { SingleFlight } from "./single-flight.ts";
import { sweepCache, sweepEvery } from "./sweep.ts";

export interface CacheSettings {
  /** A monotonic clock, in milliseconds. */
  readonly monotonic?: () => number;
  /** How long other callers wait for the caller that asks for an MFA code, in milliseconds. Default: two minutes. */
  readonly leaseMilliseconds?: number;
  /** Maximum number of entries in memory. */
  readonly capacity?: number;
  /** Seals the module's own entries. Undefined if the keychain does not open. Absent if entries are not sealed. */
  readonly cipher?: (context: CacheContext) => Promise<Cipher | undefined>;
}

/**
 * Temporary credentials of one user, requested once and shared among callers, among processes and with the AWS CLI. They are in memory, then
 * in the module's directory and the AWS CLI's. Callers share fetches only within one cache, so create one per process and pair of
 * directories.
 */
export class CredentialCache {
  readonly #directories: CacheDirectories;
  readonly #settings: CacheSettings;
  readonly #monotonic: () => number;
  readonly #memory: EntryMemory;
  readonly #singleFlights = new Map<string, SingleFlight>();
  readonly #writings = new Map<string, Writing>();
  /** Messages about failed writes, reported to the next caller. */
  readonly #pendingMessages = new Set<string>();
  readonly #sealing: Sealing | undefined;
  #settled: Promise<void> = Promise.resolve();
  /** Difference between the server's time and the monotonic clock. */
  #serverTime: number | undefined;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(directories: CacheDirectories, settings: CacheSettings = {}) {
    this.#directories = directories;
    this.#settings = settings;
    this.#monotonic = settings.monotonic ?? uptime;
    this.#memory = new EntryMemory(settings.capacity ?? 2_000, this.#monotonic);
    this.#sealing = settings.cipher && { cipher: undefined };
  }

  /** Returns the cached entry if it has time left. Synchronous, and takes microseconds if this process has it in memory. */
  lookup(request: CacheRequest, context: CacheContext, window: RefreshWindow = "early"): CacheEntry | undefined {
    const key = requestText(request);
    const inMemory = this.#memory.find(key, request, context, window);
    const known =
      inMemory && !this.#hasExpiredByServerClock(inMemory.entry) ? inMemory : this.#find(key, request, context, window);
    if (known) this.#recordProfile(request.profileName, known, context);
    return known?.entry;
  }

  /**
   * Returns the cached entry, or the result of `fetch`. If several callers and processes request the same at once, one of them fetches. If
   * its fetch throws `MfaRequired`, the caller gets that error, and the others wait two minutes for it to return (same `caller`) with the
   * code.
   * @throws RoleError `Cancelled` if the signal is aborted; any error of `fetch`
   */
  async obtain(request: CacheRequest, options: ObtainOptions): Promise<CacheEntry> {
    const { context, fetch, noCache } = options;
    for (const line of this.#pendingMessages) context.say(line);
    this.#pendingMessages.clear();
    if (this.#sealing) this.#sealing.cipher ??= await this.#settings.cipher?.(context);
    const hit = noCache ? undefined : this.lookup(request, context);
    if (hit) return hit;
    singleFlightModule ??= await import("./single-flight.ts");
    const { SingleFlight } = singleFlightModule;
    if (context.signal.aborted) throw canceled();
    if (noCache) return freezeEntry(await fetch(context.signal));
    const entry = await this.#singleFlightFor(request, SingleFlight)
      .join(options)
      .catch((error: unknown) => this.#unrefreshed(request, context, error));
    // The entry names the profile of the caller that fetched, which may not be this caller's.
    const known = this.#memory.peek(requestText(request));
    if (known) this.#recordProfile(request.profileName, known, context);
    return entry;
  }

  /** The caller will not return with its code: the next waiting caller gets its turn. */
  abandon(caller: string): void {
    for (const singleFlight of [...this.#singleFlights.values()]) singleFlight.abandon(caller);
  }

  /** Clears entries in memory and on disk, and returns how many. */
  clear(target: ClearTarget, context: CacheContext): number {
    for (const writing of this.#writings.values()) {
      if (matchesInMemory(writing.entry, target)) writing.isWanted = false;
    }
    return clearCache(this.#directories, this.#memory, target, context);
  }

  /** Resolves when all entries so far are on disk too. Never rejects. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** Releases all locks, at the end of the process. Locks of entries that are being written are released with {@link settled}. */
  close(): void {
    for (const singleFlight of [...this.#singleFlights.values()]) singleFlight.close();
  }

  /** Whether the entry has expired by AWS's clock, as of the last response. The machine's clock may be behind. */
  #hasExpiredByServerClock({ credentials }: CacheEntry): boolean {
    return this.#serverTime !== undefined && credentials.expiration.getTime() <= this.#serverTime + this.#monotonic();
  }

  /** Finds the entry on disk, and keeps it in memory. */
  #find(key: string, request: CacheRequest, context: CacheContext, window: RefreshWindow): MemoryEntry | undefined {
    // While an entry is being written, the entry on disk is outdated.
    if (this.#writings.has(key)) return undefined;
    const found = findEntry(this.#directories, request, cacheKey(request), context, window, this.#sealing);
    // The disk may have the same entry, which would become valid again if the wall clock was set back.
    if (
      !found ||
      this.#memory.hasOutlived(key, found.entry, request, window) ||
      this.#hasExpiredByServerClock(found.entry)
    )
      return undefined;
    return this.#memory.store(key, request, found, context);
  }

  /** Stores the entry in memory at once, and on disk after the caller has its response. */
  async #store(request: CacheRequest, entry: CacheEntry, { now }: Pick<CacheContext, "now">): Promise<void> {
    // Expiration minus lifetime is the server's current time.
    if (entry.lifetime !== undefined)
      this.#serverTime = entry.credentials.expiration.getTime() - entry.lifetime - this.#monotonic();
    const answer = ownEntry(request, cacheKey(request), freezeEntry(entry), now());
    // The caller already has its response, so report disk errors to the next caller.
    const context: CacheContext = { now, say: (line) => this.#pendingMessages.add(line) };
    // Readers would reject an entry that has no time left by the local clock.
    if (!hasTimeLeft(answer, request, now())) return;
    const key = requestText(request);
    const known = this.#memory.store(key, request, answer, context);
    const writing: Writing = { entry: known, isWanted: true };
    const earlier = this.#writings.get(key);
    if (earlier) earlier.isWanted = false;
    this.#writings.set(key, writing);
    await new Promise(setImmediate);
    try {
      const isWanted = () => writing.isWanted;
      const stored = await storeEntry(this.#directories, request, answer, context, isWanted, this.#sealing);
      if (stored && this.#memory.peek(key) === known) {
        const { profileNames } = known;
        Object.assign(known, stored, { profileNames: new Set(answer.origin.profileNames) });
        for (const name of profileNames) this.#recordProfile(name, known, context);
      }
      this.#sweepIfDue(context);
    } finally {
      if (this.#writings.get(key) === writing) this.#writings.delete(key);
    }
  }

  /** Sweeps at the first write of a process, because an earlier process may have been killed while writing. */
  #sweepIfDue(context: CacheContext): void {
    if (this.#monotonic() - this.#sweptAt <= sweepEvery) return;
    this.#sweptAt = this.#monotonic();
    sweepCache(this.#directories, context);
  }

  #recordProfile(name: string | undefined, known: MemoryEntry, context: CacheContext): void {
    if (name === undefined || known.profileNames.has(name)) return;
    known.profileNames.add(name);
    const recorded = addProfileName(known, name, context, this.#sealing);
    if (!recorded) return;
    Object.assign(known, recorded);
    this.#sweepIfDue(context);
  }

  /** Returns the cached session if it is still usable and its renewal got no response. */
  #unrefreshed(request: CacheRequest, context: CacheContext, error: unknown): CacheEntry {
    const entry = isOutOfReach(error) ? this.lookup(request, context, "must") : undefined;
    if (!entry) throw error;
    context.say(`Using the cached session until ${entry.credentials.expiration.toISOString()}: ${reasonOf(error)}`);
    return entry;
  }

  #singleFlightFor(request: CacheRequest, SingleFlightClass: typeof SingleFlight): SingleFlight {
    const key = requestText(request);
    const there = this.#singleFlights.get(key);
    if (there) return there;
    const singleFlight = new SingleFlightClass({
      leaseMilliseconds: this.#settings.leaseMilliseconds ?? 120_000,
      lockPath: () => {
        const { own } = this.#directories;
        if (own === undefined) return undefined;
        ensureDirectory(own, true);
        return join(own, `${cacheKey(request)}.lock`);
      },
      lookup: (context) => this.lookup(request, context),
      store: (entry, context) => {
        const stored = this.#store(request, entry, context);
        // The single-flight releases its lock when the write settles.
        this.#settled = Promise.allSettled([this.#settled, stored]).then(() => new Promise(setImmediate));
        return stored;
      },
      ended: () => this.#singleFlights.delete(key),
    });
    this.#singleFlights.set(key, singleFlight);
    return singleFlight;
  }
}

/** Whether there was no usable response, as opposed to a refusal. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof RoleError && outOfReach.has(error.code);
}

const outOfReach: ReadonlySet<ErrorCode> = new Set([
  ...(["StsUnreachable", "StsTimeout", "StsThrottled", "StsFailed", "StsResponseInvalid", "TlsFailed"] as const),
  ...(["InstanceMetadataFailed", "ContainerCredentialsFailed", "SsoFailed", "LoginFailed"] as const),
  "CredentialProcessFailed",
]);

// Loaded on the first miss, because a process that finds its credentials on disk lives for milliseconds. Later callers join at once.
let singleFlightModule: typeof import("./single-flight.ts") | undefined;

/** An entry that is being written to the disk. */
interface Writing {
  readonly entry: MemoryEntry;
  /** False once the entry is cleared or superseded. */
  isWanted: boolean;
}
