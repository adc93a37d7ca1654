import { onAbort } from "../platform/cancellation.ts";
import type { Lock } from "../platform/lock.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import type { CacheContext, CacheEntry, ObtainOptions } from "./cache-request.ts";
import { reasonOf } from "./entry-store.ts";
import { acquireSingleFlightLock, awaitingCode, fetching } from "./single-flight-lock.ts";

/** What a single-flight needs from its cache. */
export interface SingleFlightCache {
  /**
   * Path of the lock. `undefined` if there is no directory for locks; other processes then fetch for themselves.
   * @throws the system's error
   */
  lockPath(): string | undefined;
  /** How long the other callers wait for the user to type a code, in milliseconds. */
  readonly leaseMilliseconds: number;
  lookup(context: CacheContext): CacheEntry | undefined;
  /** Stores the entry. This process finds it at once. Resolves when other processes find it too. Never rejects. */
  store(entry: CacheEntry, context: CacheContext): Promise<void>;
  ended(): void;
}

interface Waiter {
  readonly options: ObtainOptions;
  resolve(entry: CacheEntry): void;
  reject(error: unknown): void;
}

/** The turn of a caller that got `MfaRequired` and is expected back with a code. */
interface Lease {
  readonly caller: string;
  end(): void;
}

/** How often to check whether another process stored the entry, while the user types. */
const lookAround = 250;

/**
 * One fetch for all callers with the same request. It lasts while a caller waits, or is expected back with a code. Every event (a
 * caller joins or leaves, the lock is acquired, a fetch ends, a lease ends) calls `#advance`, which does the next thing due.
 */
export class SingleFlight {
  readonly #cache: SingleFlightCache;
  readonly #waiters = new Set<Waiter>();
  /** Held while fetching and while leased. `none` if locks are unavailable, `passed` to go ahead of another process's prompt. */
  #permit: Lock | "none" | "passed" | undefined;
  #acquiring: AbortController | undefined;
  #fetching: AbortController | undefined;
  #lease: Lease | undefined;
  #ended = false;

  constructor(cache: SingleFlightCache) {
    this.#cache = cache;
  }

  /**
   * The signal must not be aborted yet.
   * @throws RoleError `Cancelled`; the error of a fetch, if it concerns this caller or all callers
   */
  join(options: ObtainOptions): Promise<CacheEntry> {
    const { signal } = options.context;
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiter.reject(canceled());
        // Advance after all callers with the same signal have left.
        queueMicrotask(() => this.#advance());
      };
      const settle = <T>(finish: (value: T) => void) => {
        return (value: T) => {
          this.#waiters.delete(waiter);
          stopListening();
          finish(value);
        };
      };
      const waiter: Waiter = { options, resolve: settle(resolve), reject: settle(reject) };
      this.#waiters.add(waiter);
      const stopListening = onAbort(signal, leave);
      this.#advance();
    });
  }

  abandon(caller: string): void {
    if (this.#lease?.caller !== caller) return;
    this.#lease.end();
    this.#advance();
  }

  /** Releases the lock and rejects waiting callers with `Cancelled`. */
  close(): void {
    this.#lease?.end();
    for (const waiter of [...this.#waiters]) waiter.reject(canceled());
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
      // The caller that brought the code has left: rejoin the queue.
      this.#permit = undefined;
      this.#advance();
    }
  }

  /** Prefers callers with a code, which is valid for seconds. While a caller is expected back with a code, no other caller is asked. */
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
      // Another process may have stored the entry while this one waited for the lock.
      if (permit && permit !== "passed") this.#takeStored();
      this.#advance();
    });
    return stop;
  }

  async #waitForPermit(signal: AbortSignal): Promise<Lock | "none" | "passed" | undefined> {
    try {
      const lockPath = this.#cache.lockPath();
      if (lockPath === undefined) return "none";
      const outcome = await acquireSingleFlightLock(lockPath, {
        signal,
        isReady: () => this.#takeStored(),
        mayPassPrompt: () => [...this.#waiters].some(({ options }) => options.hasCode),
      });
      return outcome === "ready" || outcome === "stopped" ? undefined : outcome;
    } catch (error) {
      this.#context()?.say(
        `Other processes may request the same credentials at the same time, because there is no lock (${reasonOf(error)}).`,
      );
      return "none";
    }
  }

  #fetchFor(leader: Waiter): AbortController {
    const controller = new AbortController();
    const { context, fetch } = leader.options;
    // Start in a later microtask, so that all concurrent callers have joined.
    void Promise.resolve()
      .then(() => fetch(controller.signal))
      .then((entry) => {
        const stored = this.#cache.store(entry, context);
        // Callers don't wait for the disk. The lock is held until the entry is written.
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

  /** Called repeatedly, so it suppresses the messages that the first lookup reported. */
  #takeStored(context = this.#context()): boolean {
    const entry = context && this.#cache.lookup({ now: context.now, say: () => {} });
    if (entry) this.#arrive(entry);
    return entry !== undefined;
  }

  /**
   * Decides which callers get the error. A missing code concerns one caller, and a wrong code the caller that brought it. An error of a
   * caller that has left is dropped. Any other error goes to all callers with the same request.
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
    if (typeof this.#permit === "object") this.#permit.publish(awaitsCode ? awaitingCode : fetching);
  }

  /** Any waiting caller's context provides the clock. */
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
