/** The first provider of a plan: credentials that do not come from a role. */
import type { CacheEntry } from "../cache/cache-request.ts";
import type { ExpiryRule } from "../credentials/expired.ts";
import type { HopProvider } from "../credentials/provider.ts";
import type { FederatedRequest, Source } from "../credentials/source.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { readRoleArn } from "../protocol/role-arn.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { sessionName } from "./session-name.ts";
import { assumeRoleInput } from "./session-parameters.ts";
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
    assumeFederatedRole: (request, label, during) =>
      assumeFederatedRole(request, label, { settings, resolution, context: during }),
  });
}

function assumeFederatedRole(
  { roleArn, profileName, token, tokenPlace, principalArn, session }: FederatedRequest,
  label: string,
  { settings, resolution, context }: { settings: Settings; resolution: ResolutionContext; context: Context },
): Promise<CacheEntry> {
  const operation = principalArn === undefined ? "AssumeRoleWithWebIdentity" : "AssumeRoleWithSAML";
  const { roleSessionName, ...limits } = session;
  const input = { ...assumeRoleInput(limits), RoleArn: roleArn };
  return callSts(
    { operation, target: profileName ?? roleArn, hop: label, caller: tokenPlace },
    { settings, roleArn: readRoleArn(roleArn, profileName ?? "AWS_ROLE_ARN"), token },
    resolution,
    context,
    (sts) =>
      principalArn === undefined
        ? sts.assumeRoleWithWebIdentity({
            ...input,
            RoleSessionName: sessionName(roleSessionName, context),
            WebIdentityToken: token,
          })
        : // The assertion has the session's name.
          sts.assumeRoleWithSaml({ ...input, PrincipalArn: principalArn, SAMLAssertion: token }),
  );
}
