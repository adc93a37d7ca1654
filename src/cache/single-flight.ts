import { cancelled, RoleError } from "../protocol/errors.ts";
import type { CacheContext, CacheEntry, ObtainOptions } from "./cache-request.ts";
import { reasonOf } from "./entry-store.ts";
import { acquireFlightLock, type SingleFlightLock } from "./single-flight-lock.ts";

/** What a flight needs of the cache that it flies for. */
export interface SingleFlightCache {
  /**
   * Where to lock; `undefined` where there is no directory for locks, so that other processes fetch for themselves.
   * @throws the system's error
   */
  lockPath(): string | undefined;
  /** How long the others wait for a person to type a code, in milliseconds. */
  readonly leaseMilliseconds: number;
  lookup(context: CacheContext): CacheEntry | undefined;
  /** Keeps the entry, at once for this process; done when the others find it too. Never rejects. */
  store(entry: CacheEntry, context: CacheContext): Promise<void>;
  ended(): void;
}

interface Waiter {
  readonly options: ObtainOptions;
  resolve(entry: CacheEntry): void;
  reject(error: unknown): void;
}

/** The turn of a caller that was told `MfaRequired` and is expected back with a code. */
interface Lease {
  readonly caller: string;
  end(): void;
}

/** How often to look whether somebody else stored the entry, while a person types. */
const lookAround = 250;

/**
 * One fetch for all who want the same. A flight lasts while somebody waits, or is expected back with a code; whatever happens to it
 * (someone joins, leaves, the lock is got, a fetch ends, a lease ends) is followed by `#advance`, which does the next thing due.
 */
export class Flight {
  readonly #cache: SingleFlightCache;
  readonly #waiters = new Set<Waiter>();
  /** Held while fetching and while leased; `none` where locks are not to be had, `passed` to go ahead of another process's prompt. */
  #permit: SingleFlightLock | "none" | "passed" | undefined;
  #acquiring: AbortController | undefined;
  #fetching: AbortController | undefined;
  #lease: Lease | undefined;
  #ended = false;

  constructor(cache: SingleFlightCache) {
    this.#cache = cache;
  }

