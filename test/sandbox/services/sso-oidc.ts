import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Answer } from "../http/send.ts";
import { header, type Service, type WireRequest } from "../http/server.ts";
import type { IdentityCenter } from "../iam/world-types.ts";
import { json, membersOf, notFound, queryOf, text, textsOf } from "./answers.ts";
import { deviceSeconds, type SsoAuthorizations } from "./sso-authorizations.ts";
import { authorizationPage, html } from "./sso-pages.ts";
import { accessTokenSeconds, type SsoTokens } from "./sso-tokens.ts";

/** What the service consists of. */
interface Parts {
  readonly center: IdentityCenter | undefined;
  readonly tokens: SsoTokens;
  readonly authorizations: SsoAuthorizations;
  readonly clock: Clock;
  readonly scheme: "http" | "https";
}

type Route = (request: WireRequest, parts: Parts) => Answer;

/** IAM Identity Center's OIDC service (`oidc.REGION.amazonaws.com`), and the pages that its users see. */
export function createSsoOidc(parts: Parts): Service {
  return {
    name: "ssoOidc",
    describe: (request) => ({
      action: actions[request.path] ?? `${request.method} ${request.path}`,
      parameters: request.path === "/authorize" ? queryOf(request.query) : textsOf(request),
    }),
    answer: (request) => {
      const route = routes[`${request.method} ${request.path}`];
      if (!route) throw notFound(request.path);
      return route(request, parts);
    },
    refuse: ({ status, code, message }) =>
      json(status, { error: oauthError(code), error_description: message }, { "x-amzn-ErrorType": code }),
  };
}

const actions: Readonly<Record<string, string>> = {
  "/client/register": "RegisterClient",
  "/device_authorization": "StartDeviceAuthorization",
  "/token": "CreateToken",
  "/authorize": "Authorize",
};

const routes: Readonly<Record<string, Route>> = {
  "POST /client/register": register,
  "POST /device_authorization": startDevice,
  "POST /token": createToken,
  "GET /authorize"(request, { authorizations }) {
    const query = queryOf(request.query);
    authorizations.request(query);
    return authorizationPage("/authorize", query, authorizations.user);
  },
  "POST /authorize"(request, { authorizations }) {
    const { decision, ...query } = queryOf(request.body.toString("utf8"));
    const asked = authorizations.request(query);
    const back = new URL(asked.redirectUri);
    if (decision === "allow") back.searchParams.set("code", authorizations.allow(asked));
    else back.searchParams.set("error", "access_denied");
    back.searchParams.set("state", query.state ?? "");
    return text(302, "", { Location: back.href });
  },
  "GET /device": (request, { authorizations }) =>
    authorizationPage("/device", queryOf(request.query), authorizations.user),
  "POST /device"(request, { authorizations }) {
    const { user_code = "", decision } = queryOf(request.body.toString("utf8"));
    authorizations.decide(user_code, decision === "allow" ? "allow" : "deny");
    return html(200, "You can close this page.");
  },
};

function register(request: WireRequest, { center, tokens }: Parts): Answer {
  const { clientName, clientType, grantTypes, redirectUris, issuerUrl, scopes } = membersOf(request);
  if (typeof clientName !== "string" || clientType !== "public") {
    throw new AwsError("InvalidClientMetadataException", 400, "clientName, or clientType is not public");
  }
  const isForCode = Array.isArray(grantTypes) && grantTypes.includes("authorization_code");
  if (isForCode && issuerUrl !== center?.startUrl) {
    throw new AwsError("InvalidRequestException", 400, "issuerUrl is not an instance of IAM Identity Center");
  }
  if (isForCode && !listOf(redirectUris).every((uri) => /^http:\/\/127\.0\.0\.1\/\w+(\/\w+)*$/.test(uri))) {
    throw new AwsError("InvalidRedirectUriException", 400, "Not a loopback address without a port");
  }
  const registration = tokens.register({ redirectUris: listOf(redirectUris), scopes: listOf(scopes) });
  return json(200, {
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    clientSecretExpiresAt: Math.floor(registration.expiration / 1000),
  });
}

function startDevice(request: WireRequest, parts: Parts): Answer {
  const { clientId = "", startUrl } = textsOf(request);
  assertClient(request, parts);
  if (startUrl !== parts.center?.startUrl) throw new AwsError("InvalidRequestException", 400, "Unknown start URL");
  const { deviceCode, userCode } = parts.authorizations.startDevice(clientId);
  const page = `${parts.scheme}://${header(request, "host")}/device`;
  return json(200, {
    deviceCode,
    userCode,
    verificationUri: page,
    verificationUriComplete: `${page}?user_code=${userCode}`,
    expiresIn: deviceSeconds,
    interval: parts.authorizations.interval,
  });
}

function createToken(request: WireRequest, parts: Parts): Answer {
  const { tokens, authorizations } = parts;
  const { clientId = "", grantType, ...body } = textsOf(request);
  assertClient(request, parts);
  const granted = (members: object) => json(200, { ...members, tokenType: "Bearer", expiresIn: accessTokenSeconds });
  switch (grantType) {
    case "refresh_token": {
      const renewed = tokens.refresh(body.refreshToken ?? "");
      if (!renewed) throw new AwsError("InvalidGrantException", 400, "Invalid refresh token provided");
      return granted(renewed);
    }
    case "authorization_code":
      authorizations.redeem(body.code ?? "", clientId, body.redirectUri ?? "", body.codeVerifier ?? "");
      return granted(tokens.issue(clientId));
    case "urn:ietf:params:oauth:grant-type:device_code":
      authorizations.assertAllowed(body.deviceCode ?? "", clientId);
      return granted(tokens.issue(clientId));
    default:
      throw new AwsError("UnsupportedGrantTypeException", 400, "Unknown grant type");
  }
}

function assertClient(request: WireRequest, { tokens, clock }: Parts): void {
  const { clientId = "", clientSecret } = textsOf(request);
  const registration = tokens.registration(clientId);
  if (!registration || registration.clientSecret !== clientSecret || registration.expiration <= clock.now()) {
    throw new AwsError("InvalidClientException", 401, "Invalid or expired client");
  }
}

/** OAuth's name for `InvalidGrantException` is `invalid_grant`. */
function oauthError(code: string): string {
  return code
    .replace(/Exception$/, "")
    .replace(/(?!^)[A-Z]/g, (capital) => `_${capital}`)
    .toLowerCase();
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
