import { request } from "node:http";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it } from "vitest";
import { type Keys, keysIn, keysOf, roleArn, stsClient } from "./clients.ts";
import { openSandbox } from "./open-sandbox.ts";
import { canonicalRequest, sha256, signatureOf } from "./sigv4/canonical-request.ts";

let skew = 0;
const sandbox = await openSandbox({ now: () => Date.now() + skew });
afterEach(() => {
  skew = 0;
});

describe("createVerifier", () => {
  it.each<[string, Keys, string?]>([
    ["the keys of a user", keysOf.jo],
    ["the keys of root", keysOf.root],
    ["another region", keysOf.jo, "ap-southeast-7"],
    ["China", keysOf.wei, "cn-northwest-1"],
  ])("accepts %s", async (_, keys, region = "eu-west-1") => {
    const identity = await stsClient(sandbox, keys, { region }).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toMatch(/^\d{12}$/);
    expect(sandbox.calls.at(-1)).toMatchObject({ region, principal: identity.Arn, accessKeyId: keys.accessKeyId });
  });

  it.each<[string, string, Keys, string?]>([
    ["an unknown key", "InvalidClientTokenId", { ...keysOf.jo, accessKeyId: "AKIAUNKNOWN000000001" }],
    ["an inactive key", "InvalidClientTokenId", keysOf.annInactive],
    ["a token with long-term keys", "InvalidClientTokenId", { ...keysOf.jo, sessionToken: "token" }],
    ["another partition", "InvalidClientTokenId", keysOf.jo, "cn-north-1"],
    ["a wrong secret", "SignatureDoesNotMatch", { ...keysOf.jo, secretAccessKey: "wrong" }],
    ["a region that AWS does not have", "SignatureDoesNotMatch", keysOf.jo, "eu-west-9"],
    ["an expired session", "ExpiredToken", keysOf.expired],
  ])("refuses %s", async (_, code, keys, region = "eu-west-1") => {
    const failure = stsClient(sandbox, keys, { region }).send(new GetCallerIdentityCommand({}));
    await expect(failure).rejects.toMatchObject({ Code: code, $metadata: { httpStatusCode: 403 } });
  });

  it("refuses a session without its token, and with another session's token", async () => {
    const jo = stsClient(sandbox, keysOf.jo);
    const one = keysIn(await jo.send(new GetSessionTokenCommand({})));
    const other = keysIn(await jo.send(new GetSessionTokenCommand({})));
    const { sessionToken: _, ...withoutToken } = one;
    for (const keys of [withoutToken, { ...one, sessionToken: other.sessionToken }]) {
      const failure = stsClient(sandbox, keys).send(new GetCallerIdentityCommand({}));
      await expect(failure).rejects.toMatchObject({ Code: "InvalidClientTokenId" });
    }
  });

  it("expires a session at its expiration time", async () => {
    const role = { RoleArn: roleArn("Admin"), RoleSessionName: "session", DurationSeconds: 900 };
    const session = keysIn(await stsClient(sandbox, keysOf.jo).send(new AssumeRoleCommand(role)));
    const ask = (systemClockOffset: number) =>
      stsClient(sandbox, session, { systemClockOffset }).send(new GetCallerIdentityCommand({}));
    skew = 890_000;
    await expect(ask(skew)).resolves.toHaveProperty("Arn");
    skew = 901_000;
    await expect(ask(skew)).rejects.toMatchObject({ Code: "ExpiredToken" });
  });

  it.each([
    ["four and a half minutes behind", 270_000, true],
    ["four and a half minutes ahead", -270_000, true],
    ["five and a half minutes behind", 330_000, false],
    ["five and a half minutes ahead", -330_000, false],
  ])("checks a client whose clock is %s", async (_, offset, accepted) => {
    skew = offset;
    const answer = stsClient(sandbox, keysOf.jo).send(new GetCallerIdentityCommand({}));
    if (accepted) await expect(answer).resolves.toHaveProperty("Arn");
    else await expect(answer).rejects.toMatchObject({ Code: "SignatureDoesNotMatch" });
  });

  it("sends its own time in every response", async () => {
    skew = -3_600_000;
    const response = await fetch(sandbox.urls.sts);
    expect(Math.abs(Date.parse(response.headers.get("date") ?? "") - Date.now() - skew)).toBeLessThan(5000);
  });

  describe("detects a change in any byte", () => {
    const tamperings: [string, (signed: SignedRequest) => void, string][] = [
      ["nothing changed", () => {}, ""],
      ["the body", (r) => (r.body = r.body.replace("session", "Session")), "SignatureDoesNotMatch"],
      ["a parameter added", (r) => (r.body += "&ExternalId=xx"), "SignatureDoesNotMatch"],
      ["the query", (r) => (r.path = "/?a=b"), "SignatureDoesNotMatch"],
      ["the date", (r) => shiftDate(r), "SignatureDoesNotMatch"],
      ["the host", (r) => (r.headers.host = "localhost"), "SignatureDoesNotMatch"],
      ["the content type", (r) => (r.headers["content-type"] += "; charset=utf-8"), "SignatureDoesNotMatch"],
      ["an unsigned AWS header", (r) => (r.headers["x-amz-target"] = "x"), "SignatureDoesNotMatch"],
      ["a missing signed header", (r) => delete r.headers["amz-sdk-invocation-id"], "SignatureDoesNotMatch"],
      [
        "the signed hash of the body",
        (r) => (r.headers["x-amz-content-sha256"] = "0".repeat(64)),
        "SignatureDoesNotMatch",
      ],
      [
        "the signature",
        (r) =>
          authorize(r, /Signature=./, r.headers.authorization?.includes("Signature=0") ? "Signature=1" : "Signature=0"),
        "SignatureDoesNotMatch",
      ],
      ["the region in the scope", (r) => authorize(r, "eu-west-1", "eu-west-2"), "SignatureDoesNotMatch"],
      ["the service in the scope", (r) => authorize(r, "/sts/", "/iam/"), "SignatureDoesNotMatch"],
      ["the terminator of the scope", (r) => authorize(r, "aws4_request", "aws4_reply"), "SignatureDoesNotMatch"],
      ["the order of the signed headers", (r) => authorize(r, "host;", "x;host;"), "SignatureDoesNotMatch"],
      ["the algorithm", (r) => authorize(r, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), "IncompleteSignature"],
      ["a missing signature", (r) => authorize(r, /, Signature=.*/, ""), "IncompleteSignature"],
      ["a missing Authorization header", (r) => delete r.headers.authorization, "MissingAuthenticationToken"],
      ["a missing date", (r) => delete r.headers["x-amz-date"], "IncompleteSignature"],
      ["the version", (r) => (r.body = r.body.replace("2011-06-15", "2011-06-16")), "InvalidAction"],
      ["the action", (r) => (r.body = r.body.replace("AssumeRole", "constructor")), "InvalidAction"],
      ["a missing body", (r) => (r.body = ""), "MissingAction"],
      ["the path", (r) => (r.path = "/sts"), "UnknownOperation"],
    ];

    it.each(tamperings)("%s", async (_, tamper, code) => {
      const signed = await signedRequest();
      tamper(signed);
      const { status, body } = await sendRaw(signed);
      expect(/<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? "").toBe(code);
      expect(status < 400).toBe(code === "");
    });
  });

  it.each<[string, string, (signed: SignedRequest) => void]>([
    ["unchanged", "", () => {}],
    ["with a scope for another day", "SignatureDoesNotMatch", (r) => authorize(r, /\/\d{8}\//, "/20200101/")],
    ["with the hash of another body", "SignatureDoesNotMatch", (r) => declareHash(r, "0".repeat(64))],
    ["without the host among the signed headers", "SignatureDoesNotMatch", (r) => authorize(r, "host;", "")],
    [
      "with a date that is not a date",
      "IncompleteSignature",
      (r) => redate(r, `${r.headers["x-amz-date"]?.slice(0, 8)}T99`),
    ],
    ["for another service", "SignatureDoesNotMatch", (r) => authorize(r, "/sts/", "/iam/")],
  ])("verifies a re-signed request, %s", async (_, code, change) => {
    const signed = await signedRequest();
    change(signed);
    signAnew(signed);
    const { body } = await sendRaw(signed);
    expect(/<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? "").toBe(code);
  });

  it("refuses an unknown parameter, so that a misspelled one is noticed", async () => {
    const signed = await signedRequest((body) => `${body}&ExternalID=xx`);
    const { body } = await sendRaw(signed);
    expect(body).toContain("<Code>ValidationError</Code>");
  });
});

interface SignedRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Returns the signed request that AWS's client would have sent. */
async function signedRequest(edit: (body: string) => string = (body) => body): Promise<SignedRequest> {
  let captured: SignedRequest | undefined;
  const client = stsClient(sandbox, keysOf.jo);
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request: { body: string; headers: Record<string, string> } };
      request.body = edit(request.body);
      request.headers["content-length"] = String(Buffer.byteLength(request.body));
      return next(args);
    },
    { step: "build", priority: "low" },
  );
  client.middlewareStack.add(
    () => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: string };
      captured = { path: "/", headers: { ...headers }, body };
      throw new Error("captured");
    },
    { step: "finalizeRequest", priority: "low" },
  );
  await client.send(new AssumeRoleCommand({ RoleArn: roleArn("Admin"), RoleSessionName: "session" })).catch(() => {});
  if (!captured) throw new Error("The client sent no request.");
  return captured;
}

