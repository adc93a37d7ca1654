import { accessDenied, validationError } from "../errors.ts";
import { authorizeOnRole } from "../iam/authorization.ts";
import { ParameterReader } from "./parameters.ts";
import { conditionContext } from "./request-context.ts";
import { assumedRoleUserTree, beginRoleSession, credentialsTree, requireRegionEnabled } from "./role-session.ts";
import type { SignedRequest } from "./service.ts";
import { packedPolicySize, readSessionPolicy, sessionPolicyStatements } from "./session-policy.ts";
import { mergeTags, readSessionTags } from "./session-tags.ts";
import { durations, shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

/** AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole({ form, principal, region, sts }: SignedRequest): XmlTree {
  const parameters = new ParameterReader(form);
  const roleArn = parameters.required("RoleArn", shapes.arn);
  const roleSessionName = parameters.required("RoleSessionName", shapes.roleSessionName);
  const durationSeconds = parameters.duration(durations.role);
  const externalId = parameters.optional("ExternalId", shapes.externalId);
  const serialNumber = parameters.optional("SerialNumber", shapes.serialNumber);
  const tokenCode = parameters.optional("TokenCode", shapes.tokenCode);
  const sourceIdentity = parameters.optional("SourceIdentity", shapes.sourceIdentity);
  const policy = readSessionPolicy(parameters);
  const sessionTags = readSessionTags(parameters);
  parameters.done();
  requireRoleArn(roleArn);

  if (principal.kind === "root") throw accessDenied("Roles may not be assumed by root accounts.");
  const found = sts.directory.role(roleArn);
  // Gives the same error for a missing role as for one that does not trust the caller, so that names cannot be probed
  if (!found) {
    throw accessDenied(`User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`);
  }
  requireRegionEnabled(principal.account, region);
  requireRegionEnabled(found.account, region);

  const mfaAuthenticatedAt = sts.mfa.check(principal, serialNumber, tokenCode);
  const tags = mergeTags(sessionTags, principal);
  const effectiveIdentity = principal.sourceIdentity ?? sourceIdentity;
  const context = conditionContext({
    principal,
    region,
    now: sts.clock.now(),
    roleSessionName,
    sessionTags,
    ...(externalId !== undefined && { externalId }),
    ...(effectiveIdentity !== undefined && { sourceIdentity: effectiveIdentity }),
    ...(mfaAuthenticatedAt !== undefined && { mfaAuthenticatedAt }),
  });
  const authorize = (action: string) =>
    authorizeOnRole({ principal, action, roleAccount: found.account, role: found.role, context });
  authorize("sts:AssumeRole");
  // Inherited tags and source identity need the permissions as much as requested ones do
  if (sessionTags.tags.length > 0 || tags.transitiveTagKeys.length > 0) authorize("sts:TagSession");
  if (effectiveIdentity !== undefined) authorize("sts:SetSourceIdentity");
  if (
    principal.sourceIdentity !== undefined &&
    sourceIdentity !== undefined &&
    sourceIdentity !== principal.sourceIdentity
  ) {
    throw accessDenied("The source identity is already set for this assume role session");
  }
  const sessionPolicy = sessionPolicyStatements(policy);
  const packedSize = packedPolicySize(policy, sessionTags.tags);

  const session = beginRoleSession(sts.sessions, {
    ...found,
    roleSessionName,
    chained: principal.temporary,
    tags,
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(effectiveIdentity !== undefined && { sourceIdentity: effectiveIdentity }),
    ...(mfaAuthenticatedAt !== undefined && { mfaAuthenticatedAt }),
    ...(sessionPolicy && { sessionPolicy }),
  });
  return {
    SourceIdentity: effectiveIdentity,
    AssumedRoleUser: assumedRoleUserTree(session),
    Credentials: credentialsTree(session),
    PackedPolicySize: packedSize,
  };
}

/** @throws AwsError `ValidationError` when the text is not a role ARN */
export function requireRoleArn(text: string): void {
  if (!/^arn:[a-z-]+:iam::\d{12}:role\/[!-~]+$/.test(text)) throw validationError(`${text} is invalid`);
}
