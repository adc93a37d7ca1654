import { hasSso } from "../identity-center/sso-login.ts";
import { fromLogin } from "../login/login-credentials.ts";
import { resolveEndpoint } from "../network/endpoint.ts";
import { resolveRegion } from "../network/region.ts";
import { sendOver } from "../network/send-over.ts";
import { loginCacheDirectory } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { uncachedProvider } from "./provider.ts";
import type { Source } from "./source.ts";

/** Whether a profile gets its credentials from a sign-in with `aws login`. */
export function hasLoginSession(settings: Settings): boolean {
  return Boolean(settings.loginSession);
}

/** The sign-in's own file is the cache, shared with the AWS CLI. */
export function loginSource(profile: Profile): Source {
  const { name, settings } = profile;
  return {
    operation: "Login",
    profile,
    summary: `the sign-in of profile ${name}`,
    place: () => `aws login of profile ${name}`,
    isTemporary: () => true,
    provider({ resolution: { shared }, context }) {
      const cacheDirectory = loginCacheDirectory(context);
      return uncachedProvider(
        `the sign-in of profile ${name}`,
        ["login", settings.loginSession, cacheDirectory],
        (during) =>
          fromLogin(during, profile, {
            cacheDirectory,
            endpoint: async (signedInTo) => {
              const { environment } = during;
              const region = signedInTo ?? (await resolveRegion({ settings, environment }));
              return resolveEndpoint("signin", { settings, shared, region, environment }).url;
            },
            send: sendOver(settings, during),
          }),
      );
    },
  };
}

/**
 * Refuses a profile with other credentials, which would win over a sign-in, as the AWS CLI does.
 * @throws RoleError `SourceConflict`
 */
export function refuseOtherCredentials({ name, settings }: Profile): void {
  const other = otherCredentials(settings);
  if (other === undefined) return;
  throw new RoleError("SourceConflict", `Profile '${name}' has ${other}, which a sign-in does not replace.`, {
    target: name,
    action: `Name another profile, or delete this one first with Remove-RoleProfile ${powerShellArgument(name)}.`,
  });
}

function otherCredentials(settings: Settings): string | undefined {
  if (settings.webIdentityTokenFile) return "a web identity";
  if (hasSso(settings)) return "IAM Identity Center";
  if (settings.accessKeyId) return "access keys";
  if (settings.roleArn) return "a role";
  return settings.credentialProcess ? "a credential process" : undefined;
}
