import { createHash, createPublicKey, type JsonWebKey, randomBytes, randomUUID, verify } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";
import { header, type WireRequest } from "../http/server.ts";
import { type Directory, userPrincipal } from "../iam/directory.ts";
import type { SessionStore } from "../iam/sessions.ts";
import { json, queryOf, text, textsOf } from "./answers.ts";
import type { BrowserUser } from "./sso-authorizations.ts";
import { authorizationPage, html } from "./sso-pages.ts";

/** The person in front of the browser, who is signed in to the console. Tests change it. */
export interface ConsoleUser {
  /** The name or the ARN of a user. */
  user: string;
  /** What the person does on the authorization page. */
  does: BrowserUser;
}

export interface SigninOauth {
  /** Undefined for another path. */
  answer(request: WireRequest): { readonly answer: Answer; readonly principal?: string } | undefined;
}

interface Authorization {
  readonly clientId: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly expiration: number;
}

interface Grant {
  readonly user: string;
  readonly clientId: string;
  /** The thumbprint of the key to which the refresh token is bound. */
  readonly thumbprint: string;
  readonly expiration: number;
}

const clientIds = ["arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"];
const accessTokenSeconds = 900;

/** The OAuth endpoints of AWS sign-in, for `aws login`: authorization code with PKCE, and tokens bound to a key (RFC 7636, RFC 9449). */
export function createSigninOauth(
  directory: Directory,
  sessions: SessionStore,
  clock: Clock,
  person: ConsoleUser,
): SigninOauth {
  const codes = new Map<string, Authorization>();
  const grants = new Map<string, Grant>();
  const proofs = new Set<string>();

  function authorize(request: WireRequest): Answer {
    const { client_id = "", state = "", redirect_uri = "", code_challenge = "", ...rest } = queryOf(request.query);
    const isRemote = client_id === clientIds[1];
    const host = header(request, "host") ?? "";
    const isHome = isRemote
      ? new RegExp(`^https?://${host}/v1/sessions/confirmation$`).test(redirect_uri)
      : /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/.test(redirect_uri);
    const isValid =
      clientIds.includes(client_id) &&
      state !== "" &&
      isHome &&
      /^[\w-]{43}$/.test(code_challenge) &&
      rest.response_type === "code" &&
      rest.code_challenge_method === "SHA-256" &&
      rest.scope === "openid";
    // Without a trusted redirect, the browser stays here.
    if (!isValid) return text(400, "Invalid authorization request");
    if (request.method === "GET") return authorizationPage(`${request.path}?${request.query}`, {}, person.does);
    const back = new URL(redirect_uri);
    back.searchParams.set("state", state);
    if (queryOf(request.body.toString("utf8")).decision !== "allow") {
      back.searchParams.set("error", "access_denied");
      return text(302, "", { Location: back.href });
    }
    const code = randomUUID();
    const expiration = clock.now() + 10 * 60_000;
    codes.set(code, {
      clientId: client_id,
      challenge: code_challenge,
      redirectUri: redirect_uri,
      user: person.user,
      expiration,
    });
    back.searchParams.set("code", code);
    return text(302, "", { Location: back.href });
  }

  function token(request: WireRequest): { answer: Answer; principal: string } {
    const thumbprint = checkProof(request, clock, proofs);
    const body = textsOf(request);
    const grant = body.grantType === "authorization_code" ? redeem(body, thumbprint) : refresh(body, thumbprint);
    const found = directory.user(grant.user);
    if (!found) throw new AwsError("INVALID_REQUEST", 400, "Unknown user");
    const principal = { ...userPrincipal(found.account, found.user), temporary: true };
    const session = sessions.issue(principal, accessTokenSeconds);
    const refreshToken = randomBytes(90).toString("base64url");
    grants.set(refreshToken, { ...grant, expiration: clock.now() + 12 * 3_600_000 });
    const { accessKeyId, secretAccessKey, sessionToken } = session;
    const answer = json(200, {
      accessToken: { accessKeyId, secretAccessKey, sessionToken },
      tokenType: "aws_sigv4",
      expiresIn: accessTokenSeconds,
      refreshToken,
      ...(body.grantType === "authorization_code" && { idToken: idToken(principal.arn, grant.clientId, clock) }),
    });
    return { answer, principal: principal.arn };
  }

  function redeem({ code = "", ...body }: Record<string, string>, thumbprint: string): Omit<Grant, "expiration"> {
    const authorization = codes.get(code);
    codes.delete(code);
    if (!authorization || authorization.expiration <= clock.now())
      throw new AwsError("AUTHCODE_EXPIRED", 401, "The authorization code has expired");
    const { clientId, challenge, redirectUri, user } = authorization;
    const isMeant =
      body.clientId === clientId &&
      body.redirectUri === redirectUri &&
      createHash("sha256")
        .update(body.codeVerifier ?? "")
        .digest("base64url") === challenge;
    if (!isMeant) throw new AwsError("INVALID_REQUEST", 400, "Invalid client, redirect or code verifier");
    return { user, clientId, thumbprint };
  }

  function refresh(
    { refreshToken = "", clientId }: Record<string, string>,
    thumbprint: string,
  ): Omit<Grant, "expiration"> {
    const grant = grants.get(refreshToken);
    if (!grant || grant.expiration <= clock.now()) throw new AwsError("TOKEN_EXPIRED", 401, "The token has expired");
    if (grant.clientId !== clientId || grant.thumbprint !== thumbprint)
      throw new AwsError("INVALID_REQUEST", 400, "The token belongs to another client");
    return grant;
  }

  return {
    answer(request) {
      if (request.path === "/v1/authorize") return { answer: authorize(request) };
      if (request.path === "/v1/sessions/confirmation") return { answer: confirmation(request) };
      return request.path === "/v1/token" && request.method === "POST" ? token(request) : undefined;
    },
  };
}

