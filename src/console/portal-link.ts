import { chooseSession } from "../identity-center/choose-session.ts";
import type { SharedConfig } from "../profiles/shared-config.ts";
import type { SwitchRoleParams } from "../protocol/console-messages.ts";
import { RoleError } from "../protocol/errors.ts";
import { validAccountId } from "../protocol/role-arn.ts";

/** Whether a role of IAM Identity Center is named. The Switch Role page does not know such roles. */
export function namesPortalRole({ ssoSession, startUrl, ssoRegion }: SwitchRoleParams): boolean {
  return ssoSession !== undefined || startUrl !== undefined || ssoRegion !== undefined;
}

/**
 * The shortcut link of the AWS access portal to the console of a role (IAM Identity Center User Guide, "Creating shortcut links to AWS
 * Management Console destinations").
 * @throws RoleError `ParameterConflict`, `AccountIdInvalid`, `SsoSessionNotFound`, `ProfileIncomplete`, `StartUrlInvalid`
 */
export function portalLink(params: SwitchRoleParams, shared: SharedConfig): string {
  const { ssoSession, startUrl, ssoRegion, account, roleName } = params;
  if (account === undefined || roleName === undefined) {
    throw new RoleError("ParameterConflict", "No role of IAM Identity Center is named.", {
      target: account === undefined ? "-AccountId" : "-RoleName",
      action: "Add -AccountId and -RoleName. Get-IdentityCenterRole lists both.",
    });
  }
  const choice = {
    ...(ssoSession !== undefined && { ssoSession }),
    ...(startUrl !== undefined && { startUrl }),
    ...(ssoRegion !== undefined && { ssoRegion }),
  };
  const { session } = chooseSession(choice, shared);
  const query = new URLSearchParams({ account_id: validAccountId(account), role_name: roleName });
  return `${session.startUrl.replace(/[#?].*$/, "").replace(/\/+$/, "")}/#/console?${query}`;
}
