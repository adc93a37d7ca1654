import type { AssumeFederatedRole } from "../credentials/source.ts";
import type { Settings } from "../profiles/settings.ts";
import { readRoleArn } from "../protocol/role-arn.ts";
import type { ResolutionContext } from "./resolution-context.ts";
import { sessionName } from "./session-name.ts";
import { assumeRoleInput } from "./session-parameters.ts";
import { callSts } from "./sts/call.ts";

/**
 * One AssumeRoleWithWebIdentity or AssumeRoleWithSAML, which needs no credentials.
 * @param settings settings of the requested profile
 */
export function federatedRoleCall(settings: Settings, resolution: ResolutionContext): AssumeFederatedRole {
  return ({ roleArn, profileName, token, tokenPlace, principalArn, session }, label, context) => {
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
  };
}
