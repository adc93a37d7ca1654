import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { codeOf } from "../credentials/fixtures.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { browse, chromium, closeBrowsers } from "../sign-in/headless-browser.ts";
import { begin, homeIn } from "./fixtures.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(closeBrowsers);
afterAll(() => sandbox.close());

describe.skipIf(!chromium)("a real browser", () => {
  it.each([
    ["a redirect", false],
    ["a device code", true],
  ])("signs in with %s", { timeout: 60_000 }, async (_what, useDeviceCode) => {
    const home = homeIn(sandbox);
    sandbox.ssoAuthorizations.user = "allow";
    const { link, wait } = await begin(home, { useDeviceCode });
    browse(link);
    expect(await wait()).toMatchObject({ state: "done", signedIn: { ssoSession: "corp" } });
    expect(home.token()).toHaveProperty("refreshToken");
  });

  it("denies the sign-in", { timeout: 60_000 }, async () => {
    const home = homeIn(sandbox);
    sandbox.ssoAuthorizations.user = "deny";
    const { link, wait } = await begin(home);
    browse(link);
    expect(await codeOf(() => wait())).toBe("SignInDenied");
  });
});
