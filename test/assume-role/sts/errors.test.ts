import { describe, expect, it, vi } from "vitest";
import { type StsCall, stsError } from "../../../src/assume-role/sts/errors.ts";
import type { Settings } from "../../../src/profiles/settings.ts";
import type { ErrorCode } from "../../../src/protocol/errors.ts";
import { closedPort, codeOf, errorOf, serveRaw, textsOf } from "../../credentials/fixtures.ts";
import { keysOf, roleArn } from "../../sandbox/clients.ts";
import type { Fault } from "../../sandbox/http/faults.ts";
import { openOwnSandbox, openSandbox } from "../../sandbox/open-sandbox.ts";
import { type Home, homeOf, section } from "../fixtures.ts";

const sandbox = await openSandbox();

const prod = section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base" });
const base = section("profile base", { ...keysOf.jo });
const at = (more: Record<string, string> = {}, config = base + prod): Home =>
  homeOf(config, { ...sandbox.environment, AWS_REGION: "eu-west-1", ...more });
const secrets = new RegExp(
  Object.values(keysOf)
    .map(({ secretAccessKey }) => secretAccessKey.replace(/[+/]/g, "\\$&"))
    .join("|"),
);

/** The error of a failed role request. Asserts that it names the hop and the caller, and shows no secret. */
async function failure(home: Home) {
  const error = await errorOf(() => home.use({ profileName: "prod" }));
  expect(error.details.action).toBeTruthy();
  expect(error.details.target).toBeTruthy();
  expect(error.details.hop).toContain("role");
  expect(textsOf(error)).not.toMatch(secrets);
  return error;
}

/** Runs timers fifty times as fast during the work. The time of day stays, because it signs requests. */
async function inHurry<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const uptime = vi.spyOn(process, "uptime").mockReturnValue(process.uptime());
  const hurry = setInterval(() => {
    uptime.mockReturnValue(process.uptime() + 1);
    vi.advanceTimersByTime(1000);
  }, 20);
  try {
    return await work();
  } finally {
    clearInterval(hurry);
    uptime.mockRestore();
    vi.useRealTimers();
  }
}

