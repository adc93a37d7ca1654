import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type {
  CacheContext,
  CacheDirectories,
  CacheEntry,
  CacheRequest,
  ObtainOptions,
} from "../../src/cache/cache-request.ts";
import { type CacheSettings, CredentialCache } from "../../src/cache/credential-cache.ts";
import { RoleError } from "../../src/protocol/errors.ts";

export const roleArn = "arn:aws:iam::123456789012:role/ops/Admin";
export const start = Date.parse("2026-03-01T12:00:00Z");
export const minute = 60_000;
export const hour = 60 * minute;

const scratch: string[] = [];
afterAll(async () => {
  // On Windows, a file stays in its folder while this process has it open, so the retries must not block it.
  for (const directory of scratch.splice(0)) await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

/** A temporary directory, removed after the file's tests, some of which are concurrent. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "role-cache-"));
  scratch.push(directory);
  return directory;
}

/** Cache directories that do not exist yet, in an existing home. */
export function scratchDirectories(): { readonly cli: string; readonly own: string } {
  const home = scratchDirectory();
  return { cli: join(home, ".aws", "cli", "cache"), own: join(home, ".aws", "role-credentials", "cache") };
}

/** A cache that writes its entries to disk before `obtain` resolves. */
export function settledCache(directories: CacheDirectories, settings: CacheSettings = {}): CredentialCache {
  return new SettledCache(directories, settings);
}

class SettledCache extends CredentialCache {
  override async obtain(request: CacheRequest, options: ObtainOptions): Promise<CacheEntry> {
    const entry = await super.obtain(request, options);
    await this.settled();
    return entry;
  }
}

export interface TestContext extends CacheContext {
  time: number;
  readonly lines: string[];
  readonly signal: AbortSignal;
}

export function testContext(signal: AbortSignal = new AbortController().signal): TestContext {
  const lines: string[] = [];
  const context: TestContext = {
    time: start,
    lines,
    signal,
    now: () => context.time,
    say: (line) => lines.push(line),
  };
  return context;
}

/** A role request that the AWS CLI could make too. */
export function cliRequest(changes: Partial<CacheRequest> = {}): CacheRequest {
  return {
    operation: "AssumeRole",
    cliKey: { RoleArn: roleArn },
    identity: { roleArn },
    source: "AKIDSOURCE/us",
    durationSeconds: 3600,
    profileName: "prod",
    roleArn,
    ...changes,
  };
}

/** A request that the AWS CLI's key does not identify. */
export function ownRequest(changes: Partial<CacheRequest> = {}): CacheRequest {
  const { cliKey: _, ...request } = cliRequest();
  return { ...request, identity: { roleArn, tags: { team: "blue" } }, ...changes };
}

let answers = 0;

/** A unique response, valid for an hour from the start. */
export function answer(changes: { expiration?: number; arn?: string } = {}): CacheEntry {
  answers += 1;
  return {
    credentials: {
      accessKeyId: `ASIA${String(answers).padStart(16, "0")}`,
      secretAccessKey: `secret${answers}/+=`,
      sessionToken: `token${answers}`,
      expiration: new Date(changes.expiration ?? start + hour),
      accountId: "123456789012",
    },
    assumedRoleUser: {
      arn: changes.arn ?? "arn:aws:sts::123456789012:assumed-role/Admin/me",
      assumedRoleId: "AROA0000000000000:me",
    },
  };
}

/** A fetch that counts its calls, settles on demand and records whether it was aborted. */
export function controlledFetch(): {
  readonly fetch: ObtainOptions["fetch"];
  readonly calls: () => number;
  readonly succeed: (entry?: CacheEntry) => void;
  readonly fail: (error: unknown) => void;
  readonly called: () => Promise<void>;
  readonly wasAborted: () => boolean;
} {
  let calls = 0;
  let announce = (): void => {};
  const called = new Promise<void>((resolve) => {
    announce = resolve;
  });
  let succeed = (_: CacheEntry): void => {};
  let fail = (_: unknown): void => {};
  const outcome = new Promise<CacheEntry>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  outcome.catch(() => {});
  let signal: AbortSignal | undefined;
  return {
    fetch: (given) => {
      calls += 1;
      signal = given;
      announce();
      return outcome;
    },
    calls: () => calls,
    succeed: (entry = answer()) => succeed(entry),
    fail: (error) => fail(error),
    called: () => called,
    wasAborted: () => signal?.aborted === true,
  };
}

export function needsCode(): RoleError {
  return new RoleError("MfaRequired", "A code is needed.", { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" });
}
