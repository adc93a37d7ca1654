import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cliFileName } from "../../src/cache/cache-key.ts";
import { formatEntry, type Origin, parseEntry } from "../../src/cache/entry-format.ts";
import { answer, roleArn, scratchDirectory, start } from "./fixtures.ts";

const origin: Origin = {
  cacheKey: "ab".repeat(32),
  operation: "AssumeRole",
  obtainedAt: start,
  durationSeconds: 3600,
  roleArn,
  profileNames: ["prod", "__proto__", 'q"uote\u2028'],
};

function fileOf(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(formatEntry(answer(), origin)), ...changes });
}

function withCredentials(changes: Record<string, unknown>): string {
  const json = JSON.parse(formatEntry(answer(), origin));
  return JSON.stringify({ ...json, Credentials: { ...json.Credentials, ...changes } });
}

function withOrigin(changes: Record<string, unknown>): string {
  const json = JSON.parse(formatEntry(answer(), origin));
  return JSON.stringify({ ...json, RoleCredentials: { ...json.RoleCredentials, ...changes } });
}

describe(formatEntry, () => {
  it("survives a round trip", () => {
    const entry = { ...answer(), packedPolicySize: 6, sourceIdentity: "jo" };
    expect(parseEntry(formatEntry(entry, origin))).toEqual({ entry, origin, operation: "AssumeRole" });
  });

  it("writes a time that every version of botocore reads", () => {
    const entry = answer({ expiration: start + 999 });
    expect(JSON.parse(formatEntry(entry, origin)).Credentials.Expiration).toBe("2026-03-01T12:00:00Z");
  });

  it("takes the account from the session's ARN like botocore", () => {
    const { accountId: _, ...credentials } = answer().credentials;
    const entry = { ...answer(), credentials };
    expect(JSON.parse(formatEntry(entry, origin)).Credentials.AccountId).toBe("123456789012");
  });
});

