/** The environment for tests of chains: a home directory, the two AWS files, the sandbox, and a diagnosis state that lasts across hops. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { testHop } from "../../src/diagnosis/test-role.ts";
import { sha1Hex } from "../../src/platform/hash.ts";
import type { HopReport } from "../../src/protocol/diagnosis-messages.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { section } from "../assume-role/fixtures.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

/** Writes a file in the home directory and returns its path. */
export function write(home: string, name: string, text: string): string {
  const path = join(home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

export const startUrl = "https://sandbox.awsapps.com/start";

/** Signs the home's user in to Identity Center. */
export function signIn(home: string, sandbox: Sandbox): void {
  write(home, `.aws/sso/cache/${sha1Hex(startUrl)}.json`, JSON.stringify(sandbox.ssoLogin()));
}

export interface TestChainOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Answers the prompt for a device's code. Without it, nothing can prompt. */
  readonly code?: (mfaSerial: string) => string;
}

export const device = "arn:aws:iam::111111111111:mfa/jo";
export const role = (name: string, account = "123456789012") => `arn:aws:iam::${account}:role/${name}`;

/** Settings of a profile with a role from another profile's credentials, and more lines. */
export const assume = (name: string, source = "jo", ...more: string[]) =>
  [`role_arn = ${role(name)}`, `source_profile = ${source}`, ...more].join("\n");

/** The keys of every test user, and keys that are wrong in one way each. */
const credentials = Object.entries({
  ...keysOf,
  badsecret: { ...keysOf.jo, secretAccessKey: "Jo/EXAMPLE+secret00000000000000000000000" },
  unknown: { accessKeyId: "AKIANOBODYEXAMPLE001", secretAccessKey: "Nobody/EXAMPLE+secret0000000000000000001" },
  leftover: { ...keysOf.jo, sessionToken: "of-an-older-session" },
  tokenless: { accessKeyId: keysOf.expired.accessKeyId, secretAccessKey: keysOf.expired.secretAccessKey },
}).map(([name, keys]) => section(name, keys));

/** Stores all users' keys, and a profile `test` with these settings. Other profiles may follow. */
export function store(home: string, settings: string): void {
  write(home, ".aws/config", `[profile test]\n${settings}\n`);
  write(home, ".aws/credentials", credentials.join(""));
}

export interface Room {
  /** The home directory. */
  readonly home: string;
  readonly sandbox: Sandbox;
  /** Stores a profile `test` with these settings, and tests its chain. */
  state(settings: string, params?: UseRoleParams, options?: TestChainOptions): Promise<HopReport[]>;
}

/** A home and a sandbox, new for each test of the file. */
export function openRooms(): Room {
  let home: string;
  let sandbox: Sandbox;
  beforeEach(async () => {
    home = temporaryDirectory();
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());
  return {
    get home() {
      return home;
    },
    get sandbox() {
      return sandbox;
    },
    state(settings, params = { profileName: "test" }, options = {}) {
      store(home, settings);
      return testChain(sandbox, home, params, options);
    },
  };
}

/** Tests all hops of a chain in the order in which the cmdlet requests them. */
export async function testChain(
  sandbox: Sandbox,
  home: string,
  params: UseRoleParams,
  { environment = {}, now = Date.now, code }: TestChainOptions = {},
): Promise<HopReport[]> {
  const core = new Core();
  const defaults = { HOME: home, USERPROFILE: home, AWS_DEFAULT_REGION: "eu-west-1", AWS_MAX_ATTEMPTS: "1" };
  const variables = { ...defaults, ...sandbox.environment, ...environment };
  const context = contextOf(variables, { workingDirectory: home, now });
  const reports: HopReport[] = [];
  const invocationId = "state";
  let given = params;
  try {
    for (let hop = 1; hop <= 20; hop++) {
      const ask = (more: Partial<UseRoleParams> = {}) => {
        const request = { ...given, ...more, hop, invocationId };
        return testHop(request, core.resolution(request, context), core.state(invocationId), context);
      };
      let report = await ask();
      const { mfaSerial } = report.error ?? {};
      if (report.error?.id === "MfaRequired" && mfaSerial !== undefined && code) {
        report = await ask({ tokenCodes: { [mfaSerial]: code(mfaSerial) } });
      }
      if (report.codeTaken) {
        const { tokenCode: _, ...rest } = given;
        given = rest;
      }
      reports.push(report);
      if (report.last) return reports;
    }
    throw new Error("The chain does not end.");
  } finally {
    // The next run finds the files of this one.
    await core.settled();
    core.close();
  }
}

/** The last tested hop. */
export function last(hops: readonly HopReport[]): HopReport {
  const hop = hops.at(-1);
  if (!hop) throw new Error("There is no hop.");
  return hop;
}

export const idsOf = ({ causes }: HopReport): string[] => causes.map(({ id }) => id);
