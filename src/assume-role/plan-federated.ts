import { federatedSource } from "../credentials/federation.ts";
import { namesSession } from "../identity-center/choose-session.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { RoleArn } from "../protocol/role-arn.ts";
import type { Federation, SessionParameters, UseRoleParams } from "../protocol/role-messages.ts";
import type { Plan } from "./plan.ts";
import { configuredSessionName } from "./session-name.ts";
import { parameterName } from "./session-parameters.ts";

/**
 * Plans a role that is assumed with a SAML assertion or a web identity token. No other credentials take part.
 * @throws RoleError `ParameterConflict`, `ArnInvalid`
 */
export function planFederated(
  federation: Federation,
  about: { params: UseRoleParams; requested: SessionParameters; roleArn: RoleArn | undefined; settings: Settings },
  context: Context,
): Plan {
  const { params, requested, roleArn, settings } = about;
  const isSaml = federation.kind === "saml";
  const parameter = isSaml ? "-SamlAssertion" : "-WebIdentityToken";
  const { profileName, sourceProfile, credentials } = params;
  if (profileName !== undefined || sourceProfile !== undefined || credentials || namesSession(params))
    throw conflict(parameter, `${parameter} and another source cannot be combined.`, "Use one source of credentials.");
  if (!roleArn) {
    throw conflict(
      parameter,
      `${parameter} assumes a role, and no role is named.`,
      "Pass -RoleArn, or -RoleName with -AccountId.",
    );
  }
  const { durationInSeconds, policy, policyArns, roleSessionName, ...others } = requested;
  const [idle] = Object.keys({ ...others, ...(isSaml && roleSessionName !== undefined && { roleSessionName }) });
  if (idle !== undefined) {
    const name = parameterName(idle);
    throw conflict(name, `${name} has no effect with ${parameter}.`, `Omit ${name}: the identity provider decides it.`);
  }
  if (isSaml && !/^arn:aws[a-z-]*:iam::\d{12}:saml-provider\/[\w.-]{1,128}$/.test(federation.principalArn)) {
    throw new RoleError("ArnInvalid", `'${federation.principalArn.slice(0, 200)}' is not the ARN of a SAML provider.`, {
      target: federation.principalArn.slice(0, 200),
      action: "It looks like arn:aws:iam::123456789012:saml-provider/NAME.",
    });
  }
  const named = isSaml ? undefined : (roleSessionName ?? configuredSessionName(context));
  const session = { durationInSeconds, policy, policyArns, roleSessionName: named };
  const given = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined));
  return { source: federatedSource(federation, roleArn.text, given), hops: [], settings };
}

function conflict(target: string, message: string, action: string): RoleError {
  return new RoleError("ParameterConflict", message, { target, action });
}