describe(parseEntry, () => {
  it.each([
    "2026-03-01T13:00:00Z",
    "2026-03-01T13:00:00+00:00",
    "2026-03-01T13:00:00UTC",
    "2026-03-01T13:00:00.000000+00:00",
    "2026-03-01T14:30:00+01:30",
  ])("reads an expiration %s", (Expiration) => {
    expect(parseEntry(withCredentials({ Expiration }))?.entry.credentials.expiration).toEqual(
      new Date("2026-03-01T13:00:00Z"),
    );
  });

  it("reads an entry of the AWS CLI", () => {
    const { RoleCredentials: _, ...json } = JSON.parse(formatEntry(answer(), origin));
    const text = JSON.stringify({ ...json, ResponseMetadata: { RequestId: "1", HTTPStatusCode: 200 } });
    const parsed = parseEntry(text);
    expect(parsed).toMatchObject({ operation: "AssumeRole", entry: { assumedRoleUser: answer().assumedRoleUser } });
    expect(parsed).not.toHaveProperty("origin");
  });

  it.each([
    { operation: "GetRoleCredentials", changes: { ProviderType: "sso", AssumedRoleUser: undefined } },
    { operation: "AssumeRoleWithWebIdentity", changes: { SubjectFromWebIdentityToken: "system:serviceaccount" } },
    { operation: "AssumeRole", changes: {} },
    { operation: undefined, changes: { AssumedRoleUser: undefined } },
  ])("recognizes $operation by its response", ({ operation, changes }) => {
    expect(parseEntry(fileOf({ RoleCredentials: undefined, ...changes }))?.operation).toBe(operation);
  });

  const whole = formatEntry(answer(), origin);
  it.each([
    ["nothing", ""],
    ["a blank", " \n"],
    ["zeros", "\u0000".repeat(512)],
    ["half an entry", whole.slice(0, whole.length / 2)],
    ["all but the last brace", whole.slice(0, -1)],
    ["an entry and the rest of a longer one", `${whole}"}}`],
    ["null", "null"],
    ["a number", "1"],
    ["a text", '"Credentials"'],
    ["a list", `[${whole}]`],
    ["an empty object", "{}"],
    ["credentials null", fileOf({ Credentials: null })],
    ["credentials a list", fileOf({ Credentials: [] })],
    ["credentials in the prototype", `{"__proto__": ${whole}}`],
    [
      "keys in the prototype",
      fileOf({ Credentials: JSON.parse(`{"__proto__": ${JSON.stringify(answer().credentials)}}`) }),
    ],
    ["no access key", withCredentials({ AccessKeyId: undefined })],
    ["an empty access key", withCredentials({ AccessKeyId: "" })],
    ["an access key that is a number", withCredentials({ AccessKeyId: 1 })],
    ["a secret with a line break", withCredentials({ SecretAccessKey: "a\nb" })],
    ["no secret", withCredentials({ SecretAccessKey: undefined })],
    ["no token", withCredentials({ SessionToken: undefined })],
    ["a token that is null", withCredentials({ SessionToken: null })],
    ["a token with a zero byte", withCredentials({ SessionToken: "a\u0000" })],
    ["no expiration", withCredentials({ Expiration: undefined })],
    ["an expiration in seconds", withCredentials({ Expiration: 1_772_370_000 })],
    ["an expiration without a zone", withCredentials({ Expiration: "2026-03-01T13:00:00" })],
    ["an expiration in words", withCredentials({ Expiration: "tomorrow" })],
    ["an expiration in month 13", withCredentials({ Expiration: "2026-13-01T13:00:00Z" })],
    ["an origin of another version", withOrigin({ Version: 2 })],
    ["an origin without a version", withOrigin({ Version: undefined })],
    ["an origin whose version is a text", withOrigin({ Version: "1" })],
    ["an origin without a request", withOrigin({ Request: undefined })],
    ["an origin of an unknown operation", withOrigin({ Operation: "constructor" })],
    ["an origin without a time", withOrigin({ ObtainedAt: undefined })],
    ["an origin that is a text", fileOf({ RoleCredentials: "1" })],
    ["an origin that is a list", fileOf({ RoleCredentials: [] })],
  ])("is undefined for %s", (_, text) => {
    expect(parseEntry(text)).toBeUndefined();
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("ignores a member %s", (name) => {
    const text = `{"${name}": {"polluted": true}, ${whole.slice(1)}`;
    expect(parseEntry(text)?.origin).toEqual(origin);
    expect({}).not.toHaveProperty("polluted");
  });

  it("returns a frozen entry", () => {
    const entry = parseEntry(whole)?.entry;
    expect([entry, entry?.credentials, entry?.assumedRoleUser].every(Object.isFrozen)).toBe(true);
  });
});

const hasBotocore = spawnSync("python3", ["-c", "import botocore"]).status === 0;

describe.skipIf(!hasBotocore)("botocore (skipped if it is not installed)", () => {
  const cliKey = { RoleArn: roleArn, RoleSessionName: "me" };

  it("uses this module's entry without a call to STS", () => {
    const directory = scratchDirectory();
    const expiration = Date.now() + 3_600_000;
    const entry = answer({ expiration });
    writeFileSync(join(directory, cliFileName(cliKey)), formatEntry(entry, { ...origin, obtainedAt: Date.now() }));
    expect(runBotocore(directory, "raise Exception('STS was called')")).toMatchObject({
      access_key: entry.credentials.accessKeyId,
      secret_key: entry.credentials.secretAccessKey,
      token: entry.credentials.sessionToken,
      account_id: "123456789012",
    });
  });

  it("replaces this module's entry with less than 15 minutes left", () => {
    const directory = scratchDirectory();
    const entry = answer({ expiration: Date.now() + 14 * 60_000 });
    writeFileSync(join(directory, cliFileName(cliKey)), formatEntry(entry, { ...origin, obtainedAt: Date.now() }));
    expect(runBotocore(directory, answerOfSts)).toMatchObject({ access_key: "ASIABOTOCORE" });
  });

  it("writes an entry that this module reads", () => {
    const directory = scratchDirectory();
    mkdirSync(directory, { recursive: true });
    runBotocore(directory, answerOfSts);
    const parsed = parseEntry(readFileSync(join(directory, cliFileName(cliKey)), "utf8"));
    expect(parsed).toMatchObject({
      operation: "AssumeRole",
      entry: { credentials: { accessKeyId: "ASIABOTOCORE", accountId: "123456789012" } },
    });
    expect(parsed?.entry.credentials.expiration.getTime()).toBeGreaterThan(Date.now() + 50 * 60_000);
  });
});

const answerOfSts = `return {
            "Credentials": {"AccessKeyId": "ASIABOTOCORE", "SecretAccessKey": "s", "SessionToken": "t",
                            "Expiration": datetime.datetime.now(tzutc()) + datetime.timedelta(hours=1)},
            "AssumedRoleUser": {"Arn": "arn:aws:sts::123456789012:assumed-role/Admin/me", "AssumedRoleId": "AROA:me"},
            "ResponseMetadata": {"RequestId": "1", "HTTPStatusCode": 200}}`;

/** Runs botocore's role fetcher on a directory. The statement is the body of its STS client. */
function runBotocore(directory: string, statement: string): unknown {
  const program = `
import datetime, json, sys
from dateutil.tz import tzutc
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials
from botocore.utils import JSONFileCache
class Client:
    def assume_role(self, **kwargs):
        ${statement}
fetcher = AssumeRoleCredentialFetcher(lambda *a, **k: Client(), Credentials("a", "b"), sys.argv[2],
                                      extra_args={"RoleSessionName": "me"}, cache=JSONFileCache(sys.argv[1]))
print(json.dumps(fetcher.fetch_credentials()))
`;
  const { stdout, stderr, status } = spawnSync("python3", ["-c", program, directory, roleArn], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
