import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { callerIdentity } from "../../src/assume-role/caller-identity.ts";
import { useRole } from "../../src/assume-role/use-role.ts";
import { combine } from "../../src/profiles/read.ts";
import { type Settings, settingKeys } from "../../src/profiles/settings.ts";
import type { SharedConfig } from "../../src/profiles/shared-config.ts";
import { SharedFile } from "../../src/profiles/shared-file.ts";
import type { Context, Environment } from "../../src/protocol/context.ts";
import type { CallerIdentity, UseRoleParams, UseRoleResult } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Profiles without a file. */
export function profilesOf(
  profiles: Readonly<Record<string, Settings>>,
  ssoSessions: Readonly<Record<string, Settings>> = {},
): SharedConfig {
  return {
    profile: (name) => {
      const settings = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
      return settings && { name, settings };
    },
    profiles: () => Object.entries(profiles).map(([name, settings]) => ({ name, settings })),
    ssoSession: (name) => (Object.hasOwn(ssoSessions, name) ? ssoSessions[name] : undefined),
    ssoSessions: () => Object.keys(ssoSessions),
    services: () => undefined,
  };
}

/** Profiles in files with these contents. */
export function filesOf(config: string, credentials = ""): SharedConfig {
  return combine(
    new SharedFile("config", Buffer.from(config), "config"),
    new SharedFile("credentials", Buffer.from(credentials), "credentials"),
  );
}

/** A section of the config file. */
export function section(header: string, settings: Settings): string {
  const lines = Object.entries(settings).map(
    ([setting, value]) => `${settingKeys[setting as keyof Settings]} = ${value}`,
  );
  return [`[${header}]`, ...lines, ""].join("\n");
}

/** A user's home directory, and a core that uses it. */
export interface Home {
  readonly directory: string;
  /** The `-Verbose` messages. */
  readonly said: string[];
  /** Writes a file in the home directory and returns its path. */
  write(name: string, text: string): string;
  use(params: UseRoleParams, more?: More): Promise<UseRoleResult>;
  identity(params: UseRoleParams, more?: More): Promise<CallerIdentity>;
  /** Another process of the same user, which shares only the disk. */
  restart(): Promise<void>;
}

export interface More {
  readonly environment?: Environment;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
}

export function homeOf(config: string, environment: Environment, credentials = "", now: () => number = Date.now): Home {
  const directory = temporaryDirectory();
  let core: Core = new Core();
  cleanups.push(async () => {
    core.close();
    // On Windows, a file stays in its folder while this process has it open.
    await core.settled();
  });
  const said: string[] = [];
  const contextWith = ({ environment: more, ...rest }: More = {}): Context =>
    contextOf(
      { HOME: directory, PATH: process.env.PATH, ...environment, ...more },
      { workingDirectory: directory, now, say: (line) => said.push(line), ...rest },
    );
  const home: Home = {
    directory,
    said,
    write(name, text) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    use: async (params, more) => {
      const context = contextWith(more);
      return useRole(params, core.resolution(params, context), context);
    },
    identity: async (params, more) => {
      const context = contextWith(more);
      return callerIdentity(params, core.resolution(params, context), context);
    },
    async restart() {
      await core.settled();
      core.close();
      core = new Core();
    },
  };
  home.write(".aws/config", config);
  if (credentials !== "") home.write(".aws/credentials", credentials);
  return home;
}
