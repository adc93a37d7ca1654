import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Context } from "../../src/protocol/context.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { SignedIn } from "../../src/protocol/sign-in-messages.ts";
import { createSignIns, type OpenSignIn, type SignIn } from "../../src/sign-in/sign-ins.ts";
import { codeOf, contextOf, errorOf, temporaryDirectory } from "../credentials/fixtures.ts";

const signedIn: SignedIn = { expiration: "2030-06-01T20:00:00Z", renewable: true };

/** A sign-in that the test finishes, kept as the presence of a file. */
function scene(options: { timeoutMs?: number } = {}) {
  const path = join(temporaryDirectory(), "sso", "token.json");
  let finish: (error?: Error) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  finished.catch(() => {});
  const close = vi.fn();
  const signIn: SignIn = {
    path,
    existing: async () => (existsSync(path) ? signedIn : undefined),
    open: vi.fn(
      async (): Promise<OpenSignIn> => ({
        page: { link: "https://page.example/", expiration: "2030-06-01T12:10:00Z" },
        timeoutMs: options.timeoutMs ?? 60_000,
        afterTimeout: "Run it again.",
        close,
        finish: (during: Context) =>
          new Promise((resolve, reject) => {
            during.signal.addEventListener("abort", () => reject(new RoleError("Cancelled", "Cancelled.")));
            finished.then(() => {
              writeFileSync(path, "{}");
              resolve(signedIn);
            }, reject);
          }),
      }),
    ),
  };
  const locks = () => readdirSync(dirname(path)).filter((name) => name.endsWith(".lock"));
  return { signIn, finish, close, path, locks };
}

async function opened(signIns: ReturnType<typeof createSignIns>, signIn: SignIn) {
  const step = await signIns.begin(signIn, contextOf());
  if (step.state === "done") throw new Error("There is a sign-in already.");
  return step;
}

describe(createSignIns, () => {
  it("opens a page, waits for the user, and leaves no lock", async () => {
    const { signIn, finish, close, locks } = scene();
    const signIns = createSignIns();
    const step = await opened(signIns, signIn);
    expect(step).toMatchObject({ state: "browser", link: "https://page.example/" });
    expect(locks()).toHaveLength(1);
    const done = signIns.wait(step.signInId, contextOf());
    finish();
    expect(await done).toEqual({ state: "done", signedIn });
    expect(close).toHaveBeenCalledOnce();
    expect(locks()).toEqual([]);
  });

  it("opens no page if there is a sign-in", async () => {
    const { signIn, finish } = scene();
    const signIns = createSignIns();
    const { signInId } = await opened(signIns, signIn);
    finish();
    await signIns.wait(signInId, contextOf());
    expect(await signIns.begin(signIn, contextOf())).toEqual({ state: "done", signedIn });
    expect(signIn.open).toHaveBeenCalledOnce();
  });

  it("opens one page for ten sessions that need the sign-in at once", async () => {
    const { signIn, finish } = scene();
    const sessions = Array.from({ length: 10 }, createSignIns);
    const steps = await Promise.all(sessions.map((session) => opened(session, signIn)));
    expect(steps.map(({ state }) => state).sort()).toEqual(["browser", ...Array(9).fill("elsewhere")]);
    const ends = steps.map((step, index) => sessions[index]?.wait(step.signInId, contextOf()));
    finish();
    expect(await Promise.all(ends)).toEqual(Array(10).fill({ state: "done", signedIn }));
    expect(signIn.open).toHaveBeenCalledOnce();
  });

  it("opens the page in the session that waits when the first one gives up", async () => {
    const { signIn, locks } = scene();
    const [first, second] = [createSignIns(), createSignIns()];
    const { signInId } = await opened(first, signIn);
    const waiting = await opened(second, signIn);
    expect(waiting.state).toBe("elsewhere");
    const next = second.wait(waiting.signInId, contextOf());
    first.abandon(signInId);
    const page = await next;
    expect(page).toMatchObject({ state: "browser" });
    if (page.state === "browser") second.abandon(page.signInId);
    expect(locks()).toEqual([]);
  });

  it("ends when the caller cancels", async () => {
    const { signIn, close, locks } = scene();
    const signIns = createSignIns();
    const { signInId } = await opened(signIns, signIn);
    const controller = new AbortController();
    const wait = signIns.wait(signInId, contextOf({}, { signal: controller.signal }));
    controller.abort();
    expect(await codeOf(() => wait)).toBe("Cancelled");
    expect(close).toHaveBeenCalledOnce();
    expect(locks()).toEqual([]);
    expect(await codeOf(() => signIns.wait(signInId, contextOf()))).toBe("RequestInvalid");
  });

  it.each([["while the caller waits"], ["before the caller waits"]])(
    "ends with the next step if the browser never returns, %s",
    async (when) => {
      const { signIn, close, locks } = scene({ timeoutMs: 50 });
      const signIns = createSignIns();
      const { signInId } = await opened(signIns, signIn);
      if (when.startsWith("before")) await vi.waitFor(() => expect(locks()).toEqual([]), { timeout: 10_000 });
      const error = await errorOf(() => signIns.wait(signInId, contextOf()));
      expect(error.code).toBe("SignInTimeout");
      expect(error.details.action).toBe("Run it again.");
      expect(close).toHaveBeenCalledOnce();
      expect(locks()).toEqual([]);
    },
  );

  it("passes on the sign-in's own error, and frees the lock", async () => {
    const { signIn, finish, locks } = scene();
    const signIns = createSignIns();
    const { signInId } = await opened(signIns, signIn);
    finish(new RoleError("SignInDenied", "Denied."));
    expect(await codeOf(() => signIns.wait(signInId, contextOf()))).toBe("SignInDenied");
    expect(locks()).toEqual([]);
  });

  it("frees the lock if no page can be opened", async () => {
    const { signIn, locks } = scene();
    const failing = { ...signIn, open: () => Promise.reject(new RoleError("SsoFailed", "No.")) };
    expect(await codeOf(() => createSignIns().begin(failing, contextOf()))).toBe("SsoFailed");
    expect(locks()).toEqual([]);
  });

  it("ends all sign-ins when the core ends", async () => {
    const { signIn, close, locks } = scene();
    const signIns = createSignIns();
    await opened(signIns, signIn);
    signIns.close();
    expect(close).toHaveBeenCalledOnce();
    expect(locks()).toEqual([]);
  });

  it("opens no page if the sign-in could not be stored", async () => {
    const { signIn } = scene();
    writeFileSync(dirname(signIn.path), "a file in the place of the folder");
    expect(await codeOf(() => createSignIns().begin(signIn, contextOf()))).toBe("FileUnwritable");
    expect(signIn.open).not.toHaveBeenCalled();
  });
});
