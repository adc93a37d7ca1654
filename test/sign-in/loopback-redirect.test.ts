import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type LoopbackRedirect, listenForRedirect } from "../../src/sign-in/loopback-redirect.ts";
import { createPkce } from "../../src/sign-in/pkce.ts";
import { codeOf, errorOf } from "../credentials/fixtures.ts";

const open: LoopbackRedirect[] = [];
afterEach(() => {
  for (const redirect of open.splice(0)) redirect.close();
});

const never = new AbortController().signal;

async function listening(port?: number) {
  const redirect = await listenForRedirect({
    state: "s-1",
    subject: "the test",
    withoutPort: "-UseDeviceCode",
    ...(port !== undefined && { port }),
  });
  open.push(redirect);
  return redirect;
}

/** Sends what a browser would, and returns the page. */
async function browse(
  redirect: LoopbackRedirect,
  query: string,
  options: { path?: string; host?: string; method?: string } = {},
) {
  const { port } = new URL(redirect.redirectUri);
  const outgoing = request({
    port,
    host: "127.0.0.1",
    path: `${options.path ?? "/oauth/callback"}?${query}`,
    method: options.method ?? "GET",
    headers: { Host: options.host ?? `127.0.0.1:${port}` },
  }).end();
  const [response] = await once(outgoing, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers, body };
}

describe(listenForRedirect, () => {
  it("listens on loopback, on another port for each sign-in", async () => {
    const [one, two] = [await listening(), await listening()];
    expect(one.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
    expect(two.redirectUri).not.toBe(one.redirectUri);
  });

  it("returns the code, and shows the user a page without it", async () => {
    const redirect = await listening();
    const answer = redirect.answer(never);
    const page = await browse(redirect, "code=the-code&state=s-1");
    expect(await answer).toEqual({ code: "the-code" });
    expect(page.status).toBe(200);
    expect(page.body).toContain("Signed in to the test");
    expect(page.body).not.toContain("the-code");
    expect(page.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  });

  it("returns the code that came before anybody waited", async () => {
    const redirect = await listening();
    await browse(redirect, "code=early&state=s-1");
    expect(await redirect.answer(never)).toEqual({ code: "early" });
  });

  it.each([
    ["with the state", "error=access_denied&state=s-1", "access_denied"],
    ["without a state", "error=access_denied", "access_denied"],
    ["that is no OAuth code", "error=%1b%5b2J&state=s-1", "unknown"],
  ])("returns an error %s", async (_what, query, error) => {
    const redirect = await listening();
    const page = await browse(redirect, query);
    expect(await redirect.answer(never)).toEqual({ error });
    expect(page.body).toContain("was not completed");
  });

  it.each<[string, string, { path?: string; host?: string; method?: string }, number]>([
    ["a wrong state", "code=forged&state=other", {}, 400],
    ["no state", "code=forged", {}, 400],
    ["an error of another sign-in", "error=access_denied&state=other", {}, 400],
    ["no code", "state=s-1", {}, 400],
    ["another path", "code=forged&state=s-1", { path: "/favicon.ico" }, 404],
    ["another host name", "code=forged&state=s-1", { host: "evil.example" }, 404],
    ["another method", "code=forged&state=s-1", { method: "POST" }, 404],
  ])("keeps waiting after a request with %s", async (_what, query, options, status) => {
    const redirect = await listening();
    expect((await browse(redirect, query, options)).status).toBe(status);
    expect(redirect.strangers()).toBe(status === 400 ? 1 : 0);
    await browse(redirect, "code=right&state=s-1");
    expect(await redirect.answer(never)).toEqual({ code: "right" });
  });

  it("reports a port that another program listens on, and names the way without a port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const error = await errorOf(() => listening(port));
    expect(error.code).toBe("SignInPortUnavailable");
    expect(error.details.action).toContain("-UseDeviceCode");
    other.close();
  });

  it("ends when the caller cancels, and frees the port", async () => {
    const redirect = await listening();
    const controller = new AbortController();
    const answer = redirect.answer(controller.signal);
    controller.abort();
    expect(await codeOf(() => answer)).toBe("Cancelled");
    redirect.close();
    const { port } = new URL(redirect.redirectUri);
    const successor = createServer().listen(Number(port), "127.0.0.1");
    await once(successor, "listening");
    successor.close();
  });
});

describe(createPkce, () => {
  it("ties the challenge to the verifier, as RFC 7636 says", () => {
    const { verifier, challenge, state } = createPkce();
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(challenge).toBe(createHash("sha256").update(verifier).digest("base64url"));
    expect(createPkce()).not.toMatchObject({ verifier });
    expect(createPkce()).not.toMatchObject({ state });
  });
});