function sendRaw({ path, headers, body }: SignedRequest): Promise<{ status: number; body: string }> {
  const { "content-length": _, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(sandbox.urls.sts + path, { method: "POST", headers: rest }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    outgoing.on("error", reject).end(body);
  });
}

function authorize(signed: SignedRequest, from: string | RegExp, to: string): void {
  signed.headers.authorization = (signed.headers.authorization ?? "").replace(from, to);
}

function declareHash(signed: SignedRequest, hash: string): void {
  if (!signed.headers.authorization?.includes("x-amz-content-sha256")) {
    authorize(signed, ";x-amz-date", ";x-amz-content-sha256;x-amz-date");
  }
  signed.headers["x-amz-content-sha256"] = hash;
}

function redate(signed: SignedRequest, date: string): void {
  signed.headers["x-amz-date"] = date;
}

/** Re-signs a changed request correctly, as its Authorization header now describes. */
function signAnew(signed: SignedRequest): void {
  const { authorization = "", "x-amz-date": date = "" } = signed.headers;
  const scope = (/Credential=[^/]+\/([^,]+),/.exec(authorization)?.[1] ?? "").split("/");
  const names = (/SignedHeaders=([^,]+),/.exec(authorization)?.[1] ?? "").split(";");
  const headers = Object.entries(signed.headers);
  const wire = { method: "POST", path: signed.path, query: "", headers, body: Buffer.from(signed.body) };
  const canonical = canonicalRequest(wire, names, [], sha256(signed.body));
  const signature = signatureOf(canonical, keysOf.jo.secretAccessKey, date, scope);
  authorize(signed, /Signature=.*/, `Signature=${signature}`);
}

function shiftDate(signed: SignedRequest): void {
  const date = signed.headers["x-amz-date"] ?? "";
  const second = date.at(-2) === "0" ? "1" : "0";
  signed.headers["x-amz-date"] = `${date.slice(0, -2)}${second}Z`;
}
