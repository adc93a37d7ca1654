import { createClock } from "./clock.ts";
import { createFaultQueue, type Fault } from "./http/faults.ts";
import { serveProxy } from "./http/proxy.ts";
import type { Call } from "./http/recorder.ts";
import { serve } from "./http/server.ts";
import { createDirectory } from "./iam/directory.ts";
import { createSessionStore } from "./iam/sessions.ts";
import type { World } from "./iam/world-types.ts";
import { createOidcIssuer, type WebIdentityTokenOptions } from "./identity/oidc-issuer.ts";
import { createSamlIdp, type SamlAssertionOptions } from "./identity/saml-idp.ts";
import { createContainer } from "./services/container.ts";
import { createControl } from "./services/control.ts";
import { createIam } from "./services/iam.ts";
import { createImds } from "./services/imds.ts";
import { createServiceCredentials } from "./services/service-credentials.ts";
import { createSignin } from "./services/signin.ts";
import { type ConsoleUser, createSigninOauth } from "./services/signin-oauth.ts";
import { createSsoAuthorizations, type SsoAuthorizations } from "./services/sso-authorizations.ts";
import { createSsoOidc } from "./services/sso-oidc.ts";
import { createSsoPortal } from "./services/sso-portal.ts";
import { createSsoTokens, type SsoLogin, type SsoLoginOptions } from "./services/sso-tokens.ts";
import { createVerifier } from "./sigv4/verify.ts";
import { createMfaVerifier } from "./sts/mfa.ts";
import { createSts } from "./sts/service.ts";
import { createServerTls, type TlsKind } from "./tls/server-tls.ts";
import { defaultWorld } from "./world.ts";

export interface SandboxOptions {
  /** The declared accounts, users and roles. {@link defaultWorld} by default. */
  readonly world?: World;
  /** The port of STS. A free one by default. */
  readonly port?: number;
  /** How many seconds a request's time may be off. 300 by default, as AWS documents. */
  readonly clockToleranceSeconds?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Serves https, except for instance metadata. The certificate is valid, or invalid in the given way. */
  readonly tls?: boolean | TlsKind;
}

/** The base URLs of the services, without a trailing slash. */
export interface SandboxUrls {
  readonly sts: string;
  readonly imds: string;
  /** Serves `/v2/credentials/…` as a relative URI and `/full` with an Authorization header. */
  readonly container: string;
  readonly signin: string;
  readonly iam: string;
  readonly sso: string;
  readonly ssoOidc: string;
  /** An HTTP proxy that routes AWS's own host names to these services. */
  readonly proxy: string;
  /** Codes, calls, faults and the clock over HTTP, for tests in other processes. */
  readonly control: string;
}

export interface Sandbox {
  readonly urls: SandboxUrls;
  /** The variables that point AWS tools at the sandbox. They contain no credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** With TLS: the certificate authority to trust. */
  readonly caFile: string | undefined;
  /** Every request since the start or the last `clearCalls`. */
  readonly calls: readonly Call[];
  clearCalls(): void;
  advanceClock(milliseconds: number): void;
  failNext(fault: Fault): void;
  /** Delays every response, until changed. */
  setLatency(milliseconds: number): void;
  /** Removes pending faults and the latency. */
  clearFaults(): void;
  /** Gives all users their original access keys. */
  restoreKeys(): void;
  /** The code that the MFA device (by serial, or by the user's name) shows now, or the given number of 30-second steps later. */
  totp(serialOrUser: string, stepsAhead?: number): string;
  /** Whether the device's current code has been used. */
  isTotpUsed(serialOrUser: string): boolean;
  mintWebIdentityToken(options?: WebIdentityTokenOptions): string;
  mintSamlAssertion(options: SamlAssertionOptions): string;
  /** Signs a user in to IAM Identity Center. Returns what the CLI would write to its cache. */
  ssoLogin(options?: SsoLoginOptions): SsoLogin;
  /** The users of IAM Identity Center's pages. */
  readonly ssoAuthorizations: SsoAuthorizations;
  /** The person who signs in with console credentials. */
  readonly consoleUser: ConsoleUser;
  close(): Promise<void>;
}

