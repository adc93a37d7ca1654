import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { AwsError } from "../errors.ts";
import type { Registration } from "./sso-tokens.ts";

/** What the user of the browser does on a page: presses a button by himself, or nothing. */
export type BrowserUser = "allow" | "deny" | "absent";

/** What an authorization page was opened with. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

interface Code extends AuthorizationRequest {
  readonly expiration: number;
}

interface Device {
  readonly clientId: string;
  readonly userCode: string;
  readonly expiration: number;
  decision?: "allow" | "deny";
  askedAt?: number;
}

/** Sign-ins that wait for the user: authorization codes, and device codes. */
export interface SsoAuthorizations {
  /** What the user does on the next pages. */
  user: BrowserUser;
  /** Seconds between two questions about a device code. */
  interval: number;
  /** Checks the query of an authorization page. */
  request(query: Readonly<Record<string, string>>): AuthorizationRequest;
  /** Gives a code to the user who allows the request. */
  allow(request: AuthorizationRequest): string;
  /** Redeems a code, once. */
  redeem(code: string, clientId: string, redirectUri: string, verifier: string): void;
  startDevice(clientId: string): { readonly deviceCode: string; readonly userCode: string };
  decide(userCode: string, decision: "allow" | "deny"): void;
  /** Throws until the user has allowed the device. */
  assertAllowed(deviceCode: string, clientId: string): void;
}

export const deviceSeconds = 600;

export function createSsoAuthorizations(
  registration: (clientId: string) => Registration | undefined,
  clock: Clock,
): SsoAuthorizations {
  const codes = new Map<string, Code>();
  const devices = new Map<string, Device>();
  const after = (seconds: number) => clock.now() + seconds * 1000;
  return {
    user: "absent",
    interval: 1,
    request(query) {
      const client = registration(query.client_id ?? "");
      const redirectUri = query.redirect_uri ?? "";
      const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
      const withoutPort = `${url?.protocol}//${url?.hostname}${url?.pathname}`;
      if (!client?.redirectUris.includes(withoutPort)) throw invalid("redirect_uri is not registered");
      const scopes = (query.scopes ?? "").split(" ");
      if (scopes.some((scope) => !client.scopes.includes(scope))) throw invalid("a scope is not registered");
      if (query.response_type !== "code" || query.code_challenge_method !== "S256")
        throw invalid("not a code with PKCE");
      if (!/^[\w-]{43}$/.test(query.code_challenge ?? "") || !query.state) throw invalid("no challenge or no state");
      return { clientId: query.client_id ?? "", redirectUri, challenge: query.code_challenge ?? "" };
    },
    allow(request) {
      const code = randomBytes(32).toString("base64url");
      codes.set(code, { ...request, expiration: after(600) });
      return code;
    },
    redeem(code, clientId, redirectUri, verifier) {
      const known = codes.get(code);
      codes.delete(code);
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      const matches =
        known?.clientId === clientId && known.redirectUri === redirectUri && known.challenge === challenge;
      if (!matches || known.expiration <= clock.now()) {
        throw new AwsError("InvalidGrantException", 400, "Invalid authorization code");
      }
    },
    startDevice(clientId) {
      const deviceCode = randomBytes(32).toString("base64url");
      const letters = Array.from(randomBytes(8), (byte) => "BCDFGHJKLMNPQRSTVWXZ"[byte % 20]).join("");
      const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
      devices.set(deviceCode, { clientId, userCode, expiration: after(deviceSeconds) });
      return { deviceCode, userCode };
    },
    decide(userCode, decision) {
      const device = [...devices.values()].find((one) => one.userCode === userCode);
      if (!device) throw invalid("unknown user code");
      device.decision = decision;
    },
    assertAllowed(deviceCode, clientId) {
      const device = devices.get(deviceCode);
      if (device?.clientId !== clientId) throw new AwsError("InvalidGrantException", 400, "Invalid device code");
      const tooSoon = device.askedAt !== undefined && clock.now() - device.askedAt < this.interval * 1000 - 50;
      device.askedAt = clock.now();
      if (device.expiration <= clock.now()) throw new AwsError("ExpiredTokenException", 400, "Device code has expired");
      if (tooSoon) throw new AwsError("SlowDownException", 400, "Slow down");
      if (device.decision === undefined) throw new AwsError("AuthorizationPendingException", 400, "Pending");
      devices.delete(deviceCode);
      if (device.decision === "deny") throw new AwsError("AccessDeniedException", 400, "Denied by the user");
    },
  };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidRequestException", 400, message);
}
