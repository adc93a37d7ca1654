import { timingSafeEqual } from "node:crypto";
import { basicIso, type Clock, parseBasicIso } from "../clock.ts";
import { AwsError } from "../errors.ts";
import { header, type WireRequest } from "../http/server.ts";
import type { Directory } from "../iam/directory.ts";
import { type Principal, partitionOf } from "../iam/principal.ts";
import type { Session, SessionStore } from "../iam/sessions.ts";
import { partitionOfRegion, regionOfStsHost } from "../regions.ts";
import { canonicalRequest, sha256, signatureOf } from "./canonical-request.ts";
import { incomplete, readSignature, type Signature } from "./signature.ts";

export interface VerifierOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly sessions: SessionStore;
  /** How far a request's time may be from the sandbox's. STS documents five minutes. */
  readonly clockToleranceSeconds: number;
}

export interface Verified {
  readonly principal: Principal;
  readonly session?: Session;
  readonly region: string;
  readonly accessKeyId: string;
}

export type Verify = (request: WireRequest) => Verified;

/**
 * Returns the signer of a request. Every byte of the signature must be right.
 * @throws AwsError as STS refuses: `InvalidClientTokenId`, `SignatureDoesNotMatch`, `ExpiredToken`, …
 */
export function createVerifier(options: VerifierOptions): Verify {
  return (request) => {
    const signature = readSignature(request);
    checkScope(signature, request, options);
    checkSignedHeaders(signature, request);
    const { secret, principal, session } = findCredentials(signature, options);
    const region = signature.scope[1];
    // Each partition has its own IAM, which does not know the other partitions' keys
    if (partitionOfRegion(region) !== partitionOf(principal.account)) throw unknownToken();
    checkTime(signature, options);

    const hash = sha256(request.body);
    const declaredHash = header(request, "x-amz-content-sha256");
    if (declaredHash !== undefined && declaredHash !== hash) throw mismatch();
    const canonical = canonicalRequest(request, signature.signedHeaders, signature.query, hash);
    const expected = signatureOf(canonical, secret, signature.amzDate, signature.scope);
    if (!equal(expected, signature.signature)) throw mismatch();

    if (session && session.expiration <= options.clock.now()) {
      throw new AwsError("ExpiredToken", 403, "The security token included in the request is expired");
    }
    return { principal, region, accessKeyId: signature.accessKeyId, ...(session && { session }) };
  };
}

function checkScope({ scope, amzDate }: Signature, request: WireRequest, options: VerifierOptions): void {
  const [date, region, service, terminator] = scope;
  const problems: string[] = [];
  const wanted = regionOfStsHost(header(request, "host") ?? "");
  if (wanted !== undefined ? region !== wanted : !partitionOfRegion(region)) {
    problems.push("Credential should be scoped to a valid region. ");
  }
  if (service !== options.service) {
    problems.push(`Credential should be scoped to correct service: '${options.service}'. `);
  }
  if (terminator !== "aws4_request") {
    problems.push(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `);
  }
  if (date !== amzDate.slice(0, 8)) {
    const dates = `'${date}' != '${amzDate.slice(0, 8)}', from '${amzDate}'`;
    problems.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${dates}. `,
    );
  }
  if (problems.length > 0) throw signatureProblem(problems.join(""));
}

function checkSignedHeaders({ signedHeaders }: Signature, request: WireRequest): void {
  const sorted = [...new Set(signedHeaders.map((name) => name.toLowerCase()))].sort();
  if (sorted.join(";") !== signedHeaders.join(";")) throw mismatch();
  if (!signedHeaders.includes("host")) {
    throw signatureProblem("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const present = new Set(request.headers.map(([name]) => name.toLowerCase()));
  for (const name of present) {
    if (name.startsWith("x-amz-") && !signedHeaders.includes(name)) {
      throw signatureProblem(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const absent = signedHeaders.find((name) => !present.has(name));
  if (absent) throw signatureProblem(`The signed header '${absent}' is not in the request.`);
}

function findCredentials(
  { accessKeyId, sessionToken }: Signature,
  { directory, sessions }: VerifierOptions,
): { secret: string; principal: Principal; session?: Session } {
  const longTerm = directory.accessKey(accessKeyId);
  if (longTerm && longTerm.key.status !== "Inactive" && sessionToken === undefined) {
    return { secret: longTerm.key.secret, principal: longTerm.principal };
  }
  const session = sessions.find(accessKeyId);
  if (!session || session.sessionToken !== sessionToken) throw unknownToken();
  return { secret: session.secretAccessKey, principal: session.principal, session };
}

function checkTime({ amzDate }: Signature, { clock, clockToleranceSeconds }: VerifierOptions): void {
  const time = parseBasicIso(amzDate);
  if (time === undefined) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${amzDate}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const now = clock.now();
  const tolerance = clockToleranceSeconds * 1000;
  const minutes = `${clockToleranceSeconds / 60} min.`;
  if (time < now - tolerance) {
    const limit = `${basicIso(now - tolerance)} (${basicIso(now)} - ${minutes})`;
    throw signatureProblem(`Signature expired: ${amzDate} is now earlier than ${limit}`);
  }
  if (time > now + tolerance) {
    const limit = `${basicIso(now + tolerance)} (${basicIso(now)} + ${minutes})`;
    throw signatureProblem(`Signature not yet current: ${amzDate} is still later than ${limit}`);
  }
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function signatureProblem(message: string): AwsError {
  return new AwsError("SignatureDoesNotMatch", 403, message);
}

function mismatch(): AwsError {
  return signatureProblem(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  );
}

function unknownToken(): AwsError {
  return new AwsError("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
}
