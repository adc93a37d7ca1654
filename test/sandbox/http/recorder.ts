/** One recorded request, without secrets. The later fields are filled in while the request is handled. */
export interface Call {
  /** `sts`, `imds`, `container`, `signin`, `sso`, `ssoOidc` or `proxy`. */
  readonly service: string;
  /** The action, such as `AssumeRole`. For services without actions, the method and path. */
  action: string;
  /** The parameters, with secrets replaced by `***`. */
  parameters: Readonly<Record<string, string>>;
  /** The ARN of the signer. Absent when the request is unsigned or was refused before the signer was known. */
  principal?: string;
  accessKeyId?: string;
  /** The region in the signature's scope. */
  region?: string;
  readonly method: string;
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly userAgent: string;
  /** The connection's number, counting from 1. Calls with the same number shared a kept-alive connection. */
  readonly connection: number;
  /** Milliseconds since the epoch, on the sandbox's clock. */
  readonly timestamp: number;
  /** The HTTP status. Absent until the response is sent, or when none is sent. */
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
