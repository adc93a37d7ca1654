/** The first provider of a plan: credentials that do not come from a role. */
import type { ExpiryRule } from "../credentials/expired.ts";
import type { HopProvider } from "../credentials/provider.ts";
import type { Source } from "../credentials/source.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { readRoleArn } from "../protocol/role-arn.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { sessionName } from "./session-name.ts";
import { callSts } from "./sts/call.ts";

/**
 * @param settings settings of the requested profile, which apply to the source's own calls
 * @param rule set if a role is assumed from the source
 */
export function sourceProvider(
  source: Source,
  settings: Settings,
  resolution: ResolutionContext,
  context: Context,
  rule: ExpiryRule = {},
): HopProvider {
  return source.provider({
    resolution,
    context,
    settings,
    rule,
    assumeRoleWithWebIdentity: (
      { roleArn, tokenFile, roleSessionName, profileName, webIdentityToken },
      label,
      during,
    ) =>
      callSts(
        { operation: "AssumeRoleWithWebIdentity", target: profileName ?? roleArn, hop: label, caller: tokenFile },
        { settings, roleArn: readRoleArn(roleArn, profileName ?? "AWS_ROLE_ARN") },
        resolution,
        during,
        (sts) =>
          sts.assumeRoleWithWebIdentity({
            RoleArn: roleArn,
            RoleSessionName: sessionName(roleSessionName, during),
            WebIdentityToken: webIdentityToken,
          }),
      ),
  });
}
