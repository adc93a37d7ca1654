import { AwsError, accessDenied } from "../errors.ts";
import { partitionOf } from "../iam/principal.ts";
import type { Claims } from "../identity/oidc-issuer.ts";
import { requireRoleArn } from "./assume-role.ts";
import { beginFederatedSession } from "./federated-session.ts";
import { ParameterReader } from "./parameters.ts";
import { assumedRoleUserTree, credentialsTree } from "./role-session.ts";
import type { UnsignedRequest } from "./service.ts";
import { readSessionPolicy } from "./session-policy.ts";
import type { SessionTags } from "./session-tags.ts";
import { durations, shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

const action = "sts:AssumeRoleWithWebIdentity";

/** AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export function assumeRoleWithWebIdentity(request: UnsignedRequest): XmlTree {
  const { form, sts } = request;
  const parameters = new ParameterReader(form);
  const roleArn = parameters.required("RoleArn", shapes.arn);
  const roleSessionName = parameters.required("RoleSessionName", shapes.roleSessionName);
  const token = parameters.required("WebIdentityToken", shapes.webIdentityToken);
  const durationSeconds = parameters.duration(durations.role);
  const policy = readSessionPolicy(parameters);
  parameters.done();
  requireRoleArn(roleArn);

  const found = sts.directory.role(roleArn);
  const claims = sts.oidc.decode(token);
  if (!claims) {
    throw invalidToken(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
  if (!found) throw accessDenied(`Not authorized to perform ${action}`);
  const { account, role } = found;
  const issuer = String(claims.iss);
  const provider = account.oidcProviders?.find((one) => one.issuer === issuer);
  if (!provider) throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  checkToken(token, claims, provider.clientIds, sts.clock.now(), sts.oidc.isSigned);

  const issuerName = issuer.replace("https://", "");
  const providerArn = `arn:${partitionOf(account)}:iam::${account.id}:oidc-provider/${issuerName}`;
  const subject = String(claims.sub);
  const audience = String([claims.aud].flat()[0]);
  const sourceIdentity = textOf(claims["https://aws.amazon.com/source_identity"]);
  const { session, packedSize } = beginFederatedSession(request, {
    action,
    account,
    role,
    providerArn,
    providerKeys: { [`${issuerName}:aud`]: audience, [`${issuerName}:sub`]: subject },
    roleSessionName,
    durationSeconds,
    sourceIdentity,
    sessionTags: tagsOf(claims),
    policy,
  });
  return {
    SourceIdentity: sourceIdentity,
    AssumedRoleUser: assumedRoleUserTree(session),
    Credentials: credentialsTree(session),
    Provider: providerArn,
    SubjectFromWebIdentityToken: subject,
    Audience: audience,
    PackedPolicySize: packedSize,
  };
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === "string" ? claim : undefined;
}

function checkToken(
  token: string,
  claims: Claims,
  clientIds: readonly string[],
  now: number,
  isSigned: (token: string) => boolean,
): void {
  if (!isSigned(token)) {
    throw invalidToken(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const missing = ["iss", "aud", "sub", "iat", "exp"].find((name) => claims[name] === undefined);
  if (missing) throw invalidToken(`Missing a required claim: ${missing}`);
  const seconds = Math.floor(now / 1000);
  if (seconds >= Number(claims.exp)) {
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time${claims.exp}`;
    throw new AwsError("ExpiredTokenException", 400, message);
  }
  if (Number(claims.iat) > seconds + 300 || Number(claims.nbf ?? 0) > seconds + 300) {
    throw invalidToken("Token is not yet valid");
  }
  // When the token names an authorized party, that is the client it was issued to
  const audiences = claims.azp === undefined ? [claims.aud].flat() : [claims.azp];
  if (!audiences.some((audience) => clientIds.includes(String(audience))))
    throw invalidToken("Incorrect token audience");
}

/** Session tags are in one claim of the token, as lists of one value each. */
function tagsOf(claims: Claims): SessionTags {
  const claim = Object(claims["https://aws.amazon.com/tags"]) as {
    principal_tags?: Readonly<Record<string, readonly string[]>>;
    transitive_tag_keys?: readonly string[];
  };
  return {
    tags: Object.entries(claim.principal_tags ?? {}).map(([key, [value = ""]]) => ({ key, value })),
    transitiveTagKeys: claim.transitive_tag_keys ?? [],
  };
}

function invalidToken(message: string): AwsError {
  return new AwsError("InvalidIdentityToken", 400, message);
}
