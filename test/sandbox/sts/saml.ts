import { createHash } from "node:crypto";
import { AwsError, accessDenied } from "../errors.ts";
import { attribute, readSamlAssertion, type SamlAssertion } from "../identity/saml-assertion.ts";
import { attributePrefix } from "../identity/saml-idp.ts";
import { requireRoleArn } from "./assume-role.ts";
import { beginFederatedSession } from "./federated-session.ts";
import { ParameterReader } from "./parameters.ts";
import { assumedRoleUserTree, credentialsTree } from "./role-session.ts";
import type { UnsignedRequest } from "./service.ts";
import { readSessionPolicy } from "./session-policy.ts";
import type { SessionTags } from "./session-tags.ts";
import { durations, shapes } from "./shapes.ts";
import type { XmlTree } from "./xml.ts";

const action = "sts:AssumeRoleWithSAML";

/** AssumeRoleWithSAML: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html */
export function assumeRoleWithSaml(request: UnsignedRequest): XmlTree {
  const { form, sts } = request;
  const parameters = new ParameterReader(form);
  const roleArn = parameters.required("RoleArn", shapes.arn);
  const principalArn = parameters.required("PrincipalArn", shapes.arn);
  const encoded = parameters.required("SAMLAssertion", shapes.samlAssertion);
  const durationSeconds = parameters.duration(durations.role);
  const policy = readSessionPolicy(parameters);
  parameters.done();
  requireRoleArn(roleArn);

  const providerName = /^arn:[a-z-]+:iam::\d{12}:saml-provider\/([\w.-]+)$/.exec(principalArn)?.[1];
  const found = sts.directory.role(roleArn);
  const providerAccount = sts.directory.account(principalArn.split(":")[4] ?? "");
  const provider = providerAccount?.samlProviders?.find(({ name }) => name === providerName);
  if (!provider) throw new AwsError("InvalidIdentityToken", 400, "Specified provider doesn't exist");
  const assertion = readSamlAssertion(encoded, provider.issuer, sts.saml.publicKey(), sts.clock.now());

  // AWS allows either order of the pair
  const pairs = attribute(assertion, "Role").map((pair) => pair.split(",").map((arn) => arn.trim()));
  const offered = pairs.some((pair) => pair.includes(roleArn) && pair.includes(principalArn));
  const [roleSessionName] = attribute(assertion, "RoleSessionName");
  if (roleSessionName === undefined) {
    throw new AwsError("InvalidIdentityToken", 400, "RoleSessionName is required in AuthnResponse");
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) {
    const message = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
    throw new AwsError("InvalidIdentityToken", 400, message);
  }
  if (!found || !offered) throw accessDenied(`Not authorized to perform ${action}`);

  const [sourceIdentity] = attribute(assertion, "SourceIdentity");
  const { session, packedSize } = beginFederatedSession(request, {
    ...found,
    action,
    providerArn: principalArn,
    providerKeys: {
      "SAML:aud": assertion.recipient,
      "SAML:iss": assertion.issuer,
      "SAML:sub": assertion.subject,
      "SAML:sub_type": assertion.subjectType,
    },
    roleSessionName,
    durationSeconds,
    sourceIdentity,
    sessionTags: tagsOf(assertion),
    policy,
  });
  const qualified = `${assertion.issuer}${found.account.id}/${provider.name}`;
  return {
    Issuer: assertion.issuer,
    AssumedRoleUser: assumedRoleUserTree(session),
    Credentials: credentialsTree(session),
    SubjectType: assertion.subjectType,
    NameQualifier: createHash("sha1").update(qualified).digest("base64"),
    SourceIdentity: sourceIdentity,
    Subject: assertion.subject,
    Audience: assertion.recipient,
    PackedPolicySize: packedSize,
  };
}

function tagsOf(assertion: SamlAssertion): SessionTags {
  const prefix = `${attributePrefix}PrincipalTag:`;
  return {
    tags: [...assertion.attributes].flatMap(([name, [value = ""]]) =>
      name.startsWith(prefix) ? [{ key: name.slice(prefix.length), value }] : [],
    ),
    transitiveTagKeys: attribute(assertion, "TransitiveTagKeys"),
  };
}
