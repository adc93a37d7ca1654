import { BoundedMap } from "../platform/bounded-map.ts";
import { type FileState, isUnchanged } from "../platform/file-state.ts";
import type { CacheContext, CacheEntry, CacheRequest } from "./cache-request.ts";
import type { ParsedEntry } from "./entry-format.ts";
import { hasTimeLeft, type RefreshWindow } from "./expiry.ts";

export interface RememberedEntry extends ParsedEntry {
  /** Its file; absent when the disk could not be written. */
  readonly file?: FileState;
  readonly roleArn: string | undefined;
  readonly profileNames: Set<string>;
  /** The wall clock and the monotonic clock when it was remembered, in milliseconds. */
  readonly wall: number;
  readonly monotonic: number;
}

/** What this process knows already, least recently used first to go. The key is the request's text. */
export class EntryMemory {
  readonly #entries: BoundedMap<string, RememberedEntry>;
  readonly #monotonic: () => number;

  constructor(capacity: number, monotonic: () => number) {
    this.#entries = new BoundedMap(capacity);
    this.#monotonic = monotonic;
  }

  /**
   * The entry, if it has time left and its file is still the one it came from: another process, or a person, may have cleared it.
   * A wall clock that was set back does not lengthen its life.
   */
  recall(
    key: string,
    request: CacheRequest,
    context: CacheContext,
    window: RefreshWindow,
  ): RememberedEntry | undefined {
    const known = this.#entries.get(key);
    if (!known || this.#hasOutlived(known, request, window)) return undefined;
    if (!hasTimeLeft(known, request, context.now(), window)) {
      // It may still do where it cannot be refreshed.
      if (!hasTimeLeft(known, request, context.now(), "must")) this.#entries.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    if (known.file && !isUnchanged(known.file)) return undefined;
    this.#entries.set(key, known);
    return known;
  }

  /** Whether this process has seen the time of these very credentials go by, whatever the wall clock says now. */
  hasOutlived(key: string, entry: CacheEntry, request: CacheRequest, window: RefreshWindow): boolean {
    const known = this.#entries.get(key);
    return (
      known !== undefined &&
      known.entry.credentials.accessKeyId === entry.credentials.accessKeyId &&
      this.#hasOutlived(known, request, window)
    );
  }

  #hasOutlived(known: RememberedEntry, request: CacheRequest, window: RefreshWindow): boolean {
    return !hasTimeLeft(known, request, known.wall + (this.#monotonic() - known.monotonic), window);
  }

  remember(
    key: string,
    request: CacheRequest,
    entry: ParsedEntry & { readonly file?: FileState },
    context: CacheContext,
  ): RememberedEntry {
    const remembered: RememberedEntry = {
      ...entry,
      roleArn: request.roleArn ?? entry.stamp?.roleArn,
      profileNames: new Set(entry.stamp?.profileNames),
      wall: context.now(),
      monotonic: this.#monotonic(),
    };
    this.#entries.set(key, remembered);
    return remembered;
  }

  /** What is remembered, good or not. */
  peek(key: string): RememberedEntry | undefined {
    return this.#entries.get(key);
  }

  /** Replaces what is remembered; its age stays. */
  amend(key: string, entry: RememberedEntry): void {
    if (this.#entries.has(key)) this.#entries.set(key, entry);
  }

  /** Forgets what matches, and returns it. */
  forget(matches: (entry: RememberedEntry) => boolean): RememberedEntry[] {
    const forgotten: RememberedEntry[] = [];
    for (const [key, entry] of this.#entries) {
      if (!matches(entry)) continue;
      this.#entries.delete(key);
      forgotten.push(entry);
    }
    return forgotten;
  }
}
