/** AWS Sign-In's token endpoint: it exchanges a code or a refresh token for credentials. */
import { describeSkew, notableSkew, serverTimeOf } from "../network/clock-skew.ts";
import { operationUrl } from "../network/endpoint.ts";
import type { HttpRequest, HttpResponse } from "../network/http-request.ts";
import {
  type RetryRule,
  requestWithRetries,
  type Send,
  serviceRetries,
  whyUnanswered,
} from "../network/request-with-retries.ts";
import type { Context } from "../protocol/context.ts";
import {
  isText,
  membersOf,
  NoCredentialsInJson,
  parseJsonObject,
  type SessionKeys,
  sessionKeysIn,
} from "../protocol/credentials-json.ts";
import { RoleError } from "../protocol/errors.ts";
import { expirationAfter } from "../protocol/expiration.ts";
import { proofOfPossession } from "./dpop.ts";

const timeoutMs = 10_000;

/** What the endpoint exchanges. */
export type Grant =
  | { readonly grantType: "refresh_token"; readonly clientId: string; readonly refreshToken: string }
  | {
      readonly grantType: "authorization_code";
      readonly clientId: string;
      readonly code: string;
      readonly codeVerifier: string;
      readonly redirectUri: string;
    };

export interface TokenRequest {
  readonly grant: Grant;
  /** The base URL of AWS Sign-In. */
  readonly endpoint: URL;
  /** The PEM private key that proves who sends the request. */
  readonly proofKey: string;
  readonly send: Send;
  /** The errors in the words of the caller. */
  readonly errors: {
    /** There was no usable response. `what` is the end of a sentence whose subject is the endpoint. */
    failed(what: string, cause?: unknown): RoleError;
    /** The endpoint refused the grant, with an OAuth error code. */
    refused(code: unknown): RoleError;
    unusableKey(): RoleError;
  };
}

export interface CreatedToken {
  readonly accessToken: SessionKeys;
  readonly expiration: Date;
  readonly refreshToken: string;
  /** Only with a code. */
  readonly idToken?: string;
  readonly tokenType?: string;
}

/**
 * Sends one unsigned JSON request, with a proof that we hold the key to which the token is or will be bound (RFC 9449).
 * @throws RoleError the errors of the request, and `ClockSkew`
 */
export async function createToken(request: TokenRequest, context: Context): Promise<CreatedToken> {
  const { grant, endpoint, errors } = request;
  const response = await sendGrant(request, operationUrl(endpoint, "/v1/token"), context);
  const { status, body, headers } = response;
  if (status >= 400 && status < 500 && status !== 429) {
    const serverTime = serverTimeOf(headers);
    const skew = serverTime === undefined ? 0 : serverTime - context.now();
    // A proof of another time is refused like a wrong one.
    throw Math.abs(skew) >= notableSkew && errorOf(body) === "INVALID_REQUEST"
      ? clockSkew(skew)
      : errors.refused(errorOf(body));
  }
  if (status !== 200) throw errors.failed(`returned status ${status}`);
  try {
    return parseToken(body, grant, context);
  } catch (error) {
    if (!(error instanceof NoCredentialsInJson)) throw error;
    throw errors.failed(`sent a response that ${error.message}`);
  }
}

async function sendGrant(
  { grant, proofKey, errors, send }: TokenRequest,
  url: URL,
  context: Context,
): Promise<HttpResponse> {
  // Each attempt needs its own proof, because the server rejects one that it has already seen.
  const sendWithProof: Send = (request: HttpRequest) => {
    let proof: string;
    try {
      proof = proofOfPossession(proofKey, request.method, url, context.now() / 1000);
    } catch {
      // Don't attach the cause: it could quote the key.
      throw errors.unusableKey();
    }
    return send({ ...request, headers: { ...request.headers, DPoP: proof } });
  };
  const request = {
    method: "POST",
    url,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(grant),
    timeoutMs,
  };
  // A code works once, so a request that may have arrived is not repeated.
  const rule: RetryRule = grant.grantType === "refresh_token" ? serviceRetries : { ...serviceRetries, unanswered: 1 };
  // Don't pass the signal: other callers may wait for this token after the first one cancels.
  return requestWithRetries(sendWithProof, request, rule).catch((error: unknown) => {
    throw error instanceof RoleError ? error : errors.failed(whyUnanswered(error), error);
  });
}

function clockSkew(skew: number): RoleError {
  return new RoleError("ClockSkew", `AWS Sign-In refused the request, and ${describeSkew(skew)}.`, {
    action: "Set the clock, and try again.",
    clockSkewSeconds: Math.round(-skew / 1000),
  });
}

function parseToken(body: string, { grantType }: Grant, { now }: Context): CreatedToken {
  const members = parseJsonObject(body);
  const token = membersOf(members.get("accessToken"));
  const text = (value: unknown): string => {
    if (isText(value)) return value;
    throw new NoCredentialsInJson("has incomplete credentials");
  };
  const expiresIn = members.get("expiresIn");
  if (typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e6)) {
    throw new NoCredentialsInJson("has no expiresIn");
  }
  const tokenType = members.get("tokenType");
  return {
    accessToken: sessionKeysIn(token),
    expiration: expirationAfter(expiresIn, now()),
    refreshToken: text(members.get("refreshToken")),
    ...(grantType === "authorization_code" && { idToken: text(members.get("idToken")) }),
    ...(typeof tokenType === "string" && { tokenType }),
  };
}

/** The OAuth error code in AWS Sign-In's response. */
function errorOf(body: string): unknown {
  try {
    return parseJsonObject(body).get("error");
  } catch {
    return undefined;
  }
}
