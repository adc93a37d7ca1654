/** The environment for tests of chains: a home directory, the two AWS files, the sandbox, and a diagnosis state that lasts across hops. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { removeFolder } from "../../scripts/remove-folder.mjs";
import { testHop } from "../../src/diagnosis/test-role.ts";
import type { HopReport } from "../../src/protocol/diagnosis-messages.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { contextOf } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import { type Sandbox, startSandbox } from "../sandbox/sandbox.ts";

export interface Home {
  readonly directory: string;
  /** Writes `~/.aws/config` and `~/.aws/credentials`. */
  store(config: string, credentials?: string): void;
  remove(): void;
}

export function openHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), "role-credentials-walk-"));
  mkdirSync(join(directory, ".aws"));
  return {
    directory,
    store(config, credentials = "") {
      writeFileSync(join(directory, ".aws", "config"), config);
      writeFileSync(join(directory, ".aws", "credentials"), credentials);
    },
    remove: () => removeFolder(directory),
  };
}

export interface WalkOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Answers the prompt for a device's code. Without it, nothing can prompt. */
  readonly code?: (mfaSerial: string) => string;
}

export const device = "arn:aws:iam::111111111111:mfa/jo";
export const role = (name: string, account = "123456789012") => `arn:aws:iam::${account}:role/${name}`;
/** The settings of a role that another profile assumes. */
export const assuming = (roleArn = role("Admin"), sourceProfile = "jo") =>
  `role_arn = ${roleArn}\nsource_profile = ${sourceProfile}`;

/** The keys of every test user, and keys that are wrong in one way each. */
export const credentialsFile = `${Object.entries(keysOf)
  .map(
    ([name, keys]) =>
      `[${name}]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n${
        "sessionToken" in keys ? `aws_session_token = ${keys.sessionToken}\n` : ""
      }`,
  )
  .join("")}[badsecret]
aws_access_key_id = ${keysOf.jo.accessKeyId}
aws_secret_access_key = Jo/EXAMPLE+secret00000000000000000000000
[unknown]
aws_access_key_id = AKIANOBODYEXAMPLE001
aws_secret_access_key = Nobody/EXAMPLE+secret0000000000000000001
[leftover]
aws_access_key_id = ${keysOf.jo.accessKeyId}
aws_secret_access_key = ${keysOf.jo.secretAccessKey}
aws_session_token = of-an-older-session
[tokenless]
aws_access_key_id = ${keysOf.expired.accessKeyId}
aws_secret_access_key = ${keysOf.expired.secretAccessKey}
`;

export interface Room {
  readonly home: Home;
  readonly sandbox: Sandbox;
  /** Stores all users' keys and a profile `test` with these settings (other profiles may follow), and tests its chain. */
  state(settings: string, params?: UseRoleParams, options?: WalkOptions): Promise<HopReport[]>;
  /** Makes STS refuse the next AssumeRole with this message. */
  deny(message: string): void;
}

/** A home and a sandbox, new for each test of the file. */
export function openRooms(): Room {
  let home: Home;
  let sandbox: Sandbox;
  beforeEach(async () => {
    home = openHome();
    sandbox = await startSandbox();
  });
  afterEach(async () => {
    await sandbox.close();
    home.remove();
  });
  return {
    get home() {
      return home;
    },
    get sandbox() {
      return sandbox;
    },
    state(settings, params = { profileName: "test" }, options = {}) {
      home.store(`[profile test]\n${settings}\n`, credentialsFile);
      return walkChain(sandbox, home, params, options);
    },
    deny: (message) => sandbox.failNext({ action: "AssumeRole", code: "AccessDenied", status: 403, message }),
  };
}

/** Tests all hops of a chain in the order in which the cmdlet requests them. */
export async function walkChain(
  sandbox: Sandbox,
  home: Home,
  params: UseRoleParams,
  { environment = {}, now = Date.now, code }: WalkOptions = {},
): Promise<HopReport[]> {
  const core = new Core();
  const context = contextOf(
    {
      HOME: home.directory,
      USERPROFILE: home.directory,
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_MAX_ATTEMPTS: "1",
      ...sandbox.environment,
      ...environment,
    },
    { workingDirectory: home.directory, now },
  );
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
