import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { codeOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";
import { begin, homeIn, programOrSkip } from "./fixtures.ts";

const chromium = programOrSkip("chromium", ["--version"], /Chrom/);

let sandbox: Sandbox;
const browsers: ChildProcess[] = [];
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) {
    browser.kill("SIGKILL");
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
  }
});
afterAll(() => sandbox.close());

/** Opens a page in a real browser with a new profile. */
function browse(link: string): void {
  const options = [
    ...["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"],
    ...["disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-proxy-server"],
    `user-data-dir=${temporaryDirectory()}`,
  ];
  const args = [...options.map((option) => `--${option}`), link];
  browsers.push(spawn(chromium ?? "", args, { stdio: "ignore" }));
}

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
