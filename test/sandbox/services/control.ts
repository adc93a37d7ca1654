import { AwsError } from "../errors.ts";
import type { Fault } from "../http/faults.ts";
import type { Service, WireRequest } from "../http/server.ts";
import type { WebIdentityTokenOptions } from "../identity/oidc-issuer.ts";
import type { SamlAssertionOptions } from "../identity/saml-idp.ts";
import type { Sandbox } from "../sandbox.ts";
import { json, notFound, queryOf } from "./answers.ts";
import type { ConsoleUser } from "./signin-oauth.ts";
import type { SsoAuthorizations } from "./sso-authorizations.ts";
import type { SsoLoginOptions } from "./sso-tokens.ts";

type Controlled = Omit<Sandbox, "urls" | "close">;

/** Offers the sandbox's functions over HTTP, as JSON, to tests in other processes. */
export function createControl(sandbox: Controlled): Service {
  return {
    name: "control",
    describe: ({ method, path }) => ({ action: `${method} ${path}`, parameters: {} }),
    answer: (request) => {
      const route = `${request.method} ${request.path}`;
      const run = Object.hasOwn(routes, route) ? routes[route] : undefined;
      if (!run) throw notFound(request.path);
      return json(200, run(sandbox, request) ?? {});
    },
    refuse: ({ status, code, message }) => json(status, { code, message }),
  };
}

const routes: Readonly<Record<string, (sandbox: Controlled, request: WireRequest) => unknown>> = {
  "GET /calls": (sandbox) => sandbox.calls,
  "DELETE /calls": (sandbox) => sandbox.clearCalls(),
  "GET /totp": (sandbox, request) => {
    const { device = "", ahead = "0" } = queryOf(request.query);
    return { code: sandbox.totp(device, Number(ahead)), used: sandbox.isTotpUsed(device) };
  },
  "POST /clock": (sandbox, request) => {
    sandbox.advanceClock(bodyOf<{ advance: number }>(request).advance);
  },
  "POST /faults": (sandbox, request) => sandbox.failNext(bodyOf<Fault>(request)),
  "DELETE /faults": (sandbox) => sandbox.clearFaults(),
  "DELETE /keys": (sandbox) => sandbox.restoreKeys(),
  "POST /latency": (sandbox, request) => {
    sandbox.setLatency(bodyOf<{ milliseconds: number }>(request).milliseconds);
  },
  "POST /console-user": (sandbox, request) =>
    Object.assign(sandbox.consoleUser, { does: "allow" }, bodyOf<Partial<ConsoleUser>>(request)),
  "POST /web-identity-token": (sandbox, request) => ({
    token: sandbox.mintWebIdentityToken(bodyOf<WebIdentityTokenOptions>(request)),
  }),
  "POST /saml-assertion": (sandbox, request) => ({
    assertion: sandbox.mintSamlAssertion(bodyOf<SamlAssertionOptions>(request)),
  }),
  "POST /sso-user": (sandbox, request) => {
    const { user, interval } = bodyOf<Partial<Pick<SsoAuthorizations, "user" | "interval">>>(request);
    Object.assign(sandbox.ssoAuthorizations, { ...(user && { user }), ...(interval !== undefined && { interval }) });
  },
  "POST /sso-login": (sandbox, request) => sandbox.ssoLogin(bodyOf<SsoLoginOptions>(request)),
};

/** The body, unchecked: only the project's own tests send requests here. */
function bodyOf<T>(request: WireRequest): T {
  try {
    return JSON.parse(request.body.toString("utf8") || "{}") as T;
  } catch {
    throw new AwsError("InvalidRequest", 400, "The body is not JSON.");
  }
}
