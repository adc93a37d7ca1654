import { AwsError } from "../errors.ts";
import { header, type WireRequest } from "../http/server.ts";
import { queryPairs } from "./canonical-request.ts";

/** A request's SigV4 signature, from its headers. */
export interface Signature {
  readonly accessKeyId: string;
  /** date, region, service, `aws4_request` */
  readonly scope: readonly [string, string, string, string];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260102T030405Z` */
  readonly amzDate: string;
  readonly sessionToken?: string;
  readonly query: readonly (readonly [string, string])[];
}

/**
 * Reads a request's signature.
 * @throws AwsError `MissingAuthenticationToken`, `IncompleteSignature`
 */
export function readSignature(request: WireRequest): Signature {
  const query = queryPairs(request.query);
  const authorization = header(request, "authorization");
  if (authorization !== undefined) return fromHeader(request, authorization, query);
  throw new AwsError("MissingAuthenticationToken", 403, "Request is missing Authentication Token");
}

export function incomplete(message: string): AwsError {
  return new AwsError("IncompleteSignature", 400, message);
}

const algorithm = "AWS4-HMAC-SHA256";

function fromHeader(request: WireRequest, authorization: string, query: readonly [string, string][]): Signature {
  if (!authorization.startsWith(`${algorithm} `)) {
    throw incomplete(`Unsupported AWS 'algorithm': '${authorization.split(" ")[0]}' (must be ${algorithm}).`);
  }
  const parts = new Map(
    authorization
      .slice(algorithm.length)
      .split(",")
      .map((part) => part.trim())
      .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );
  const part = (name: string) => {
    const value = parts.get(name);
    if (!value) throw incomplete(`Authorization header requires '${name}' parameter.`);
    return value;
  };
  const amzDate = header(request, "x-amz-date");
  if (!amzDate)
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  const sessionToken = header(request, "x-amz-security-token");
  return {
    ...readCredential(part("Credential")),
    signedHeaders: part("SignedHeaders").split(";"),
    signature: part("Signature"),
    amzDate,
    query,
    ...(sessionToken !== undefined && { sessionToken }),
  };
}

function readCredential(credential: string): Pick<Signature, "accessKeyId" | "scope"> {
  const [accessKeyId = "", date = "", region = "", service = "", terminator = "", ...rest] = credential.split("/");
  if (!terminator || rest.length > 0) {
    throw incomplete(`Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.`);
  }
  return { accessKeyId, scope: [date, region, service, terminator] };
}
