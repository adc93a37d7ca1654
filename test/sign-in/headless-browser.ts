import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { temporaryDirectory } from "../credentials/fixtures.ts";
import { programOrSkip } from "../identity-center/fixtures.ts";

export const chromium = programOrSkip("chromium", ["--version"], /Chrom/);

const browsers: ChildProcess[] = [];

/** Opens a page in a real browser with a new profile. */
export function browse(link: string): void {
  const options = [
    ...["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"],
    ...["disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-proxy-server"],
    `user-data-dir=${temporaryDirectory()}`,
  ];
  const args = [...options.map((option) => `--${option}`), "--remote-debugging-port=0", link];
  browsers.push(spawn(chromium ?? "", args, { stdio: "ignore" }));
}

/** Ends the browsers of a test. */
export async function closeBrowsers(): Promise<void> {
  for (const browser of browsers.splice(0)) {
    browser.kill("SIGKILL");
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
  }
}
