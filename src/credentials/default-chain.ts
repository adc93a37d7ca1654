import { hidesFiles } from "../profiles/locations.ts";
import { profileNotFound } from "../profiles/profile-not-found.ts";
import type { Settings } from "../profiles/settings.ts";
import type { ConfigOrigin, Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { hasContainerCredentials } from "./container.ts";
import { refuseEmptySettings } from "./empty-settings.ts";
import { hasEnvironmentKeys } from "./environment.ts";
import { metadataDisabled } from "./instance-metadata-settings.ts";
import { hasOwnCredentials } from "./profile-source.ts";
import { hasWebIdentity, type WebIdentity, webIdentityOfEnvironment } from "./web-identity.ts";

/** The source of credentials when nothing selects one explicitly. */
export type DefaultSource =
  | { readonly kind: "environment" }
  | { readonly kind: "profile"; readonly profile: Profile }
  | { readonly kind: "webIdentity"; readonly identity: WebIdentity }
  | { readonly kind: "container" }
  | { readonly kind: "instanceMetadata" };

export interface DefaultSourceChoice {
  /** Undefined if there is no source; {@link noCredentials} builds the error. */
  readonly source?: DefaultSource;
  /** Why each earlier source was skipped, one sentence each. */
  readonly passedOver: readonly string[];
  /** The selected profile, used in the error. */
  readonly named: NamedProfile;
}

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
    // As it is: a blank name, or one with a blank at its end, names no profile, as in the AWS CLI.
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
 * Reads nothing but its arguments. Instance metadata may turn out not to answer; that ends the list, and
 * {@link noCredentials} reports every source that was tried.
 * @param profile the named profile in the files; undefined if it does not exist
 * @throws RoleError `EnvironmentIncomplete` (half a web identity, a blank variable), `ProfileNotFound`, `ProfileIncomplete`
 */
export function chooseDefaultSource(
  environment: Environment,
  named: NamedProfile,
  profile: Profile | undefined,
  origin?: ConfigOrigin,
): DefaultSourceChoice {
  const passedOver: string[] = [];
  const choose = (source: DefaultSource): DefaultSourceChoice => ({ source, passedOver, named });
  const fromEnvironment = named.from !== "parameter";

  if (!profile && named.from !== "default")
    throw profileNotFound(named.name, origin, named.from === "parameter" ? "" : `, which ${named.from} names`);

  if (!fromEnvironment) passedOver.push("The environment's keys are ignored, because a profile was given.");
  else if (hasEnvironmentKeys(environment)) return choose({ kind: "environment" });
  else passedOver.push("AWS_ACCESS_KEY_ID is not set in the environment.");
  // Programs of a served role do not see the profile, and neither does a role that starts from the served one.
  if (fromEnvironment && hidesFiles(environment)) return choose({ kind: "container" });

  if (profile) refuseEmptySettings(profile, "itself", origin);
  if (profile && isRoleProfile(profile.settings)) return choose({ kind: "profile", profile });

  if (fromEnvironment) {
    const identity = webIdentityOfEnvironment(environment);
    if (identity) return choose({ kind: "webIdentity", identity });
    passedOver.push("AWS_WEB_IDENTITY_TOKEN_FILE is not set in the environment.");
  }

  if (profile && hasCredentials(profile.settings)) return choose({ kind: "profile", profile });
  passedOver.push(profile ? `Profile '${named.name}' has no credentials.` : `There is no profile '${named.name}'.`);
  const hidden = profile && origin?.hiddenInKey(named.name);
  if (hidden !== undefined) passedOver.push(hidden);

  if (hasContainerCredentials(environment)) return choose({ kind: "container" });
  passedOver.push("No AWS_CONTAINER_CREDENTIALS_… variable is set.");

  if (!metadataDisabled(environment)) return choose({ kind: "instanceMetadata" });
  passedOver.push("AWS_EC2_METADATA_DISABLED is true.");
  return { passedOver, named };
}

/** The error that there are no credentials, with every source that was tried. */
export function noCredentials({ passedOver, named }: DefaultSourceChoice, cause?: RoleError): RoleError {
  const tried = cause ? [...passedOver, cause.message] : passedOver;
  const isNamed = named.from !== "default";
  return new RoleError("NoCredentials", `No credentials were found. ${tried.join(" ")}`, {
    ...(isNamed && { target: named.name }),
    action: isNamed
      ? `Store keys or a role in the profile: Set-RoleCredentials -StoreAs '${named.name}'.`
      : "Store some with Set-RoleCredentials, or name a profile with -ProfileName.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function isRoleProfile(settings: Settings): boolean {
  return Boolean(settings.roleArn) && !hasWebIdentity(settings);
}

/** Whether a profile names credentials or a role, even incompletely. */
export function hasCredentials(settings: Settings): boolean {
  return Boolean(settings.roleArn) || hasOwnCredentials(settings);
}
