/** A user's surroundings for tests of chains: a home, two files, the sandbox, and a walk from hop to hop. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../src/context.ts";
import { createCore } from "../../src/core.ts";
import type { HopReport, UseRoleParams } from "../../src/protocol/methods.ts";
import { testHop } from "../../src/roles/test-role.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

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
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface WalkOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Answers the question for a device's code; without it nobody can be asked. */
  readonly code?: (mfaSerial: string) => string;
}

/** All hops of a chain, as the cmdlet asks for them. */
export async function walkChain(
  sandbox: Sandbox,
  home: Home,
  params: UseRoleParams,
  { environment = {}, now = Date.now, code }: WalkOptions = {},
): Promise<HopReport[]> {
  const core = createCore();
  const context: Context = {
    environment: {
      HOME: home.directory,
      USERPROFILE: home.directory,
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_MAX_ATTEMPTS: "1",
      ...sandbox.environment,
      ...environment,
    },
    workingDirectory: home.directory,
    platform: process.platform,
    now,
    signal: new AbortController().signal,
    say: () => {},
  };
  const reports: HopReport[] = [];
  const conversation = "walk";
  let given = params;
  try {
    for (let hop = 1; hop <= 20; hop++) {
      const ask = (more: Partial<UseRoleParams> = {}) => {
        const request = { ...given, ...more, hop, conversation };
        return testHop(request, core.journey(request, context), core.walk(conversation), context);
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
    core.close();
  }
}
