import { ssoRoleSource } from "../credentials/sso.ts";
import { chooseSession, noRoleNamed } from "../identity-center/choose-session.ts";
import { signInPlace } from "../identity-center/sso-session.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { validAccountId } from "../protocol/role-arn.ts";
import type { UseRoleParams } from "../protocol/role-messages.ts";
import type { Plan } from "./plan.ts";
import { parameterName, requestedSession } from "./session-parameters.ts";

/**
 * Plans a role of IAM Identity Center that a request names by session, account and role.
 * @throws RoleError `ParameterConflict`, `AccountIdInvalid`, `SsoSessionNotFound`, `ProfileIncomplete`, `StartUrlInvalid`
 */
export function planSsoRole(params: UseRoleParams, shared: SharedConfig): Plan {
  const { accountId, roleName } = params;
  if (accountId === undefined || !roleName) {
    throw noRoleNamed(roleName ? "-AccountId" : "-RoleName");
  }
  const other =
    Object.keys(requestedSession(params))[0] ??
    (["roleArn", "profileName", "sourceProfile", "credentials"] as const).find((name) => params[name] !== undefined);
  if (other !== undefined) {
    const parameter = parameterName(other);
    throw new RoleError("ParameterConflict", `${parameter} has no effect on a role of IAM Identity Center.`, {
      target: parameter,
      action: `Omit ${parameter}, or use a profile whose source is IAM Identity Center.`,
    });
  }
  const { session } = chooseSession(params, shared);
  const login = { ...session, accountId: validAccountId(accountId), roleName };
  const place = signInPlace(session);
  return { source: ssoRoleSource(login, place.ssoSession ?? session.startUrl), hops: [], settings: {} };
}