  /**
   * The signal must not be aborted yet.
   * @throws RoleError `Cancelled`; what a fetch threw, if that was this caller's or everybody's
   */
  join(options: ObtainOptions): Promise<CacheEntry> {
    const { signal } = options.context;
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiter.reject(cancelled());
        // After all who leave on the same signal have left.
        queueMicrotask(() => this.#advance());
      };
      const settle = <T>(finish: (value: T) => void) => {
        return (value: T) => {
          this.#waiters.delete(waiter);
          signal.removeEventListener("abort", leave);
          finish(value);
        };
      };
      const waiter: Waiter = { options, resolve: settle(resolve), reject: settle(reject) };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", leave);
      this.#advance();
    });
  }

  abandon(caller: string): void {
    if (this.#lease?.caller !== caller) return;
    this.#lease.end();
    this.#advance();
  }

  /** Lets go of the lock; whoever waits is told `Cancelled`. */
  close(): void {
    this.#lease?.end();
    for (const waiter of [...this.#waiters]) waiter.reject(cancelled());
    this.#fetching?.abort();
    this.#end();
  }

  #advance(): void {
    if (this.#ended) return;
    if (this.#fetching) {
      if (this.#waiters.size === 0) this.#fetching.abort();
      return;
    }
    if (this.#waiters.size === 0 && !this.#lease) {
      this.#end();
    } else if (!this.#permit) {
      this.#acquiring ??= this.#acquire();
    } else {
      this.#takeTurn();
    }
  }

  #takeTurn(): void {
    const leader = this.#nextLeader();
    if (leader) {
      this.#fetching = this.#fetchFor(leader);
    } else if (this.#permit === "passed") {
      // Whose code it was has left: back into the queue.
      this.#permit = undefined;
      this.#advance();
    }
  }

  /** Codes first, for they live for seconds. While someone is expected back with one, nobody else is asked for one. */
  #nextLeader(): Waiter | undefined {
    const waiters = [...this.#waiters];
    const bearer = waiters.find(({ options }) => options.hasCode || options.caller === this.#lease?.caller);
    return bearer ?? (this.#lease || this.#permit === "passed" ? undefined : waiters[0]);
  }

  #acquire(): AbortController {
    const stop = new AbortController();
    void this.#waitForPermit(stop.signal).then((permit) => {
      this.#acquiring = undefined;
      if (this.#ended) return typeof permit === "object" ? permit.release() : undefined;
      this.#permit = permit;
      // Another process may have been faster while we waited for the lock.
      if (permit && permit !== "passed") this.#takeStored();
      this.#advance();
    });
    return stop;
  }

  async #waitForPermit(signal: AbortSignal): Promise<SingleFlightLock | "none" | "passed" | undefined> {
    try {
      const lockPath = this.#cache.lockPath();
      if (lockPath === undefined) return "none";
      const outcome = await acquireFlightLock(lockPath, {
        signal,
        isReady: () => this.#takeStored(),
        mayPassPrompt: () => [...this.#waiters].some(({ options }) => options.hasCode),
      });
      return outcome === "ready" || outcome === "stopped" ? undefined : outcome;
    } catch (error) {
      this.#context()?.say(
        `Other processes may ask for the same credentials at once, for want of a lock (${reasonOf(error)}).`,
      );
      return "none";
    }
  }

  #fetchFor(leader: Waiter): AbortController {
    const controller = new AbortController();
    const { context, fetch } = leader.options;
    // Later, so that the callers of one moment are all aboard.
    void Promise.resolve()
      .then(() => fetch(controller.signal))
      .then((entry) => {
        const stored = this.#cache.store(entry, context);
        // Nobody waits for the disk; the lock is held until it is done.
        this.#arrive(entry);
        return stored;
      })
      .catch((error: unknown) => this.#fail(leader, error))
      .then(() => {
        this.#fetching = undefined;
        this.#advance();
      });
    return controller;
  }

  #arrive(entry: CacheEntry): void {
    this.#lease?.end();
    for (const waiter of [...this.#waiters]) waiter.resolve(entry);
  }

  /** Looked at again and again, so without the remarks of a first look. */
  #takeStored(context = this.#context()): boolean {
    const entry = context && this.#cache.lookup({ now: context.now, say: () => {} });
    if (entry) this.#arrive(entry);
    return entry !== undefined;
  }

  /**
   * Whose failure it was. A missing code is asked of one caller; a wrong one is its bearer's; whoever left has no claim on the others.
   * Anything else is the answer to all who asked the same.
   */
  #fail(leader: Waiter, error: unknown): void {
    const { caller, hasCode } = leader.options;
    const wasExpected = this.#lease?.caller === caller;
    if (wasExpected) this.#lease?.end();
    if (!this.#waiters.has(leader)) return;
    leader.reject(error);
    if (error instanceof RoleError && error.code === "MfaRequired") {
      if (!this.#lease && this.#permit !== "passed") this.#expect(leader.options);
    } else if (!hasCode && !wasExpected) {
      for (const waiter of [...this.#waiters]) if (!waiter.options.hasCode) waiter.reject(error);
    }
  }

  #expect({ caller, context }: ObtainOptions): void {
    this.#announce(true);
    const look = setInterval(() => {
      if (this.#takeStored(this.#context() ?? context)) this.#advance();
    }, lookAround);
    const timeout = setTimeout(() => {
      lease.end();
      this.#advance();
    }, this.#cache.leaseMilliseconds);
    look.unref();
    timeout.unref();
    const lease: Lease = {
      caller,
      end: () => {
        clearInterval(look);
        clearTimeout(timeout);
        this.#lease = undefined;
        this.#announce(false);
      },
    };
    this.#lease = lease;
  }

  #announce(awaitsCode: boolean): void {
    if (typeof this.#permit === "object") this.#permit.awaitCode(awaitsCode);
  }

  /** Whoever waits lends its clock. */
  #context(): CacheContext | undefined {
    const [first] = this.#waiters;
    return first?.options.context;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#acquiring?.abort();
    if (typeof this.#permit === "object") this.#permit.release();
    this.#cache.ended();
  }
}
