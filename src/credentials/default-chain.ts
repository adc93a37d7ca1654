import { hidesFiles } from "../profiles/locations.ts";
import { profileNotFound } from "../profiles/require-profile.ts";
import type { ConfigOrigin, Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { containerSource, hasContainerCredentials } from "./container.ts";
import { refuseEmptySettings } from "./empty-settings.ts";
import { environmentSource, hasEnvironmentKeys } from "./environment.ts";
import { instanceMetadataSource } from "./instance-metadata.ts";
import { metadataDisabled } from "./instance-metadata-settings.ts";
import { hasCredentials, isRoleProfile } from "./profile-source.ts";
import type { Source } from "./source.ts";
import { webIdentityOfEnvironment, webIdentitySource } from "./web-identity.ts";

/** A profile's name and its origin. */
export interface NamedProfile {
  readonly name: string;
  readonly from: "parameter" | "AWS_PROFILE" | "AWS_DEFAULT_PROFILE" | "default";
}

/**
 * The profile that applies when none is given: `AWS_PROFILE`, which every tool reads; then `AWS_DEFAULT_PROFILE`, which only
 * botocore reads, and reads first; then `default`.
 */
export function profileOfEnvironment(environment: Environment): NamedProfile {
  for (const from of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] as const) {
    // Not trimmed: a name of white space, or one with a space at its end, names no profile, as in the AWS CLI.
    const name = environment[from];
    if (name) return { name, from };
  }
  return { name: "default", from: "default" };
}

/**
 * Chooses the first available source, in botocore's order (`create_credential_resolver` in credentials.py): keys in the
 * environment; a role profile; a web identity in the environment; the profile's other credentials; a container; instance
 * metadata. A profile given as a parameter disables both sources from the environment. A profile without any credentials,
 * perhaps with only a region, is skipped. As in botocore, a named profile that does not exist is an error even if the
 * environment has keys, because the user meant a different identity.
 *
 * Reads nothing but its arguments. Instance metadata may turn out not to answer; that ends the list, and the error then
 * reports every source that was tried.
 * @param profile the named profile in the files; undefined if it does not exist
 * @returns the source, or the profile if its own role or credentials come first
 * @throws RoleError `NoCredentials`, `EnvironmentIncomplete` (half a web identity, a variable of only white space), `ProfileNotFound`, `ProfileIncomplete`
 */
export function chooseDefaultSource(
  environment: Environment,
  named: NamedProfile,
  profile: Profile | undefined,
  origin?: ConfigOrigin,
): { readonly source: Source } | { readonly profile: Profile } {
  const passedOver: string[] = [];
  const fromEnvironment = named.from !== "parameter";

  if (!profile && named.from !== "default")
    throw profileNotFound(named.name, origin, fromEnvironment ? `, which ${named.from} names` : "");

  if (!fromEnvironment) passedOver.push("The environment's keys are ignored, because a profile was given.");
  else if (hasEnvironmentKeys(environment)) return { source: environmentSource };
  else passedOver.push("AWS_ACCESS_KEY_ID is not set in the environment.");
  // Programs of a served role do not see the profile, and neither does a role that starts from the served one.
  if (fromEnvironment && hidesFiles(environment)) return { source: containerSource };

  if (profile) refuseEmptySettings(profile, "itself", origin);
  if (profile && isRoleProfile(profile.settings)) return { profile };

  if (fromEnvironment) {
    const identity = webIdentityOfEnvironment(environment);
    if (identity) return { source: webIdentitySource(identity) };
    passedOver.push("AWS_WEB_IDENTITY_TOKEN_FILE is not set in the environment.");
  }

  if (profile && hasCredentials(profile.settings)) return { profile };
  passedOver.push(profile ? `Profile '${named.name}' has no credentials.` : `There is no profile '${named.name}'.`);
  const hidden = profile && origin?.hiddenInKey(named.name);
  if (hidden !== undefined) passedOver.push(hidden);

  if (hasContainerCredentials(environment)) return { source: containerSource };
  passedOver.push("No AWS_CONTAINER_CREDENTIALS_… variable is set.");

  if (metadataDisabled(environment)) throw noCredentials(named, [...passedOver, "AWS_EC2_METADATA_DISABLED is true."]);
  // No other source exists, so a failure means that there are no credentials at all.
  const whenAbsent = (error: RoleError) => noCredentials(named, [...passedOver, error.message], error);
  return { source: instanceMetadataSource(profile?.settings ?? {}, whenAbsent) };
}

/** The error that there are no credentials, with every source that was tried, one sentence each. */
function noCredentials({ name, from }: NamedProfile, tried: readonly string[], cause?: RoleError): RoleError {
  const isNamed = from !== "default";
  return new RoleError("NoCredentials", `No credentials were found. ${tried.join(" ")}`, {
    target: isNamed ? name : undefined,
    action: isNamed
      ? `Store keys or a role in the profile: Set-RoleCredentials -StoreAs '${name}'.`
      : "Store some with Set-RoleCredentials, or name a profile with -ProfileName.",
    cause,
  });
}
