import { chooseSession, noRoleNamed } from "../identity-center/choose-session.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { SwitchRoleParams } from "../protocol/console-messages.ts";
import { validAccountId } from "../protocol/role-arn.ts";

/**
 * The shortcut link of the AWS access portal to the console of a role (IAM Identity Center User Guide, "Creating shortcut links to AWS
 * Management Console destinations").
 * @throws RoleError `ParameterConflict`, `AccountIdInvalid`, `SsoSessionNotFound`, `ProfileIncomplete`, `StartUrlInvalid`
 */
export function portalLink(params: SwitchRoleParams, shared: SharedConfig): string {
  const { account, roleName } = params;
  if (account === undefined || roleName === undefined) {
    throw noRoleNamed(account === undefined ? "-AccountId" : "-RoleName");
  }
  const { session } = chooseSession(params, shared);
  const query = new URLSearchParams({ account_id: validAccountId(account), role_name: roleName });
  return `${session.startUrl.replace(/[#?].*$/, "").replace(/\/+$/, "")}/#/console?${query}`;
}
