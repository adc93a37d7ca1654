import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Service, WireRequest } from "../http/server.ts";
import { json, notFound } from "./answers.ts";
import { accessTokenSeconds, type SsoTokens } from "./sso-tokens.ts";

/** IAM Identity Center's OIDC service (`oidc.REGION.amazonaws.com`): CreateToken with a refresh token. */
export function createSsoOidc(tokens: SsoTokens, clock: Clock): Service {
  return {
    name: "ssoOidc",
    describe: (request) => ({
      action: request.path === "/token" ? "CreateToken" : `${request.method} ${request.path}`,
      parameters: bodyOf(request),
    }),
    answer: (request) => {
      if (request.method !== "POST" || request.path !== "/token") throw notFound(request.path);
      const { clientId = "", clientSecret, grantType, refreshToken = "" } = bodyOf(request);
      const registration = tokens.registration(clientId);
      if (!registration || registration.clientSecret !== clientSecret || registration.expiration <= clock.now()) {
        throw new AwsError("InvalidClientException", 401, "Invalid or expired client");
      }
      if (grantType !== "refresh_token") {
        throw new AwsError("UnsupportedGrantTypeException", 400, "Only refresh_token is granted here");
      }
      const renewed = tokens.refresh(refreshToken);
      if (!renewed) throw new AwsError("InvalidGrantException", 400, "Invalid refresh token provided");
      return json(200, { ...renewed, tokenType: "Bearer", expiresIn: accessTokenSeconds });
    },
    refuse: ({ status, code, message }) =>
      json(status, { error: oauthError(code), error_description: message }, { "x-amzn-ErrorType": code }),
  };
}

/** OAuth's name for `InvalidGrantException` is `invalid_grant`. */
function oauthError(code: string): string {
  return code
    .replace(/Exception$/, "")
    .replace(/(?!^)[A-Z]/g, (capital) => `_${capital}`)
    .toLowerCase();
}

function bodyOf(request: WireRequest): Record<string, string> {
  try {
    const body: unknown = JSON.parse(request.body.toString("utf8"));
    return Object.fromEntries(Object.entries(Object(body)).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
