import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ssoDirectory } from "../../src/identity-center/list-roles.ts";
import { signOut } from "../../src/identity-center/sign-out.ts";
import { createRateLimiter } from "../../src/network/rate-limiter.ts";
import { codeOf, contextOf, errorOf } from "../credentials/fixtures.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { defaultWorld } from "../sandbox/world.ts";
import { corp, homeIn, sha1 } from "./fixtures.ts";

const accountOf = (index: number) => String(100_000_000_000 + index);
const assignments = Object.fromEntries(
  Array.from({ length: 1000 }, (_, index) => [accountOf(index), index === 7 ? names(130) : ["Admin", "ReadOnly"]]),
);
const suspended = [accountOf(3), accountOf(500)];

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Role${index}`);
}

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function scene() {
  sandbox = await startSandbox({
    world: {
      ...defaultWorld,
      identityCenter: { region: corp.region, startUrl: corp.startUrl, assignments, suspended },
    },
  });
  const home = homeIn(sandbox);
  mkdirSync(home.cache, { recursive: true });
  const token = sandbox.ssoLogin();
  writeFileSync(join(home.cache, `${sha1("corp")}.json`), JSON.stringify(token));
  const directory = ssoDirectory(home.context, corp, home.services, createRateLimiter());
  return { ...home, directory, accessToken: token.accessToken };
}

describe(ssoDirectory, () => {
  it("lists all accounts of a large organization, and all roles of an account", async () => {
    const { directory } = await scene();
    const accounts = await directory.accounts();
    expect(accounts).toHaveLength(1000);
    expect(accounts[0]).toEqual({
      accountId: accountOf(0),
      accountName: `Account ${accountOf(0)}`,
      emailAddress: `${accountOf(0)}@sandbox.example`,
    });
    expect(await directory.roleNames(accountOf(7))).toEqual(names(130));
    expect(sandbox.calls.map(({ action }) => action)).toEqual([
      ...Array(10).fill("ListAccounts"),
      ...Array(2).fill("ListAccountRoles"),
    ]);
  });

  it("lists the other accounts although some are suspended", async () => {
    const { directory } = await scene();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => directory.roleNames(accountOf(index))),
    );
    expect(results.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([3]);
    const error = await errorOf(() => directory.roleNames(accountOf(3)));
    expect(error.code).toBe("AccessDenied");
    expect(error.details).toMatchObject({ target: accountOf(3), action: expect.stringContaining("suspended") });
  });

  it("slows down when the service throttles, and loses no account", async () => {
    const { directory, context } = await scene();
    // All calls wait on one signal, which Node reports as a leak by default.
    const warnings: string[] = [];
    const warn = ({ name }: Error) => warnings.push(name);
    process.on("warning", warn);
    sandbox.failNext({ action: "ListAccountRoles", code: "TooManyRequestsException", status: 429, times: 12 });
    sandbox.failNext({ action: "ListAccountRoles", status: 503, times: 2 });
    const lists = await Promise.all(
      Array.from({ length: 30 }, (_, index) => directory.roleNames(accountOf(10 + index))),
    );
    expect(lists.every((list) => list.length === 2)).toBe(true);
    expect(context.said.join()).toContain("throttling");
    process.off("warning", warn);
    expect(warnings).not.toContain("MaxListenersExceededWarning");
  });

  it.each<[string, object, string, string]>([
    [
      "the sign-in has ended",
      { code: "UnauthorizedException", status: 401 },
      "SsoLoginRequired",
      "Connect-IdentityCenter",
    ],
    ["the request is refused", { code: "InvalidRequestException", status: 400 }, "SsoFailed", "sso_region"],
    ["the response is not JSON", { body: "<html>" }, "SsoFailed", "endpoint"],
    ["the response has no list", { body: "{}" }, "SsoFailed", "endpoint"],
    ["an account has no id", { body: '{"accountList":[{}]}' }, "SsoFailed", "endpoint"],
  ])("fails with the next step if %s", async (_what, fault, code, action) => {
    const { directory, accessToken } = await scene();
    sandbox.failNext({ action: "ListAccounts", ...fault });
    const error = await errorOf(() => directory.accounts());
    expect(error.code).toBe(code);
    expect(error.details.action).toContain(action);
    expect(JSON.stringify(error.details)).not.toContain(accessToken);
  });

  it("fails after too many pages", async () => {
    const { directory } = await scene();
    sandbox.failNext({ action: "ListAccounts", body: '{"accountList":[],"nextToken":"again"}', times: 3000 });
    expect(await codeOf(() => directory.accounts())).toBe("SsoFailed");
  });

  it("ends when the caller cancels", async () => {
    const { services, environment } = await scene();
    const controller = new AbortController();
    const context = contextOf(environment, { signal: controller.signal, now: Date.now });
    sandbox.failNext({ action: "ListAccounts", hang: true });
    const list = ssoDirectory(context, corp, services, createRateLimiter()).accounts();
    setTimeout(() => controller.abort(), 50);
    expect(await codeOf(() => list)).toBe("Cancelled");
  });
});

describe(signOut, () => {
  it.each<[string, object, string | undefined]>([
    ["has ended already", { code: "UnauthorizedException", status: 401 }, undefined],
    ["cannot be ended", { status: 500, times: 5 }, "did not end the sign-in"],
    ["is out of reach", { cut: "beforeResponse", times: 5 }, "cannot be reached"],
  ])("removes the token although the sign-in %s", async (_what, fault, warning) => {
    const { context, services, files } = await scene();
    sandbox.failNext({ action: "Logout", ...fault });
    const ended = await signOut(corp, services, context);
    expect(ended.signedOut).toBe(true);
    if (warning === undefined) expect(ended.warning).toBeUndefined();
    else expect(ended.warning).toContain(warning);
    expect(files()).toEqual([]);
  });
});
