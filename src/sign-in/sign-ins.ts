/** Sign-ins in the browser that wait for the user. One browser serves every session that needs the same sign-in. */
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { acquireLock, type Lock } from "../platform/lock.ts";
import { makeFolder } from "../platform/make-folder.ts";
import { isSystemError } from "../platform/system-error.ts";
import { unwritable } from "../platform/unwritable.ts";
import { uptime } from "../platform/uptime.ts";
import type { Context } from "../protocol/context.ts";
import { canceled, RoleError } from "../protocol/errors.ts";
import type { SignedIn, SignInPage, SignInStep } from "../protocol/sign-in-messages.ts";

/** One kind of sign-in. */
export interface SignIn {
  /** The file that holds the sign-in. While a session signs in, it holds the lock of this file. */
  readonly path: string;
  /** The sign-in that makes another one unnecessary. */
  existing(context: Context): Promise<SignedIn | undefined>;
  /** Prepares the page for the browser. */
  open(context: Context): Promise<OpenSignIn>;
}

/** A sign-in whose page is ready. */
export interface OpenSignIn {
  readonly page: SignInPage;
  /** Milliseconds until the page stops being valid. */
  readonly timeoutMs: number;
  /** Waits for the user, and stores the sign-in. If the page wants it, with the code that the user entered. */
  finish(context: Context, code?: string): Promise<SignedIn>;
  /** Stops listening. Called once, however the sign-in ends. */
  close(): void;
  /** What the user can do when the time is over. */
  readonly afterTimeout: string;
}

export interface SignIns {
  /** @throws RoleError what the sign-in throws; `FileUnwritable` if it could not be stored */
  begin(signIn: SignIn, context: Context): Promise<SignInStep>;
  /** @throws RoleError `SignInTimeout` after the end of the page, and what the sign-in throws */
  wait(signInId: string, context: Context, code?: string): Promise<SignInStep>;
  abandon(signInId: string): void;
  close(): void;
}

interface Pending {
  wait(context: Context, code?: string): Promise<SignInStep>;
  end(): void;
}

/** Another process's lock may be one that it left behind, which takes this many milliseconds to see. */
const abandonedShowsAfter = 150;

export function createSignIns(): SignIns {
  const pending = new Map<string, Pending>();

  async function begin(signIn: SignIn, context: Context, isPatient: boolean): Promise<SignInStep> {
    const lock = await lockOf(signIn.path, context, isPatient);
    if (lock === "busy") {
      return { state: "elsewhere", signInId: keep({ wait: (during) => begin(signIn, during, true), end: () => {} }) };
    }
    try {
      // Another session may have signed in while this one waited for the lock.
      const signedIn = await signIn.existing(context);
      if (!signedIn) return await open(signIn, lock, context);
      lock.release();
      return { state: "done", signedIn };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async function open(signIn: SignIn, lock: Lock, context: Context): Promise<SignInStep> {
    const opened = await signIn.open(context);
    if (context.signal.aborted) {
      // The caller has gone, so no one would end the sign-in.
      opened.close();
      throw canceled();
    }
    const timeout = new AbortController();
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      opened.close();
      lock.release();
    };
    const signInId = keep({ wait, end });
    const timer = setTimeout(() => {
      timeout.abort(tooLate(opened));
      // No request may be waiting, so end the sign-in here too.
      end();
    }, opened.timeoutMs);
    timer.unref();
    return { state: "browser", signInId, ...opened.page };

    async function wait(during: Context, code?: string): Promise<SignInStep> {
      try {
        timeout.signal.throwIfAborted();
        const signal = AbortSignal.any([during.signal, timeout.signal]);
        return { state: "done", signedIn: await opened.finish({ ...during, signal }, code) };
      } catch (error) {
        throw timeout.signal.aborted && !during.signal.aborted ? timeout.signal.reason : error;
      } finally {
        end();
      }
    }
  }

  function keep(one: Pending): string {
    const signInId = randomUUID();
    pending.set(signInId, one);
    return signInId;
  }

  return {
    async begin(signIn, context) {
      const signedIn = await signIn.existing(context);
      return signedIn ? { state: "done", signedIn } : begin(signIn, context, false);
    },
    wait(signInId, context, code) {
      const one = pending.get(signInId);
      pending.delete(signInId);
      if (one) return one.wait(context, code);
      throw new RoleError("RequestInvalid", "This sign-in has ended.", { action: "Run the command again." });
    },
    abandon(signInId) {
      pending.get(signInId)?.end();
      pending.delete(signInId);
    },
    close() {
      for (const one of pending.values()) one.end();
      pending.clear();
    },
  };
}

async function lockOf(path: string, { signal }: Context, isPatient: boolean): Promise<Lock | "busy"> {
  const started = uptime();
  try {
    makeFolder(dirname(path));
    return await acquireLock<"busy">(`${path}.lock`, {
      signal,
      longestPause: 100,
      whileHeld: () => (isPatient || uptime() - started < abandonedShowsAfter ? undefined : "busy"),
    });
  } catch (error) {
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

function tooLate({ afterTimeout }: OpenSignIn): RoleError {
  return new RoleError("SignInTimeout", "The sign-in was not completed in the browser in time.", {
    action: afterTimeout,
  });
}
