import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { cacheKey, canonicalJson, cliFileName, requestText } from "../../src/cache/cache-key.ts";
import type { CacheRequest } from "../../src/cache/cache-request.ts";
import { cliRequest, ownRequest } from "./fixtures.ts";

describe(cliFileName, () => {
  it.each([
    {
      key: { RoleArn: "arn:aws:iam::123456789012:role/Admin" },
      name: "51e7b105b5040ce662656c8dc6ab4de70c4de7ad.json",
    },
    {
      key: {
        SerialNumber: "arn:aws:iam::111111111111:mfa/jo",
        RoleSessionName: "me",
        RoleArn: "arn:aws:iam::123456789012:role/Admin",
        ExternalId: "x",
        DurationSeconds: 3600,
      },
      name: "35cfbc4a75e276909e3b9b3128cb91ba488dd9db.json",
    },
  ])("is $name for the documented example", ({ key, name }) => {
    expect(cliFileName(key)).toBe(name);
  });

  it("refuses numbers that Python writes differently", () => {
    expect(() => cliFileName({ RoleArn: "r", DurationSeconds: 3600.5 })).toThrow(
      expect.objectContaining({ code: "InternalError" }),
    );
  });

  const odd = 'q" b\\ t\t n\n \u0001 \u007f é \u2028 \u{1f511} \ud800 </script>';
  const roles = [
    { RoleArn: "arn:aws:iam::123456789012:role/Admin" },
    { RoleArn: "arn:aws:iam::123456789012:role/ops/Admin", RoleSessionName: "me", DurationSeconds: 900 },
    { RoleArn: "r", ExternalId: odd.replace("\ud800", ""), SerialNumber: "arn:aws:iam::111111111111:mfa/jo" },
  ];
  const sso = [
    { roleName: "Admin", accountId: "123456789012", sessionName: "corp" },
    { roleName: "Ädmin", accountId: "123456789012", startUrl: "https://corp.awsapps.com/start/#/" },
  ];
  const botocore = spawnSync("python3", ["-c", computeKeys], {
    input: JSON.stringify({ roles, sso }),
    encoding: "utf8",
  });

  it.skipIf(botocore.status !== 0)("equals botocore's key (skipped without botocore)", () => {
    const keys = JSON.parse(botocore.stdout) as string[];
    expect([...roles, ...sso].map((key) => cliFileName({ ...key }))).toEqual(keys.map((key) => `${key}.json`));
  });

  it("writes a lone surrogate like Python", () => {
    // hashlib.sha1(json.dumps({"RoleArn": "\ud800"}).encode()).hexdigest()
    expect(cliFileName({ RoleArn: "\ud800" })).toBe("f64e0b055fde19209be70786e053df5f6bc4db82.json");
  });
});

describe(requestText, () => {
  const base = cliRequest({ identity: { policy: { a: 1 }, tags: [["k", "v"]], sourceIdentity: "jo" } });
  const others: { field: string; request: CacheRequest }[] = [
    { field: "operation", request: { ...base, operation: "AssumeRoleWithWebIdentity" } },
    { field: "cliKey", request: { ...base, cliKey: { RoleArn: "arn:aws:iam::123456789012:role/Other" } } },
    { field: "cliKey, absent", request: ownRequest({ identity: base.identity }) },
    { field: "cliKey, another type", request: { ...base, cliKey: { ...base.cliKey, DurationSeconds: "900" } } },
    { field: "cliKey, a number", request: { ...base, cliKey: { ...base.cliKey, DurationSeconds: 900 } } },
    { field: "identity, empty", request: { ...base, identity: {} } },
    { field: "identity, a nested value", request: { ...base, identity: { ...base.identity, policy: { a: 2 } } } },
    { field: "identity, a nested name", request: { ...base, identity: { ...base.identity, policy: { b: 1 } } } },
    {
      field: "identity, the order of a list",
      request: { ...base, identity: { ...base.identity, tags: [["v", "k"]] } },
    },
    { field: "identity, nesting", request: { ...base, identity: { ...base.identity, tags: [["k"], "v"] } } },
    { field: "identity, a type", request: { ...base, identity: { ...base.identity, sourceIdentity: ["jo"] } } },
    { field: "identity, null", request: { ...base, identity: { ...base.identity, sourceIdentity: null } } },
    { field: "identity, __proto__", request: { ...base, identity: JSON.parse('{"__proto__": {"a": 1}}') } },
    { field: "identity, constructor", request: { ...base, identity: { constructor: "x" } } },
    { field: "source", request: { ...base, source: "AKIDSOURCE/eu" } },
    { field: "durationSeconds", request: { ...base, durationSeconds: 900 } },
    { field: "roleArn", request: { ...base, roleArn: "arn:aws:iam::123456789012:role/Admin" } },
  ];

  it("differs for any two requests that differ in a field", () => {
    const texts = [base, ...others.map(({ request }) => request)].map(requestText);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("does not depend on the order of fields", () => {
    const { operation, ...rest } = base;
    const reversed = { tags: [["k", "v"]], sourceIdentity: "jo", policy: { a: 1 } };
    expect(requestText({ ...rest, identity: reversed, operation })).toBe(requestText(base));
  });

  it("is the same for two profiles with the same request", () => {
    expect(requestText({ ...base, profileName: "other" })).toBe(requestText(base));
  });

  it("treats an undefined field as absent", () => {
    expect(requestText({ ...base, identity: { ...base.identity, policyArns: undefined } })).toBe(requestText(base));
  });
});

describe(cacheKey, () => {
  it("is a valid file name for any request", () => {
    const key = cacheKey(cliRequest({ identity: { name: "../../../etc/passwd\u0000" }, source: "/../" }));
    expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe(canonicalJson, () => {
  it.each([
    ["a map", new Map([["a", 1]])],
    ["a set", new Set(["a"])],
    ["a date", new Date(0)],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["a symbol", Symbol("a")],
    ["undefined in a list", [undefined]],
    ["bytes", new Uint8Array(2)],
  ])("refuses %s, which JSON does not preserve", (_, value) => {
    expect(() => canonicalJson({ value })).toThrow(expect.objectContaining({ code: "InternalError" }));
  });
});

const computeKeys = `
import json, sys
from botocore.credentials import AssumeRoleCredentialFetcher, SSOCredentialFetcher
given = json.load(sys.stdin)
keys = []
for key in given["roles"]:
    extra = {name: value for name, value in key.items() if name != "RoleArn"}
    keys.append(AssumeRoleCredentialFetcher(None, None, key["RoleArn"], extra_args=extra)._cache_key)
for key in given["sso"]:
    keys.append(SSOCredentialFetcher(key.get("startUrl"), "us-east-1", key["roleName"], key["accountId"], None,
                sso_session_name=key.get("sessionName"))._cache_key)
print(json.dumps(keys))
`;
