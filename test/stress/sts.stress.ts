import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { section } from "../assume-role/fixtures.ts";
import { OtherProcesses } from "../platform/other-process.ts";
import { roleArn } from "../sandbox/clients.ts";
import { figure, isFull } from "./amount.ts";
import { filesIn } from "./fault-subjects.ts";
import { type Hostile, hostiles, listen } from "./hostile-sts.ts";

/** Requests a role in a separate process, to measure its memory, and reports the result. */
const program = `
import { Core } from "#src/server/core.ts";
import { createHandlers } from "#src/server/handlers.ts";
const [, , home, environment] = process.argv;
const said = [];
const context = {
  environment: { HOME: home, ...JSON.parse(environment) },
  workingDirectory: home,
  platform: process.platform,
  now: Date.now,
  signal: new AbortController().signal,
  say: (line) => said.push(line),
};
const core = new Core();
const use = () => createHandlers(core)["role/use"]({ profileName: "prod" }, context);
const before = process.memoryUsage.rss();
const started = performance.now();
let outcome;
try {
  await use();
  outcome = { code: "obtained" };
} catch (error) {
  const { cause, ...details } = error.details ?? {};
  outcome = { code: error.code ?? "not ours: " + error.stack, action: details.action, text: [error.message, JSON.stringify(details), ...said].join("\\n") };
}
const took = performance.now() - started;
console.log(JSON.stringify({ ...outcome, took, grown: process.resourceUsage().maxRSS * 1024 - before }));
process.exit();
`;

const secrets = [
  "source/EXAMPLE/secret",
  "source-EXAMPLE-session-token",
  "secret-of-hostile",
  "token-of-hostile",
] as const;

describe("a hostile STS", () => {
  let folder: string;
  let others: OtherProcesses;
  let built: string;
  let longest = { what: "", took: 0 };
  let largest = { what: "", grown: 0 };
  let tried = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "role-credentials-"));
    others = new OtherProcesses(folder);
    built = others.program(program);
  });

  afterAll(() => {
    others.killAll();
    rmSync(folder, { recursive: true, force: true });
    figure("sts: servers that answer wrongly, each ending with its own error", tried);
    figure("sts: the slowest", `${(longest.took / 1000).toFixed(1)} s (${longest.what})`);
    figure("sts: the largest memory growth", `${Math.round(largest.grown / 1e6)} MB (${largest.what})`);
    figure("sts: secrets in texts, files changed", "0, 0");
  });

  function newHome(): string {
    const home = mkdtempSync(join(folder, "home-"));
    const aws = join(home, ".aws");
    mkdirSync(join(aws, "cli", "cache"), { recursive: true, mode: 0o700 });
    mkdirSync(join(aws, "role-credentials", "cache"), { recursive: true, mode: 0o700 });
    const keys = { accessKeyId: "ASIASOURCEEXAMPLE001", secretAccessKey: secrets[0], sessionToken: secrets[1] };
    const prod = { roleArn: roleArn("Admin"), sourceProfile: "default", region: "eu-west-1" };
    writeFileSync(join(aws, "credentials"), section("default", keys), { mode: 0o600 });
    writeFileSync(join(aws, "config"), section("profile prod", prod), { mode: 0o600 });
    // Existing cache entries must remain: another role's, and this role's expired one.
    writeFileSync(join(aws, "cli", "cache", `${"0".repeat(40)}.json`), "{}", { mode: 0o600 });
    writeFileSync(join(aws, "role-credentials", "cache", `${"0".repeat(64)}.json`), "{}", { mode: 0o600 });
    return home;
  }

  const contentOf = (home: string) =>
    Object.fromEntries(filesIn(home).map((path) => [path, readFileSync(join(home, path), "latin1")]));

  async function meet(hostile: Hostile) {
    const server = await listen(hostile);
    const home = newHome();
    const before = contentOf(home);
    const environment = { AWS_ENDPOINT_URL_STS: server.url, AWS_CA_BUNDLE: server.caFile };
    const running = others.start(built, home, JSON.stringify(environment));
    await running.ended;
    server.close();
    const outcome = JSON.parse(running.output) as {
      code: string;
      text?: string;
      action?: string;
      took: number;
      grown: number;
    };
    return { outcome, before, after: contentOf(home), requests: server.requests() };
  }

  const cases = hostiles.filter(({ slow }) => isFull || !slow).map((hostile) => [hostile.what, hostile] as const);

  it.concurrent.for(cases.filter(([, { slow }]) => slow))(
    "that answers with %s ends in bounded time",
    { timeout: 300_000 },
    ([what, hostile]) => judge(what, hostile, 120_000),
  );

  it.for(cases.filter(([, { slow }]) => !slow))(
    "that answers with %s gives a specific error",
    { timeout: 120_000 },
    ([what, hostile]) => judge(what, hostile, 60_000),
  );

  async function judge(what: string, hostile: Hostile, most: number): Promise<void> {
    const { outcome, before, after, requests } = await meet(hostile);
    expect(outcome.code).toMatch(hostile.code);
    expect(outcome.action).toBeTruthy();
    for (const secret of secrets) expect(`${outcome.text} ${outcome.action}`).not.toContain(secret);
    expect(after).toEqual(before);
    // No request goes to an untrusted server, and every other server received one.
    if (hostile.oldTls) expect(requests).toBe(0);
    else expect(requests).toBeGreaterThan(0);
    expect(outcome.took).toBeLessThan(most);
    // Ten times the largest allowed response, plus what Node itself needs.
    expect(outcome.grown).toBeLessThan(150e6);
    tried++;
    if (outcome.took > longest.took) longest = { what, took: outcome.took };
    if (outcome.grown > largest.grown) largest = { what, grown: outcome.grown };
  }
});
