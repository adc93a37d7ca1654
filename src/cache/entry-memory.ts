import { BoundedMap } from "../platform/bounded-map.ts";
import { isUnchanged } from "../platform/file-state.ts";
import type { CacheContext, CacheEntry, CacheRequest } from "./cache-request.ts";
import type { ParsedEntry } from "./entry-format.ts";
import type { EntryPlace } from "./entry-store.ts";
import { hasTimeLeft, type RefreshWindow } from "./refresh-window.ts";

/** An entry without a place could not be written to the disk, or is not written yet. */
export interface MemoryEntry extends ParsedEntry, Partial<EntryPlace> {
  readonly roleArn: string | undefined;
  readonly profileNames: Set<string>;
  /** The wall clock and the monotonic clock when the entry was stored, in milliseconds. */
  readonly wall: number;
  readonly monotonic: number;
}

/** The entries in memory. Evicts the least recently used first. The key is the request's text. */
export class EntryMemory {
  readonly #entries: BoundedMap<string, MemoryEntry>;
  readonly #monotonic: () => number;

  constructor(capacity: number, monotonic: () => number) {
    this.#entries = new BoundedMap(capacity);
    this.#monotonic = monotonic;
  }

  /**
   * Returns the entry if it has time left and its file is unchanged: another process or the user may have removed the file. Setting the
   * wall clock back does not extend the entry's life.
   */
  find(key: string, request: CacheRequest, context: CacheContext, window: RefreshWindow): MemoryEntry | undefined {
    const known = this.#entries.get(key);
    if (!known || this.#hasOutlived(known, request, window)) return undefined;
    if (!hasTimeLeft(known, request, context.now(), window)) {
      // The entry may still be needed if it cannot be refreshed.
      if (!hasTimeLeft(known, request, context.now(), "must")) this.#entries.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    if (known.file && !isUnchanged(known.file)) return undefined;
    this.#entries.set(key, known);
    return known;
  }

  /** Whether these credentials have expired by this process's monotonic clock, regardless of the wall clock. */
  hasOutlived(key: string, entry: CacheEntry, request: CacheRequest, window: RefreshWindow): boolean {
    const known = this.#entries.get(key);
    return (
      known !== undefined &&
      known.entry.credentials.accessKeyId === entry.credentials.accessKeyId &&
      this.#hasOutlived(known, request, window)
    );
  }

  #hasOutlived(known: MemoryEntry, request: CacheRequest, window: RefreshWindow): boolean {
    return !hasTimeLeft(known, request, known.wall + (this.#monotonic() - known.monotonic), window);
  }

  store(
    key: string,
    request: CacheRequest,
    entry: ParsedEntry & Partial<EntryPlace>,
    context: CacheContext,
  ): MemoryEntry {
    const stored: MemoryEntry = {
      ...entry,
      roleArn: request.roleArn ?? entry.origin?.roleArn,
      profileNames: new Set(entry.origin?.profileNames),
      wall: context.now(),
      monotonic: this.#monotonic(),
    };
    this.#entries.set(key, stored);
    return stored;
  }

  /** Returns the entry even if it has expired. */
  peek(key: string): MemoryEntry | undefined {
    return this.#entries.get(key);
  }

  /** Removes the matching entries and returns them. */
  remove(matches: (entry: MemoryEntry) => boolean): MemoryEntry[] {
    const removed: MemoryEntry[] = [];
    for (const [key, entry] of this.#entries) {
      if (!matches(entry)) continue;
      this.#entries.delete(key);
      removed.push(entry);
    }
    return removed;
  }
}
