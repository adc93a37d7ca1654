import { join } from "node:path";
import { uptime } from "../platform/uptime.ts";
import { cancelled, type ErrorCode, RoleError } from "../protocol/errors.ts";
import type { CacheContext, CacheDirectories, CacheEntry, CacheRequest, CredentialCache } from "./cache-request.ts";
import { clearCache, matchesRemembered } from "./clear.ts";
import { ensureDirectory } from "./entry-file.ts";
import { freezeEntry } from "./entry-format.ts";
import { EntryMemory, type RememberedEntry } from "./entry-memory.ts";
import { addProfileName, findEntry, reasonOf, stampAnswer, storeEntry } from "./entry-store.ts";
import { hasTimeLeft, type RefreshWindow } from "./expiry.ts";
import { requestDigest, requestText } from "./request-key.ts";
import type { Flight } from "./single-flight.ts";
import { sweepCache } from "./sweep.ts";

export interface CacheSettings {
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonic?: () => number;
  /** How long other callers wait for the one who types an MFA code, in milliseconds. Two minutes. */
  readonly leaseMilliseconds?: number;
  /** Entries kept in memory. */
  readonly capacity?: number;
}

/**
 * The cache of one user: memory in front of our directory and the AWS CLI's. One per process and pair of directories, so that callers find
 * each other.
 */
export function createCredentialCache(directories: CacheDirectories, settings: CacheSettings = {}): CredentialCache {
  const monotonic = settings.monotonic ?? uptime;
  const memory = new EntryMemory(settings.capacity ?? 2_000, monotonic);
  const flights = new Map<string, Flight>();
  const writings = new Map<string, Writing>();
  const unsaid = new Set<string>();
  let settled: Promise<void> = Promise.resolve();
  /** What to add to the monotonic clock. */
  let serverTime: number | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;

  /** By the clock of AWS, as the last answer told it to this process: that of the machine may be behind. */
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
      // What lies on the disk is older than what is on its way there.
      const found = writings.has(key)
        ? undefined
        : findEntry(directories, request, requestDigest(request), context, window);
      // What lies on the disk is the same, and by a wall clock that was set back it would be good again.
      if (found && !memory.hasOutlived(key, found.entry, request, window) && !isOverThere(found.entry))
        known = memory.remember(key, request, found, context);
    }
    if (known) noteProfile(key, request.profileName, known, context);
    return known?.entry;
  }

  /** For this process at once, for the others soon: whoever asked has its answer before the disk is asked. */
  async function store(
    key: string,
    request: CacheRequest,
    entry: CacheEntry,
    { now }: Pick<CacheContext, "now">,
  ): Promise<void> {
    // What lasts so long ends then, so it is now so late.
    if (entry.lifetime !== undefined)
      serverTime = entry.credentials.expiration.getTime() - entry.lifetime - monotonic();
    const answer = stampAnswer(request, requestDigest(request), freezeEntry(entry), now());
    // What the disk says comes too late for the one who asked: the next one hears of it.
    const context: CacheContext = { now, say: (line) => unsaid.add(line) };
    // What has no time left by our clock would be a miss for every reader.
    if (!hasTimeLeft(answer, request, now())) return;
    const writing: Writing = { entry: memory.remember(key, request, answer, context), isWanted: true };
    const earlier = writings.get(key);
    if (earlier) earlier.isWanted = false;
    writings.set(key, writing);
    await new Promise(setImmediate);
    try {
      const stored = await storeEntry(directories, request, answer, context, () => writing.isWanted);
      const known = memory.peek(key);
      if (stored && known?.entry === answer.entry) {
        memory.amend(key, { ...known, ...stored, profileNames: new Set(stored.stamp?.profileNames) });
        for (const name of known.profileNames) noteProfile(key, name, memory.peek(key) ?? known, context);
      }
      sweepIfDue(context);
    } finally {
      if (writings.get(key) === writing) writings.delete(key);
    }
  }

  /** At the first write of a process, for it may follow one that was killed at the same. */
  function sweepIfDue(context: CacheContext): void {
    if (monotonic() - sweptAt <= sweepEvery) return;
    sweptAt = monotonic();
    sweepCache(directories, context);
  }

  function noteProfile(key: string, name: string | undefined, known: RememberedEntry, context: CacheContext): void {
    if (name === undefined || known.profileNames.has(name)) return;
    known.profileNames.add(name);
    const noted = known.file && addProfileName({ ...known, file: known.file }, name, context);
    if (noted) memory.amend(key, { ...known, ...noted });
    if (noted) sweepIfDue(context);
  }

  /** A session that can still be used, where whoever gives a new one is out of reach. */
  function unrefreshed(key: string, request: CacheRequest, context: CacheContext, error: unknown): CacheEntry {
    const entry = isOutOfReach(error) ? lookup(key, request, context, "must") : undefined;
    if (!entry) throw error;
    context.say(`The cached session is used until ${entry.credentials.expiration.toISOString()}: ${reasonOf(error)}`);
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
        return join(directories.own, `${requestDigest(request)}.lock`);
      },
      lookup: (context) => lookup(key, request, context),
      store(entry, context) {
        const stored = store(key, request, entry, context);
        // The flight lets go of its lock as soon as it sees this.
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
      const hit = noCache ? undefined : lookup(key, request, context);
      if (hit) return hit;
      flying ??= await import("./single-flight.ts");
      const { Flight } = flying;
      if (context.signal.aborted) throw cancelled();
      if (noCache) return freezeEntry(await fetch(context.signal));
      const entry = await flightFor(key, request, Flight)
        .join(options)
        .catch((error: unknown) => unrefreshed(key, request, context, error));
      // The one who fetched wrote its own profile down; this one's may be another.
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

/** Whether nobody answered, as against an answer that refuses. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof RoleError && outOfReach.has(error.code);
}

const outOfReach: ReadonlySet<ErrorCode> = new Set([
  ...(["StsUnreachable", "StsTimeout", "StsThrottled", "StsFailed", "StsResponseInvalid", "TlsFailed"] as const),
  ...(["InstanceMetadataFailed", "ContainerCredentialsFailed", "SsoFailed", "LoginFailed"] as const),
  "CredentialProcessFailed",
]);

/** An entry on its way to the disk. */
interface Writing {
  readonly entry: RememberedEntry;
  /** False when it was cleared, or a newer one was answered, meanwhile. */
  isWanted: boolean;
}

// Loaded when something must be fetched: a process that answers from the disk lives for milliseconds.
let flying: typeof import("./single-flight.ts") | undefined;

const sweepEvery = 60 * 60_000;