/** Starts the sandbox on loopback. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = options.world ?? defaultWorld;
  const clock = createClock(options.now);
  const directory = createDirectory(world);
  const sessions = createSessionStore(world, directory, clock);
  const mfa = createMfaVerifier(directory, clock);
  const oidc = createOidcIssuer(world.accounts.flatMap((a) => a.oidcProviders ?? [])[0]?.issuer ?? "", clock);
  const saml = createSamlIdp(world.accounts.flatMap((a) => a.samlProviders ?? [])[0]?.issuer ?? "", clock);
  const ssoTokens = createSsoTokens(world.identityCenter, clock);
  const ssoAuthorizations = createSsoAuthorizations(ssoTokens.registration, clock);
  const serviceCredentials = createServiceCredentials(directory, sessions, clock);
  const consoleUser: ConsoleUser = { user: "jo", does: "allow" };
  const signinOauth = createSigninOauth(directory, sessions, clock, consoleUser);
  const faults = createFaultQueue();
  const calls: Call[] = [];
  const { clockToleranceSeconds = 300 } = options;
  const checks = { clock, directory, sessions, clockToleranceSeconds };
  const verify = createVerifier({ ...checks, service: "sts" });
  const verifyIam = createVerifier({ ...checks, service: "iam" });

  const tls = options.tls ? createServerTls(options.tls === true ? "good" : options.tls) : undefined;
  const plain = { clock, faults, calls };
  const secure = tls ? { ...plain, tls: tls.options } : plain;
  const [stsServer, imds, containerServer, signin, sso, ssoOidc, iam] = await Promise.all([
    serve(createSts({ clock, directory, sessions, mfa, verify, oidc, saml }), secure, options.port),
    serve(createImds(world.compute, serviceCredentials, clock), plain),
    serve(createContainer(world.compute, serviceCredentials), secure),
    serve(createSignin(sessions, clock, signinOauth), secure),
    serve(createSsoPortal(world.identityCenter, ssoTokens, directory, sessions), secure),
    serve(
      createSsoOidc({
        center: world.identityCenter,
        tokens: ssoTokens,
        authorizations: ssoAuthorizations,
        clock,
        scheme: tls ? "https" : "http",
      }),
      secure,
    ),
    serve(createIam({ clock, directory, verify: verifyIam }), secure),
  ]);
  const servers = [stsServer, imds, containerServer, signin, sso, ssoOidc, iam];
  const proxy = await serveProxy({
    calls,
    clock,
    portFor: (host, port) => {
      if (/^(localhost|127\.0\.0\.1)$/.test(host)) return servers.find((server) => server.port === port)?.port;
      if (/^sts[.-]/.test(host)) return stsServer.port;
      if (/^iam[.-]/.test(host)) return iam.port;
      if (/^portal\.sso\./.test(host)) return sso.port;
      if (/^oidc\./.test(host)) return ssoOidc.port;
      return /(^|\.)signin\./.test(host) ? signin.port : undefined;
    },
  });

  const endpoints = {
    sts: stsServer.url,
    imds: imds.url,
    container: containerServer.url,
    signin: signin.url,
    iam: iam.url,
    sso: sso.url,
    ssoOidc: ssoOidc.url,
    proxy: proxy.url,
  };
  const sandbox: Omit<Sandbox, "urls" | "close"> = {
    environment: {
      AWS_ENDPOINT_URL_STS: stsServer.url,
      AWS_ENDPOINT_URL_IAM: iam.url,
      AWS_ENDPOINT_URL_SSO: sso.url,
      AWS_ENDPOINT_URL_SSO_OIDC: ssoOidc.url,
      AWS_ENDPOINT_URL_SIGNIN: signin.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url,
      ...(tls && { AWS_CA_BUNDLE: tls.caFile }),
    },
    caFile: tls?.caFile,
    calls,
    clearCalls: () => {
      calls.length = 0;
    },
    advanceClock: clock.advance,
    failNext: faults.failNext,
    setLatency: faults.setLatency,
    clearFaults: faults.clear,
    restoreKeys: directory.restoreKeys,
    totp: mfa.code,
    isTotpUsed: mfa.isUsed,
    mintWebIdentityToken: oidc.mint,
    mintSamlAssertion: saml.mint,
    ssoLogin: ssoTokens.login,
    ssoAuthorizations,
    consoleUser,
  };
  // The control service is not part of AWS: its calls are not recorded, and faults do not hit them
  const control = await serve(createControl(sandbox), { clock, faults: createFaultQueue(), calls: [] });
  return {
    ...sandbox,
    urls: { ...endpoints, control: control.url },
    close: async () => {
      await Promise.all([...servers, proxy, control].map((server) => server.close()));
      tls?.remove();
    },
  };
}
