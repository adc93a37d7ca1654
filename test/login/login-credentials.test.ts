import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromLogin } from "../../src/login/login-credentials.ts";
import { loginSessionPath } from "../../src/login/session-file.ts";
import { httpRequest } from "../../src/network/http-request.ts";
import type { Context } from "../../src/protocol/context.ts";
import {
  type Answer,
  closedPort,
  codeOf,
  contextOf,
  errorOf,
  noon,
  profileOf,
  serve,
  temporaryDirectory,
  textsOf,
} from "../credentials/fixtures.ts";

const loginSession = "arn:aws:sts::123456789012:assumed-role/Admin/jo";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const proofKey = privateKey.export({ format: "pem", type: "sec1" });

const signIn = {
  accessToken: {
    accessKeyId: "ASIALOGIN1",
    secretAccessKey: "secret-one",
    sessionToken: "token-one",
    accountId: "123456789012",
    expiresAt: "2030-06-01T12:10:00Z",
  },
  tokenType: "aws_sigv4",
  clientId: "arn:aws:signin:::devtools/same-device",
  refreshToken: "refresh-one",
  idToken: "identity",
  dpopKey: proofKey,
  signInRegion: "eu-central-1",
  futureField: { kept: [1, 2] },
};
const endingAt = (expiresAt: string) => ({ ...signIn, accessToken: { ...signIn.accessToken, expiresAt } });
const ended = endingAt("2030-06-01T12:00:00Z");
const nearItsEnd = endingAt("2030-06-01T12:05:00Z");
const renewed = {
  accessToken: { accessKeyId: "ASIALOGIN2", secretAccessKey: "secret-two", sessionToken: "token-two" },
  tokenType: "aws_sigv4",
  expiresIn: 900,
  refreshToken: "refresh-two",
};

interface Scene {
  readonly session?: unknown;
  readonly answer?: (count: number, path: string) => Answer | undefined;
  readonly more?: Partial<Context>;
  readonly profileName?: string;
}

async function scene({ session = ended, answer, more, profileName = "prod" }: Scene = {}) {
  const directory = temporaryDirectory();
  const path = join(directory, `${createHash("sha256").update(loginSession).digest("hex")}.json`);
  if (session !== null) writeFileSync(path, typeof session === "string" ? session : JSON.stringify(session));
  let count = 0;
  const server = await serve(() => (answer ?? (() => ({ body: JSON.stringify(renewed) })))(++count, path));
  const context = contextOf({}, more);
  const regions: (string | undefined)[] = [];
  const provider = () =>
    fromLogin(context, profileOf({ loginSession }, profileName), {
      cacheDirectory: directory,
      send: httpRequest,
      endpoint: async (region) => {
        regions.push(region);
        return new URL(server.url);
      },
    });
  const stored = () => JSON.parse(readFileSync(path, "utf8"));
  return { ...server, context, directory, path, provider, regions, stored };
}

const part = (text: string | undefined) => JSON.parse(Buffer.from(text ?? "", "base64url").toString());

/** The claims of a proof, after checking its signature against the key in its header. */
function proofIn(headers: IncomingHttpHeaders | undefined) {
  const [head, body, signature] = String(headers?.dpop).split(".");
  const header = part(head) as { jwk: JsonWebKey };
  const key = createPublicKey({ key: header.jwk, format: "jwk" });
  const valid = verify(
    "sha256",
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature ?? "", "base64url"),
  );
  return { valid, header, claims: part(body) as Record<string, unknown> };
}