/** What the recorder may show of a request: no codes, no tokens. */
export function describeOauth(
  request: WireRequest,
): { action: string; parameters: Record<string, string> } | undefined {
  if (request.path === "/v1/token") {
    const { clientId = "", grantType = "" } = textsOf(request);
    return { action: "CreateOAuth2Token", parameters: { clientId, grantType } };
  }
  if (!request.path.startsWith("/v1/")) return undefined;
  return { action: `${request.method} ${request.path}`, parameters: {} };
}

/** Shows the code that the user enters on the other device: Base64 of the redirect's parameters. */
function confirmation(request: WireRequest): Answer {
  return html(200, `<p id="code">${Buffer.from(request.query).toString("base64")}</p>`);
}

function idToken(subject: string, audience: string, clock: Clock): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(clock.now() / 1000);
  const claims = {
    iss: "https://signin.aws.amazon.com/signin",
    iat,
    exp: iat + 1200,
    aud: audience,
    sub: subject,
    session_arn: subject,
  };
  return `${part({ typ: "JWT", alg: "HS384" })}.${part(claims)}.${randomBytes(48).toString("base64url")}`;
}

/** Checks the proof in the DPoP header, and returns the thumbprint of its key (RFC 7638). */
function checkProof(request: WireRequest, clock: Clock, seen: Set<string>): string {
  const refused = (why: string) => new AwsError("INVALID_REQUEST", 400, `Invalid DPoP proof: ${why}`);
  const [first = "", body = "", signature = ""] = (header(request, "dpop") ?? "").split(".");
  let head: { typ?: string; alg?: string; jwk?: JsonWebKey };
  let claims: { jti?: string; htm?: string; htu?: string; iat?: number };
  try {
    head = JSON.parse(Buffer.from(first, "base64url").toString()) as typeof head;
    claims = JSON.parse(Buffer.from(body, "base64url").toString()) as typeof claims;
  } catch {
    throw refused("not a token");
  }
  const { typ, alg, jwk = {} } = head;
  if (typ !== "dpop+jwt" || alg !== "ES256" || jwk.crv !== "P-256" || "d" in jwk) throw refused("header");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = { key, dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", Buffer.from(`${first}.${body}`), signed, Buffer.from(signature, "base64url")))
    throw refused("signature");
  const target = URL.canParse(claims.htu ?? "") ? new URL(claims.htu ?? "") : undefined;
  if (
    claims.htm !== request.method ||
    !target ||
    target.host !== header(request, "host") ||
    target.pathname !== request.path
  )
    throw refused("another request");
  if (Math.abs((claims.iat ?? 0) - clock.now() / 1000) > 300) throw refused("time");
  if (!claims.jti || seen.has(claims.jti)) throw refused("used before");
  seen.add(claims.jti);
  const { crv, kty, x, y } = jwk;
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}