const answer = (xml: string) =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${xml}</AssumeRoleResult></AssumeRoleResponse>`;
const credentials = (change: Record<string, string | undefined> = {}) => {
  const parts = {
    AccessKeyId: "ASIAFAKE",
    SecretAccessKey: "fake-secret",
    SessionToken: "fake-token",
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    ...change,
  };
  const inner = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : `<${name}>${value}</${name}>`,
  );
  return `<Credentials>${inner.join("")}</Credentials>`;
};
const html = { "Content-Type": "text/html" };
const page = (body: string, headers: Record<string, string> = { "Content-Type": "text/xml" }): Fault => ({
  status: 200,
  headers,
  body,
});

describe("an STS with bad responses", () => {
  type Case = [what: string, fault: Fault, code: ErrorCode, calls: number];
  it.each<Case>([
    ["500 each time", { status: 500, code: "InternalFailure", times: 9 }, "StsFailed", 3],
    ["503 each time", { status: 503, code: "ServiceUnavailable", times: 9 }, "StsFailed", 3],
    ["503 without a body", { status: 503, body: "", times: 9 }, "StsFailed", 3],
    ["502 of a proxy, in HTML", { ...page("<html>Bad Gateway</html>", html), status: 502, times: 9 }, "StsFailed", 3],
    ["404 in HTML", { ...page("<html>not found</html>", html), status: 404 }, "StsResponseInvalid", 1],
    [
      "403 in plain text",
      { ...page("Forbidden", { "Content-Type": "text/plain" }), status: 403 },
      "StsResponseInvalid",
      1,
    ],
    ["403 without a body", { status: 403, body: "" }, "StsResponseInvalid", 1],
    ["407 of a proxy", { status: 407, body: "Proxy Authentication Required" }, "StsResponseInvalid", 1],
    ...[301, 302, 303, 307, 308].map(
      (status): Case => [
        `a redirect (${status})`,
        { status, headers: { Location: "/" }, body: "" },
        "StsResponseInvalid",
        1,
      ],
    ),
    ["UTF-16", page(`\ufffe${[...answer(credentials())].join("\0")}`), "StsResponseInvalid", 1],
    ["no content", { ...page(""), status: 204 }, "StsResponseInvalid", 1],
    ["no body", page(""), "StsResponseInvalid", 1],
    ["HTML", page("<!DOCTYPE html><html>Sign in to the guest network</html>", html), "StsResponseInvalid", 1],
    ["JSON", page('{"Credentials":{}}', { "Content-Type": "application/json" }), "StsResponseInvalid", 1],
    ["cut XML", page(answer(credentials()).slice(0, 200)), "StsResponseInvalid", 1],
    ["no XML at all", page("\u0000\u0001\u0002"), "StsResponseInvalid", 1],
    [
      "the response of another operation",
      page("<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"),
      "StsResponseInvalid",
      1,
    ],
    ["no credentials", page(answer("")), "StsResponseInvalid", 1],
    ...["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"].flatMap((name): Case[] => [
      [`no ${name}`, page(answer(credentials({ [name]: undefined }))), "StsResponseInvalid", 1],
      [`an empty ${name}`, page(answer(credentials({ [name]: "" }))), "StsResponseInvalid", 1],
    ]),
    ...["tomorrow", "NaN", "99999999999999999999", "2026-13-45T99:99:99Z", "1970-01-01T00:00:00Z"].map(
      (Expiration): Case => [
        `the expiration ${Expiration}`,
        page(answer(credentials({ Expiration }))),
        "StsResponseInvalid",
        1,
      ],
    ),
    [
      "expanding entities",
      page(
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>${answer(credentials({ AccessKeyId: "&b;" }))}`,
      ),
      "StsResponseInvalid",
      1,
    ],
    ["an endless body", { bodyBytes: 3 * 1024 * 1024 }, "StsResponseInvalid", 1],
    [
      "an error in another form",
      {
        status: 400,
        body: '{"__type":"AccessDenied","message":"no"}',
        headers: { "Content-Type": "application/json" },
      },
      "StsResponseInvalid",
      1,
    ],
    ["an unknown error", { status: 400, code: "SomethingNew", message: "of tomorrow" }, "StsRejected", 1],
  ])("with %s", async (_what, fault, code, calls) => {
    sandbox.failNext({ service: "sts", ...fault });
    const error = await failure(at());
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject({ target: "prod", hop: expect.stringContaining("profile prod") });
    if (code === "StsResponseInvalid") expect(error.message).toContain(sandbox.urls.sts);
    expect(sandbox.calls).toHaveLength(calls);
  });

  it.each<[string, Fault]>([
    ["500 once", { status: 500, code: "InternalFailure" }],
    ["503 twice", { status: 503, code: "ServiceUnavailable", times: 2 }],
    ["throttling nine times", { status: 400, code: "Throttling", times: 9 }],
    ["429 nine times", { status: 429, code: "TooManyRequestsException", times: 9 }],
    ["a cut connection once", { cut: "beforeResponse" }],
  ])("that recovers: %s", async (_what, fault) => {
    sandbox.failNext({ service: "sts", ...fault });
    const used = await inHurry(() => at().use({ profileName: "prod" }));
    expect(used.accessKeyId).toMatch(/^ASIA/);
  });

  it("that throttles forever causes an error", async () => {
    sandbox.failNext({ service: "sts", status: 400, code: "Throttling", message: "Rate exceeded", times: 999 });
    expect((await inHurry(() => failure(at()))).code).toBe("StsThrottled");
  });

  it("is called as often as AWS_MAX_ATTEMPTS or the profile allows", async () => {
    sandbox.failNext({ status: 503, code: "ServiceUnavailable", times: 9 });
    await failure(at({ AWS_MAX_ATTEMPTS: "1" }));
    expect(sandbox.calls).toHaveLength(1);
    sandbox.clearCalls();
    const two = section("profile prod", { roleArn: roleArn("Admin"), sourceProfile: "base", maxAttempts: "2" });
    await failure(at({}, base + two));
    expect(sandbox.calls).toHaveLength(2);
  });

  it("returns no credentials that have expired by its clock, although the local clock is an hour behind", async () => {
    const late = new Date(Date.now() + 3_600_000);
    sandbox.failNext(
      page(answer(credentials({ Expiration: new Date(late.getTime() - 600_000).toISOString() })), {
        "Content-Type": "text/xml",
        Date: late.toUTCString(),
      }),
    );
    expect((await failure(at())).code).toBe("StsResponseInvalid");
  });

  it("adds nothing to the cache", async () => {
    const home = at();
    sandbox.failNext(page(answer(credentials({ Expiration: "2001-01-01T00:00:00Z" }))));
    await failure(home);
    expect((await home.use({ profileName: "prod" })).accessKeyId).not.toBe("ASIAFAKE");
  });

  it("cannot inject escape sequences through its message", async () => {
    sandbox.failNext({ status: 403, code: "AccessDenied", message: "no\u001b[2J\u202e\nreally" });
    const error = await failure(at());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
    expect(error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe("an STS that does not answer", () => {
  const once = { AWS_MAX_ATTEMPTS: "1" };

  it("refuses the connection", async () => {
    const error = await failure(at({ ...once, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${await closedPort()}` }));
    expect(error.code).toBe("StsUnreachable");
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("has an unknown host name", async () => {
    const error = await failure(at({ ...once, AWS_ENDPOINT_URL_STS: "http://sts.sandbox.invalid" }));
    expect(error.code).toBe("StsUnreachable");
  });

  it("resets the connection", async () => {
    const { host } = await serveRaw((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect((await failure(at({ ...once, AWS_ENDPOINT_URL_STS: `http://${host}` }))).code).toBe("StsUnreachable");
  });

  it.each<[string, Fault]>([
    ["before it responds", { cut: "beforeResponse" }],
    ["in the middle of its response", { cut: "midBody" }],
  ])("hangs up %s", async (_what, fault) => {
    sandbox.failNext(fault);
    expect(["StsUnreachable", "StsResponseInvalid"]).toContain((await failure(at(once))).code);
  });

  it("does not speak HTTP", async () => {
    const { host } = await serveRaw((socket) => socket.end("220 smtp.example ESMTP\r\n"));
    const error = await failure(at({ ...once, AWS_ENDPOINT_URL_STS: `http://${host}` }));
    expect(["StsUnreachable", "StsResponseInvalid"]).toContain(error.code);
  });

  it("does not speak TLS on an https URL", async () => {
    const { host } = await serveRaw((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    const error = await failure(at({ ...once, AWS_ENDPOINT_URL_STS: `https://${host}` }));
    expect(error.code).toBe("TlsFailed");
  });

  it.each(["untrusted", "wrongHost", "expired", "notYetValid"] as const)(
    "shows a certificate that is %s",
    async (tls) => {
      const secure = await openOwnSandbox({ tls });
      const home = homeOf(base + prod, { ...secure.environment, AWS_REGION: "eu-west-1", AWS_MAX_ATTEMPTS: "1" });
      expect((await failure(home)).code).toBe("TlsFailed");
      expect(secure.calls).toEqual([]);
    },
  );

  it.each<[string, Fault]>([
    ["takes forever to respond", { hang: true }],
    ["sends a byte a second", { bytesPerSecond: 1 }],
  ])("%s", async (_what, fault) => {
    sandbox.failNext(fault);
    expect((await inHurry(() => failure(at(once)))).code).toBe("StsTimeout");
  });
});

describe("an STS that rejects a request", () => {
  const role = (name: string, more = {}) =>
    base + section("profile prod", { roleArn: roleArn(name), sourceProfile: "base", ...more });
  const withKeys = (keys: Settings) => prod + section("profile base", { ...keys });
  it.each<[string, string, ErrorCode]>([
    ["the trust policy denies it", role("DeniedByTrust"), "AccessDenied"],
    ["the identity policy denies it", role("DeniedByIdentity"), "AccessDenied"],
    ["there is no such role", role("Missing"), "AccessDenied"],
    ["an external id is required", role("ExternalIdRequired"), "AccessDenied"],
    ["MFA is required", role("MfaRequired"), "AccessDenied"],
    ["the role allows an hour", role("OneHour", { durationSeconds: "7200" }), "DurationInvalid"],
    ["the key is unknown", withKeys({ ...keysOf.jo, accessKeyId: "AKIANOBODYEXAMPLE001" }), "CredentialsRejected"],
    ["the key is inactive", withKeys(keysOf.annInactive), "CredentialsRejected"],
    ["the secret key is wrong", withKeys({ ...keysOf.jo, secretAccessKey: "another" }), "CredentialsRejected"],
    ["the session has expired", withKeys(keysOf.expired), "CredentialsExpired"],
    ["the token is wrong", withKeys({ ...keysOf.jo, sessionToken: "of-an-older-session" }), "CredentialsRejected"],
    ["root cannot assume roles", withKeys(keysOf.root), "RootNotAllowed"],
    ["the account has nine digits", role("Admin").replace("123456789012", "123456789"), "ArnInvalid"],
  ])("because %s", async (_what, config, code) => {
    const error = await failure(at({}, config));
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject({ target: "prod", awsCode: expect.stringMatching(/^[A-Z]\w+$/) });
    expect(sandbox.calls).toHaveLength(1);
  });

  it.each([-10, 10])("denies a role after correcting a clock that is %i minutes off", async (minutes) => {
    const skewed = await openOwnSandbox({ now: () => Date.now() - minutes * 60_000 });
    const home = homeOf(role("DeniedByTrust"), { ...skewed.environment, AWS_REGION: "eu-west-1" });
    expect((await failure(home)).code).toBe("AccessDenied");
    // One call with the local clock, and one with the server's.
    const codes = skewed.calls.map(({ errorCode }) => errorCode);
    expect(codes).toEqual([expect.stringMatching(/Signature|Expired/), "AccessDenied"]);
    const admin = homeOf(base + prod, { ...skewed.environment, AWS_REGION: "eu-west-1" });
    expect((await admin.use({ profileName: "prod" })).accessKeyId).toMatch(/^ASIA/);
  });

  it("accepts the next request after the clock was corrected", async () => {
    let ahead = 600_000;
    const corrected = await openOwnSandbox({ now: () => Date.now() + ahead });
    const home = homeOf(base + prod, { ...corrected.environment, AWS_REGION: "eu-west-1" });
    for (ahead of [600_000, 0, -600_000])
      expect((await home.use({ profileName: "prod", noCache: true })).accessKeyId).toMatch(/^ASIA/);
  });

  it.each([-10, 10])("reports that the clock is %i minutes off if it cannot correct it", async (minutes) => {
    const skewed = await openOwnSandbox({ now: () => Date.now() - minutes * 60_000 });
    const environment = { ...skewed.environment, AWS_REGION: "eu-west-1", AWS_MAX_ATTEMPTS: "1" };
    const error = await failure(homeOf(base + prod, environment));
    expect(error.code).toBe("ClockSkew");
    expect(Math.abs((error.details.clockSkewSeconds ?? 0) - minutes * 60)).toBeLessThan(60);
  });

  /** A home whose profile `prod` is a web identity with this token. */
  function podHome(token: string, role = roleArn("WebIdentity")): Home {
    const home = at({}, section("profile prod", { roleArn: role, webIdentityTokenFile: "token.jwt" }));
    home.write("token.jwt", token);
    return home;
  }

  it("returns a web identity's session although the clock is hours ahead", async () => {
    const home = podHome(sandbox.mintWebIdentityToken());
    const ahead = await home.use({ profileName: "prod" }, { now: () => Date.now() + 3 * 3_600_000 });
    expect(ahead.assumedRoleUser?.arn).toContain("WebIdentity");
  });

  it.each<[string, () => string, ErrorCode]>([
    ["has expired", () => sandbox.mintWebIdentityToken({ expiresInSeconds: -60 }), "WebIdentityRejected"],
    ["has a foreign signature", () => sandbox.mintWebIdentityToken({ foreignKey: true }), "WebIdentityRejected"],
    [
      "has a different audience",
      () => sandbox.mintWebIdentityToken({ claims: { sub: "system:serviceaccount:other:web" } }),
      "AccessDenied",
    ],
    ["is not a token", () => "token", "WebIdentityRejected"],
  ])("a web identity whose token %s", async (_what, token, code) => {
    const error = await failure(podHome(token()));
    expect(error.code).toBe(code);
    expect(error.details.target).toBe("prod");
  });

  it("a web identity outside the region's partition, before any call", async () => {
    const home = podHome("token", "arn:aws-cn:iam::444444444444:role/Pod");
    expect(await codeOf(() => home.use({ profileName: "prod" }))).toBe("PartitionMismatch");
    expect(sandbox.calls).toEqual([]);
  });
});

const call: StsCall = {
  operation: "AssumeRole",
  target: "prod",
  hop: "role arn:aws:iam::123456789012:role/Admin (profile prod)",
  caller: "profile base",
  url: "https://sts.eu-west-1.amazonaws.com",
  clockOffset: 0,
};
const answered = (name: string, message = "said so", httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode } });

// What the sandbox cannot answer, or a test above does not request.
describe(stsError, () => {
  it.each<[string, string, number, Partial<StsCall>, ErrorCode]>([
    ["AccessDeniedException", "no", 403, {}, "AccessDenied"],
    ["UnrecognizedClientException", "no", 403, {}, "CredentialsRejected"],
    ["SignatureDoesNotMatch", "no", 403, { clockOffset: -600_000 }, "ClockSkew"],
    ["SignatureDoesNotMatch", "Signature not yet current", 403, {}, "ClockSkew"],
    ["RequestExpired", "Request has expired", 400, {}, "ClockSkew"],
    ["MalformedPolicyDocument", "Syntax errors in policy.", 400, {}, "PolicyInvalid"],
    ["PackedPolicyTooLarge", "Packed policy consumes 130%", 400, {}, "PolicyTooLarge"],
    ["IDPRejectedClaim", "no", 403, {}, "WebIdentityRejected"],
    ["IDPCommunicationError", "no", 400, {}, "WebIdentityRejected"],
    ["ValidationError", "1 validation error detected: Value 'x' at 'serialNumber' failed", 400, {}, "MfaSerialInvalid"],
    ["ValidationError", "Value 'arn:foo' at 'roleArn' failed to satisfy constraint", 400, {}, "ArnInvalid"],
    ["ValidationError", "Something else is wrong", 400, {}, "StsRejected"],
    ["TooManyRequestsException", "no", 429, {}, "StsThrottled"],
    ["Unknown", "no", 418, {}, "StsResponseInvalid"],
  ])("of %s (%s, %i)", (name, message, status, change, code) => {
    const error = stsError(answered(name, message, status), { ...call, ...change });
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject({ target: "prod", hop: call.hop, awsCode: name });
  });

  it.each<[string, object, ErrorCode]>([
    ["EHOSTUNREACH", { code: "EHOSTUNREACH" }, "StsUnreachable"],
    ["a code on its cause", { cause: { code: "ECONNRESET" } }, "StsUnreachable"],
    ["ETIMEDOUT", { code: "ETIMEDOUT" }, "StsTimeout"],
    ["a timeout of the client", { name: "TimeoutError" }, "StsTimeout"],
    ["SELF_SIGNED_CERT_IN_CHAIN", { code: "SELF_SIGNED_CERT_IN_CHAIN" }, "TlsFailed"],
    ["an abort", { name: "AbortError" }, "Cancelled"],
    ["an unreadable response", { name: "SyntaxError" }, "StsResponseInvalid"],
    ["anything else", { name: "Surprise" }, "StsFailed"],
  ])("of %s", (_what, parts, code) => {
    expect(stsError(Object.assign(new Error("said so"), parts), call).code).toBe(code);
  });

  it.each([undefined, null, "text", 7, {}])("survives %j", (thrown) => {
    expect(stsError(thrown, call).code).toBe("StsFailed");
  });
});
