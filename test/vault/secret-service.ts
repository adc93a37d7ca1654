/** A Secret Service of the tests' own: gnome-keyring on a D-Bus of its own, in a scratch folder. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll } from "vitest";

/** Why no Secret Service can run here; undefined if one can. */
export const whyNoSecretService: string | undefined =
  process.platform !== "linux"
    ? "needs Linux"
    : ["dbus-daemon", "gnome-keyring-daemon"].find((name) => spawnSync(name, ["--version"]).status !== 0);

/** The end of a test's title that says why it is skipped. */
export const unless = whyNoSecretService === undefined ? "" : ` [skipped: needs ${whyNoSecretService}]`;

export interface SecretService {
  /** What a program needs to reach it. */
  readonly environment: { readonly DBUS_SESSION_BUS_ADDRESS: string };
  /** Ends the keyring and starts it again, without the password that unlocks it. */
  lock(): Promise<void>;
  unlock(): Promise<void>;
  close(): void;
}

export async function startSecretService(): Promise<SecretService> {
  const home = mkdtempSync(join(tmpdir(), "role-credentials-keyring-"));
  const variables = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: join(home, "data"), XDG_RUNTIME_DIR: home };
  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "ignore"],
    // The keyring must not find a display to ask for its password on.
    env: variables,
  });
  const [address] = (await once(createInterface(bus.stdout), "line")) as [string];
  const environment = { DBUS_SESSION_BUS_ADDRESS: address };

  /** Starts a keyring in the background, in place of the one that runs. It ends with its D-Bus. */
  async function start(...how: string[]): Promise<void> {
    const program = spawn("gnome-keyring-daemon", ["--daemonize", "--replace", "--components=secrets", ...how], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...variables, ...environment },
    });
    program.stdin.end(how.length > 0 ? "password of the tests" : "");
    await once(program, "exit");
  }
  const service: SecretService = {
    environment,
    lock: () => start(),
    unlock: () => start("--unlock"),
    close() {
      bus.kill();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await service.unlock();
  return service;
}

/** Starts a Secret Service for the tests of a suite. They find it through this process's environment. */
export function openSecretService(): Pick<SecretService, "environment" | "lock" | "unlock"> {
  let service: SecretService;
  beforeAll(async () => {
    service = await startSecretService();
    Object.assign(process.env, service.environment);
  });
  afterAll(() => {
    service?.close();
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
  });
  return {
    get environment() {
      return service.environment;
    },
    lock: () => service.lock(),
    unlock: () => service.unlock(),
  };
}
