/** What the sandbox saw of one request, without secrets. Later fields are filled in as the request is worked on. */
export interface Call {
  /** `sts`, `imds`, `container`, `signin`, `sso`, `ssoOidc` or `proxy`. */
  readonly service: string;
  /** `AssumeRole`, …; for services without actions the method and path. */
  action: string;
  /** The parameters, secrets replaced by `***`. */
  parameters: Readonly<Record<string, string>>;
  /** The ARN of who signed; absent when unsigned or refused before that was known. */
  principal?: string;
  accessKeyId?: string;
  /** The region that the signature names. */
  region?: string;
  readonly method: string;
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly userAgent: string;
  /** Counts connections from 1: two calls with one number shared a kept-alive connection. */
  readonly connection: number;
  /** Milliseconds since the epoch, by the sandbox's clock. */
  readonly timestamp: number;
  /** The HTTP status; absent while the answer is under way or when none was given. */
  status?: number;
  errorCode?: string;
}

const secretParameters = ["WebIdentityToken", "SAMLAssertion", "TokenCode", "Session", "SigninToken", "clientSecret"];
const secretPattern = /token|secret|signature/i;

/** The parameters with every secret replaced by `***`. */
export function redact(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      secretParameters.includes(name) || secretPattern.test(name) ? "***" : value,
    ]),
  );
}
