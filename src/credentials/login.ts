import { fromLogin } from "../login/login-credentials.ts";
import { resolveEndpoint } from "../network/endpoint.ts";
import { resolveRegion } from "../network/region.ts";
import { sendOver } from "../network/send-over.ts";
import { loginCacheDirectory } from "../profiles/locations.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { uncachedProvider } from "./provider.ts";
import type { ProfileKind, Source } from "./source.ts";

/** A sign-in with `aws login`. */
export const loginSession: ProfileKind = {
  isIn: (settings) => Boolean(settings.loginSession),
  selectedBy: ["loginSession"],
  noun: "a sign-in",
  label: () => "aws login",
  sourceOf: loginSource,
};

/** The sign-in's own file is the cache, shared with the AWS CLI. */
function loginSource(profile: Profile): Source {
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