describe(fromLogin, () => {
  it("returns the cached sign-in's credentials until they expire", async () => {
    const { provider, received } = await scene({ session: signIn });
    expect(await provider()).toEqual({
      accessKeyId: "ASIALOGIN1",
      secretAccessKey: "secret-one",
      sessionToken: "token-one",
      accountId: "123456789012",
      expiration: new Date("2030-06-01T12:10:00Z"),
    });
    expect(received).toEqual([]);
  });

  it("finds the file of the AWS SDKs' example", () => {
    // From the test data of the AWS SDK for Rust.
    expect(loginSessionPath("", "arn:aws:sts::012345678910:assumed-role/Admin/admin")).toBe(
      "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json",
    );
  });

  it.each([
    ["they have expired", ended],
    ["they expire soon", nearItsEnd],
    ["their expiration has a UTC offset", endingAt("2030-06-01T14:00:00+02:00")],
  ])("renews the credentials when %s", async (_what, session) => {
    const { provider, received } = await scene({ session });
    expect(await provider()).toEqual({
      accessKeyId: "ASIALOGIN2",
      secretAccessKey: "secret-two",
      sessionToken: "token-two",
      accountId: "123456789012",
      expiration: new Date("2030-06-01T12:15:00Z"),
    });
    expect(received).toMatchObject([{ method: "POST", path: "/v1/token" }]);
    expect(received[0]?.headers).toMatchObject({ "content-type": "application/json" });
    expect(received[0]?.headers).not.toHaveProperty("authorization");
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      clientId: signIn.clientId,
      refreshToken: "refresh-one",
      grantType: "refresh_token",
    });
  });

  it("proves that it holds the key of the refresh token", async () => {
    const { provider, received, url } = await scene();
    await provider();
    const { valid, header, claims } = proofIn(received[0]?.headers);
    expect(valid).toBe(true);
    const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: "jwk" });
    expect(header).toEqual({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
    expect(claims).toEqual({ jti: expect.any(String), htm: "POST", htu: `${url}/v1/token`, iat: noon / 1000 });
  });

  it("also reads a key in PKCS #8", async () => {
    const session = { ...ended, dpopKey: privateKey.export({ format: "pem", type: "pkcs8" }) };
    const { provider, received } = await scene({ session });
    await provider();
    expect(proofIn(received[0]?.headers).valid).toBe(true);
  });

  it("creates a new proof for each attempt", async () => {
    const { provider, received } = await scene({
      answer: (count) => (count < 3 ? { status: 503 } : { body: JSON.stringify(renewed) }),
    });
    await provider();
    const ids = received.map(({ headers }) => proofIn(headers).claims.jti);
    expect(new Set(ids).size).toBe(3);
  });

  it("stores the renewed members and keeps all others", async () => {
    const { provider, stored, directory, path } = await scene();
    await provider();
    expect(stored()).toEqual({
      ...signIn,
      accessToken: { ...signIn.accessToken, ...renewed.accessToken, expiresAt: "2030-06-01T12:15:00Z" },
      refreshToken: "refresh-two",
    });
    expect(readdirSync(directory)).toHaveLength(1);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("shares one renewal among concurrent callers, and needs none afterwards", async () => {
    const { provider, received } = await scene();
    const all = await Promise.all(Array.from({ length: 8 }, () => provider()));
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ASIALOGIN2"]));
    await provider();
    expect(received).toHaveLength(1);
  });

  it("uses the credentials that another process has just renewed", async () => {
    let calls = 0;
    // The first clock reading precedes the second read of the file.
    const s = await scene({
      more: {
        now: () => {
          if (++calls === 1) writeFileSync(s.path, JSON.stringify(endingAt("2030-06-01T12:15:00Z")));
          return noon;
        },
      },
    });
    expect((await s.provider()).expiration).toEqual(new Date("2030-06-01T12:15:00Z"));
    expect(s.received).toEqual([]);
  });

  it("calls the region of the sign-in, or the profile's if the file has none", async () => {
    const one = await scene();
    await one.provider();
    expect(one.regions).toEqual(["eu-central-1"]);
    const { signInRegion: _, ...older } = ended;
    const other = await scene({ session: older });
    await other.provider();
    expect(other.regions).toEqual([undefined]);
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "continues if the renewed sign-in cannot be stored",
    async () => {
      const { provider, directory, context } = await scene();
      chmodSync(directory, 0o500);
      expect((await provider()).accessKeyId).toBe("ASIALOGIN2");
      expect(context.said.join()).toContain("could not be stored");
    },
  );

  it("continues if the file is gone after the renewal", async () => {
    const { provider, context } = await scene({
      answer: (_count, path) => {
        rmSync(path);
        return { body: JSON.stringify(renewed) };
      },
    });
    expect((await provider()).accessKeyId).toBe("ASIALOGIN2");
    expect(context.said.join()).toContain("could not be stored");
  });

  const without = (name: keyof typeof signIn) => ({ ...ended, [name]: undefined });
  const withToken = (change: object) => ({ ...signIn, accessToken: { ...signIn.accessToken, ...change } });
  it.each([
    ["no file", null],
    ["an empty file", ""],
    ["half a file", JSON.stringify(signIn).slice(0, 100)],
    ["an array", "[]"],
    ["no access token", { ...signIn, accessToken: undefined }],
    ["an access token that is a string", { ...signIn, accessToken: "token" }],
    ["no access key", withToken({ accessKeyId: "" })],
    ["a secret that is not a string", withToken({ secretAccessKey: 7 })],
    ["no session token", withToken({ sessionToken: undefined })],
    ["no expiration", withToken({ expiresAt: undefined })],
    ["an invalid expiration", withToken({ expiresAt: "soon" })],
    ["an expired sign-in without a refresh token", without("refreshToken")],
    ["an expired sign-in without a client", without("clientId")],
    ["an expired sign-in without a key", without("dpopKey")],
    [
      "an invalid key",
      { ...ended, dpopKey: "-----BEGIN EC PRIVATE KEY-----\nsecret-key\n-----END EC PRIVATE KEY-----" },
    ],
    [
      "a key on another curve",
      {
        ...ended,
        dpopKey: generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ format: "pem", type: "sec1" }),
      },
    ],
    ["a public key", { ...ended, dpopKey: createPublicKey(privateKey).export({ format: "pem", type: "spki" }) }],
  ])("asks for a sign-in if there is %s", async (_what, session) => {
    const { provider, received } = await scene({ session });
    const error = await errorOf(provider);
    expect(error.code).toBe("LoginRequired");
    expect(error.details.target).toBe("prod");
    expect(error.details.action).toContain("Connect-RoleConsole -ProfileName prod, or aws login --profile prod");
    expect(textsOf(error)).not.toMatch(/secret-|token-one|refresh-one/);
    expect(received).toEqual([]);
  });

  it("quotes a profile name that needs it", async () => {
    const { provider } = await scene({ session: null, profileName: "two words" });
    expect((await errorOf(provider)).details.action).toContain("--profile 'two words'");
  });

  it.each([
    ["TOKEN_EXPIRED", 401, "LoginRequired"],
    ["USER_CREDENTIALS_CHANGED", 403, "LoginRequired"],
    ["INSUFFICIENT_PERMISSIONS", 403, "AccessDenied"],
    ["AUTHCODE_EXPIRED", 401, "LoginRequired"],
    ["INVALID_REQUEST", 400, "LoginRequired"],
  ])("converts %s with status %i to %s", async (error, status, code) => {
    const { provider, received } = await scene({
      answer: () => ({ status, body: JSON.stringify({ error, message: "secret-message" }) }),
    });
    const thrown = await errorOf(provider);
    expect(thrown.code).toBe(code);
    expect(textsOf(thrown)).not.toMatch(/secret-/);
    expect(received).toHaveLength(1);
  });

  it.each([
    ["a status 500", { status: 500 }],
    ["a status 429", { status: 429 }],
    ["a redirect", { status: 302, headers: { Location: "http://127.0.0.1:1/" } }],
    ["no JSON", { body: "<html>" }],
    ["no credentials", { body: JSON.stringify({ ...renewed, accessToken: undefined }) }],
    ["incomplete credentials", { body: JSON.stringify({ ...renewed, accessToken: { accessKeyId: "a" } }) }],
    ["no refresh token", { body: JSON.stringify({ ...renewed, refreshToken: "" }) }],
    ["no expiration", { body: JSON.stringify({ ...renewed, expiresIn: undefined }) }],
    ["a past expiration", { body: JSON.stringify({ ...renewed, expiresIn: -1 }) }],
    ["an expiration that is not a number", { body: '{"expiresIn":"900"}' }],
    ["more than 64 KiB", { body: JSON.stringify({ ...renewed, padding: "x".repeat(70_000) }) }],
  ] satisfies [string, Answer][])(
    "fails if the response has %s, and leaves the file unchanged",
    async (_what, answer) => {
      const { provider, stored } = await scene({ answer: () => answer });
      const error = await errorOf(provider);
      expect(error.code).toBe("LoginFailed");
      expect(textsOf(error)).not.toMatch(/secret-|refresh-/);
      expect(stored()).toEqual(ended);
    },
  );

  it("uses unexpired credentials if their renewal fails", async () => {
    const { provider, context } = await scene({ session: nearItsEnd, answer: () => ({ status: 400 }) });
    expect((await provider()).accessKeyId).toBe("ASIALOGIN1");
    expect(context.said.join()).toContain("2030-06-01T12:05:00");
  });

  it("uses unexpired credentials if they are not renewable", async () => {
    const { dpopKey: _, ...session } = nearItsEnd;
    const { provider, received } = await scene({ session });
    expect((await provider()).accessKeyId).toBe("ASIALOGIN1");
    expect(received).toEqual([]);
  });

  it("fails if the connection is refused", async () => {
    const directory = temporaryDirectory();
    writeFileSync(loginSessionPath(directory, loginSession), JSON.stringify(ended));
    const endpoint = new URL(`http://127.0.0.1:${await closedPort()}`);
    const options = { cacheDirectory: directory, endpoint: async () => endpoint, send: httpRequest };
    expect(await codeOf(() => fromLogin(contextOf(), profileOf({ loginSession }), options))).toBe("LoginFailed");
  });

  it("ends when its caller cancels, while the renewal continues for others", async () => {
    const abort = new AbortController();
    const { provider } = await scene({
      more: { signal: abort.signal },
      answer: () => {
        abort.abort();
        return undefined;
      },
    });
    expect(await codeOf(provider)).toBe("Cancelled");
  });
});
