import { accessDenied } from "../errors.ts";
import { type Principal, partitionOf } from "../iam/principal.ts";
import { ParameterReader } from "./parameters.ts";
import { credentialsTree, requireRegionEnabled } from "./role-session.ts";
import type { SignedRequest } from "./service.ts";
import { packedPolicySize, readSessionPolicy, sessionPolicyStatements } from "./session-policy.ts";
import { mergeTags } from "./session-tags.ts";
import { durations, shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

/** GetFederationToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export function getFederationToken({ form, principal, region, sts }: SignedRequest): XmlTree {
  const parameters = new ParameterReader(form);
  const name = parameters.required("Name", shapes.federatedName);
  const asked = parameters.duration(durations.session);
  const policy = readSessionPolicy(parameters);
  const tags = parameters.tags();
  parameters.done();

  if (principal.temporary) throw accessDenied("Cannot call GetFederationToken with session credentials");
  requireRegionEnabled(principal.account, region);
  const merged = mergeTags({ tags, transitiveTagKeys: [] }, principal);
  const sessionPolicy = sessionPolicyStatements(policy);
  const packedSize = packedPolicySize(policy, tags);
  const { account } = principal;
  const federated: Principal = {
    ...principal,
    kind: "federated-user",
    arn: `arn:${partitionOf(account)}:sts::${account.id}:federated-user/${name}`,
    userId: `${account.id}:${name}`,
    temporary: true,
    tags: { ...principal.tags, ...merged.tags },
    // Without a policy a federated user has no permissions
    sessionPolicies: [sessionPolicy ?? []],
  };
  const limit = principal.kind === "root" ? 3600 : 129_600;
  const session = sts.sessions.issue(federated, Math.min(asked ?? 43_200, limit));
  return {
    Credentials: credentialsTree(session),
    FederatedUser: { FederatedUserId: federated.userId, Arn: federated.arn },
    PackedPolicySize: packedSize,
  };
}
