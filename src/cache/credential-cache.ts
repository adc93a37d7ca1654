import { dirname, join } from "node:path";
import type { FileState } from "../platform/file-state.ts";
import { uptime } from "../platform/uptime.ts";
import { cancelled, type ErrorCode, RoleError } from "../protocol/errors.ts";
import type { Cipher } from "../vault/cache-cipher.ts";
import { cacheKey, requestText } from "./cache-key.ts";
import type { CacheContext, CacheDirectories, CacheEntry, CacheRequest, CredentialCache } from "./cache-request.ts";
import { clearCache, matchesRemembered } from "./clear.ts";
import { ensureDirectory } from "./entry-file.ts";
import { freezeEntry } from "./entry-format.ts";
import { EntryMemory, type RememberedEntry } from "./entry-memory.ts";
import { addProfileName, findEntry, ownEntry, reasonOf, type Sealing, storeEntry } from "./entry-store.ts";
import { hasTimeLeft, type RefreshWindow } from "./refresh-window.ts";
import type { Flight } from "./single-flight.ts";
import { sweepCache } from "./sweep.ts";

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
 * The cache of one user: memory, then the module's directory and the AWS CLI's. Callers share fetches only within one cache, so create one
 * per process and pair of directories.
 */
export function createCredentialCache(directories: CacheDirectories, settings: CacheSettings = {}): CredentialCache {
  const monotonic = settings.monotonic ?? uptime;
  const memory = new EntryMemory(settings.capacity ?? 2_000, monotonic);
  const flights = new Map<string, Flight>();
  const writings = new Map<string, Writing>();
  const unsaid = new Set<string>();
  let settled: Promise<void> = Promise.resolve();
  /** Difference between the server's time and the monotonic clock. */
  let serverTime: number | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let cipher: Cipher | undefined;
  const sealing = (): Sealing | undefined => (settings.cipher ? { cipher } : undefined);

  /** Whether the entry has expired by AWS's clock, as of the last response. The machine's clock may be behind. */
  function isOverThere({ credentials }: CacheEntry): boolean {
    return serverTime !== undefined && credentials.expiration.getTime() <= serverTime + monotonic();
  }

  function lookup(
    key: string,
    request: CacheRequest,
    context: CacheContext,
    window: RefreshWindow = "early",
  ): CacheEntry | undefined {
    let known = memory.recall(key, request, context, window);
    if (known && isOverThere(known.entry)) known = undefined;
    if (!known) {
      // While an entry is being written, the entry on disk is outdated.
      const found = writings.has(key)
        ? undefined
        : findEntry(directories, request, cacheKey(request), context, window, sealing());
      // The disk may have the same entry, which would become valid again if the wall clock was set back.
      if (found && !memory.hasOutlived(key, found.entry, request, window) && !isOverThere(found.entry))
        known = memory.remember(key, request, found, context);
    }
    if (known) noteProfile(key, request.profileName, known, context);
    return known?.entry;
  }

  /** Stores the entry in memory at once, and on disk after the caller has its response. */
  async function store(
    key: string,
    request: CacheRequest,
    entry: CacheEntry,
    { now }: Pick<CacheContext, "now">,
  ): Promise<void> {
    // Expiration minus lifetime is the server's current time.
    if (entry.lifetime !== undefined)
      serverTime = entry.credentials.expiration.getTime() - entry.lifetime - monotonic();
    const answer = ownEntry(request, cacheKey(request), freezeEntry(entry), now());
    // The caller already has its response, so report disk errors to the next caller.
    const context: CacheContext = { now, say: (line) => unsaid.add(line) };
    // Readers would reject an entry that has no time left by the local clock.
    if (!hasTimeLeft(answer, request, now())) return;
    const writing: Writing = { entry: memory.remember(key, request, answer, context), isWanted: true };
    const earlier = writings.get(key);
    if (earlier) earlier.isWanted = false;
    writings.set(key, writing);
    await new Promise(setImmediate);
    try {
      const stored = await storeEntry(directories, request, answer, context, () => writing.isWanted, sealing());
      const known = memory.peek(key);
      if (stored && known?.entry === answer.entry) {
        memory.amend(key, { ...known, ...stored, profileNames: new Set(stored.origin?.profileNames) });
        for (const name of known.profileNames) noteProfile(key, name, memory.peek(key) ?? known, context);
      }
      sweepIfDue(context);
    } finally {
      if (writings.get(key) === writing) writings.delete(key);
    }
  }

  /** Sweeps at the first write of a process, because an earlier process may have been killed while writing. */
  function sweepIfDue(context: CacheContext): void {
    if (monotonic() - sweptAt <= sweepEvery) return;
    sweptAt = monotonic();
    sweepCache(directories, context);
  }

  function isOwnFile({ path }: FileState): boolean {
    return directories.own !== undefined && dirname(path) === directories.own;
  }

  function noteProfile(key: string, name: string | undefined, known: RememberedEntry, context: CacheContext): void {
    if (name === undefined || known.profileNames.has(name)) return;
    known.profileNames.add(name);
    const noted =
      known.file &&
      addProfileName({ ...known, file: known.file }, name, context, isOwnFile(known.file) ? cipher : undefined);
    if (noted) memory.amend(key, { ...known, ...noted });
    if (noted) sweepIfDue(context);
  }

  /** Returns the cached session if it is still usable and its renewal got no response. */
  function unrefreshed(key: string, request: CacheRequest, context: CacheContext, error: unknown): CacheEntry {
    const entry = isOutOfReach(error) ? lookup(key, request, context, "must") : undefined;
    if (!entry) throw error;
    context.say(`Using the cached session until ${entry.credentials.expiration.toISOString()}: ${reasonOf(error)}`);
    return entry;
  }

  function flightFor(key: string, request: CacheRequest, FlightClass: typeof Flight): Flight {
    const there = flights.get(key);
    if (there) return there;
    const flight = new FlightClass({
      leaseMilliseconds: settings.leaseMilliseconds ?? 120_000,
      lockPath: () => {
        if (directories.own === undefined) return undefined;
        ensureDirectory(directories.own, true);
        return join(directories.own, `${cacheKey(request)}.lock`);
      },
      lookup: (context) => lookup(key, request, context),
      store(entry, context) {
        const stored = store(key, request, entry, context);
        // The flight releases its lock when the write settles.
        settled = Promise.allSettled([settled, stored]).then(() => new Promise(setImmediate));
        return stored;
      },
      ended: () => flights.delete(key),
    });
    flights.set(key, flight);
    return flight;
  }

  return {
    lookup: (request, context) => lookup(requestText(request), request, context),

    async obtain(request, options) {
      const { context, fetch, noCache } = options;
      const key = requestText(request);
      for (const line of unsaid) context.say(line);
      unsaid.clear();
      if (settings.cipher) cipher ??= await settings.cipher(context);
      const hit = noCache ? undefined : lookup(key, request, context);
      if (hit) return hit;
      flying ??= await import("./single-flight.ts");
      const { Flight } = flying;
      if (context.signal.aborted) throw cancelled();
      if (noCache) return freezeEntry(await fetch(context.signal));
      const entry = await flightFor(key, request, Flight)
        .join(options)
        .catch((error: unknown) => unrefreshed(key, request, context, error));
      // The entry names the profile of the caller that fetched, which may not be this caller's.
      const known = memory.peek(key);
      if (known) noteProfile(key, request.profileName, known, context);
      return entry;
    },

    abandon(caller) {
      for (const flight of [...flights.values()]) flight.abandon(caller);
    },

    clear(target, context) {
      for (const writing of writings.values()) if (matchesRemembered(writing.entry, target)) writing.isWanted = false;
      return clearCache(directories, memory, target, context);
    },

    settled: () => settled,

    close() {
      for (const flight of [...flights.values()]) flight.close();
    },
  };
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

/** An entry that is being written to the disk. */
interface Writing {
  readonly entry: RememberedEntry;
  /** False once the entry is cleared or superseded. */
  isWanted: boolean;
}

// Loaded on the first fetch, because a process that finds its credentials on disk lives for milliseconds.
let flying: typeof import("./single-flight.ts") | undefined;

const sweepEvery = 60 * 60_000;
