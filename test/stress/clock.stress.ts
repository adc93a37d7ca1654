import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { cliFileName } from "../../src/cache/cache-key.ts";
import { sha1Hex } from "../../src/platform/hash.ts";
import { RoleError } from "../../src/protocol/errors.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { createHandlers } from "../../src/server/handlers.ts";
import { section } from "../assume-role/fixtures.ts";
import { contextOf, temporaryDirectory } from "../credentials/fixtures.ts";
import { keysOf } from "../sandbox/clients.ts";
import { openOwnSandbox } from "../sandbox/open-sandbox.ts";
import { amount, figure } from "./amount.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How far this machine's clock is ahead, over time. */
const clocks: readonly (readonly [string, (elapsed: number) => number])[] = [
  ["right", () => 0],
  ["5 minutes behind", () => -5 * minute],
  ["5 minutes ahead", () => 5 * minute],
  ["an hour behind", () => -hour],
  ["an hour ahead", () => hour],
  ["a day behind", () => -day],
  ["a day ahead", () => day],
  ["set back by an hour in mid-session", (elapsed) => (elapsed > 50 * minute ? -hour : 0)],
  ["set back by a day in mid-session", (elapsed) => (elapsed > 50 * minute ? -day : 0)],
  ["set forward by an hour in mid-session", (elapsed) => (elapsed > 50 * minute ? hour : 0)],
  ["corrected after having been an hour ahead", (elapsed) => (elapsed > 50 * minute ? 0 : hour)],
  ["corrected after having been an hour behind", (elapsed) => (elapsed > 50 * minute ? 0 : -hour)],
  ["20 minutes slower at each step", (elapsed) => -elapsed / 2],
];

const admin = "arn:aws:iam::123456789012:role/Admin";
/** A role that the AWS CLI assumes and caches too. */
const shared = "arn:aws:iam::123456789012:role/OneHour";
const asked: readonly UseRoleParams[] = [
  { roleArn: admin },
  { roleArn: admin, durationInSeconds: 900 },
  { roleArn: admin, durationInSeconds: 7200 },
  { profileName: "center" },
  { roleArn: shared },
];

describe("served credentials", () => {
  // In one process, all cases. With a new process at each step, all except a clock that was set back, which a new process cannot detect.
  const cases = clocks.flatMap(([what, ahead]) =>
    [false, true]
      .filter((restarts) => !(restarts && /set back|slower/.test(what)))
      .map((restarts) => [what, restarts, ahead] as const),
  );

  it.each(cases)(
    "are never expired with a clock that is %s (new process each time: %s)",
    async (what, restarts, ahead) => {
      const home = temporaryDirectory();
      const start = Date.now();
      let elapsed = 0;
      const sandbox = await openOwnSandbox({ now: () => start + elapsed });
      const context = contextOf(
        { ...sandbox.environment, HOME: home, AWS_REGION: "eu-west-1" },
        { workingDirectory: home, now: () => start + elapsed + ahead(elapsed) },
      );
      // The sign-in outlasts the time that passes in this test.
      const signIn = sandbox.ssoLogin({ accessTokenSeconds: 30 * 86_400 });
      const tokens = join(home, ".aws", "sso", "cache");
      mkdirSync(tokens, { recursive: true });
      const token = JSON.stringify({ ...signIn, expiresAt: "2099-01-01T00:00:00Z" });
      writeFileSync(join(tokens, `${sha1Hex("corp")}.json`), token);
      writeFileSync(join(home, ".aws", "credentials"), section("default", keysOf.jo));
      const center = { ssoSession: "corp", ssoAccountId: "123456789012", ssoRoleName: "PowerUser" };
      const corp = section("sso-session corp", { ssoStartUrl: signIn.startUrl, ssoRegion: "eu-west-1" });
      writeFileSync(join(home, ".aws", "config"), corp + section("profile center", center));
      const newCore = () => new Core({ monotonic: () => elapsed });
      let core = newCore();
      const cliEntry = join(home, ".aws", "cli", "cache", cliFileName({ RoleArn: shared }));
      let cliEnd = 0;
      let cliEntries = 0;

      /** The AWS CLI refreshes an entry when less than 15 minutes remain, by its own clock, which is this machine's. */
      async function writeAsCli(): Promise<void> {
        if (cliEnd - context.now() > 15 * minute) return;
        const fresh = newCore();
        const { accessKeyId, secretAccessKey, sessionToken, expiration, assumedRoleUser } = await createHandlers(fresh)[
          "role/use"
        ]({ roleArn: shared, noCache: true }, { ...context, now: () => start + elapsed });
        await fresh.history.flush();
        fresh.close();
        mkdirSync(dirname(cliEntry), { recursive: true, mode: 0o700 });
        const entry = {
          Credentials: {
            AccessKeyId: accessKeyId,
            SecretAccessKey: secretAccessKey,
            SessionToken: sessionToken,
            Expiration: expiration,
          },
          AssumedRoleUser: { AssumedRoleId: assumedRoleUser?.assumedRoleId, Arn: assumedRoleUser?.arn },
          ResponseMetadata: { HTTPHeaders: { date: new Date(start + elapsed).toUTCString() } },
        };
        writeFileSync(cliEntry, JSON.stringify(entry), { mode: 0o600 });
        utimesSync(cliEntry, context.now() / 1000, context.now() / 1000);
        cliEnd = Date.parse(expiration ?? "");
        cliEntries++;
      }
      let served = 0;
      let expired = 0;
      const refusals: number[] = [];
      for (let step = 0; step < amount(24, 120); step++) {
        await writeAsCli();
        for (const params of asked) {
          try {
            const { expiration } = await createHandlers(core)["role/use"](params, context);
            served++;
            if (expiration === undefined || Date.parse(expiration) <= start + elapsed) expired++;
          } catch (error) {
            // At worst the request is refused, and the error states the clock skew.
            if (!(error instanceof RoleError) || error.code !== "ClockSkew") throw error;
            refusals.push((error.details.clockSkewSeconds ?? 0) - Math.round(ahead(elapsed) / 1000));
          }
        }
        elapsed += 10 * minute;
        if (restarts) {
          await core.history.flush();
          core.close();
          core = newCore();
        }
      }
      // Flush now, so that the history is not written to the home while it is removed.
      await core.history.flush();
      core.close();
      expect(expired).toBe(0);
      expect(cliEntries).toBeGreaterThan(0);
      expect(refusals.filter((off) => Math.abs(off) > 2)).toEqual([]);
      figure(
        `clock ${what}${restarts ? ", processes" : ""}: served, of them expired, refused with the skew`,
        `${served}, ${expired}, ${refusals.length}`,
      );
    },
  );
});
