import { profileNotFound } from "../profiles/profile-not-found.ts";
import type { Settings } from "../profiles/settings.ts";
import type { ConfigOrigin, Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { hasContainerCredentials } from "./container.ts";
import { hasEnvironmentKeys, variable } from "./environment.ts";
import { metadataDisabled } from "./instance-metadata-settings.ts";
import { hasOwnCredentials } from "./profile-source.ts";
import { hasWebIdentity, type WebIdentity, webIdentityOfEnvironment } from "./web-identity.ts";

/** Where credentials are taken from when nothing names a source. */
export type DefaultSource =
  | { readonly kind: "environment" }
  | { readonly kind: "profile"; readonly profile: Profile }
  | { readonly kind: "webIdentity"; readonly identity: WebIdentity }
  | { readonly kind: "container" }
  | { readonly kind: "instanceMetadata" };

export interface DefaultSourceChoice {
  /** Undefined when there is none at all: then {@link noCredentials} says so. */
  readonly source?: DefaultSource;
  /** Why each source before it was passed over, a sentence each. */
  readonly passedOver: readonly string[];
  /** The profile that was named, for the error. */
  readonly named: NamedProfile;
}

/** A profile's name, and what named it. */
export interface NamedProfile {
  readonly name: string;
  readonly from: "parameter" | "AWS_PROFILE" | "AWS_DEFAULT_PROFILE" | "default";
}

/**
 * The profile that counts when none is given: `AWS_PROFILE`, as every tool knows it; then `AWS_DEFAULT_PROFILE`, which
 * botocore alone knows, and reads first; then `default`.
 */
export function profileOfEnvironment(environment: Environment): NamedProfile {
  for (const from of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] as const) {
    const name = variable(environment, from);
    if (name !== undefined) return { name, from };
  }
  return { name: "default", from: "default" };
}

/**
 * The first source that is there, in botocore's order (`create_credential_resolver` in credentials.py): keys in the
 * environment; a role profile; a web identity in the environment; the profile's other credentials; a container;
 * instance metadata. A profile that was given as a parameter takes both of the environment's away, and one given in
 * any way that holds no credentials at all, only a region perhaps, is passed over. A profile that is named and does not
 * exist is an error even where the environment has keys, as in botocore: the user meant another identity than these.
 *
 * It reads nothing but its arguments. Whether instance metadata answers shows only when it is asked; a failure there
 * is the end of the list, and {@link noCredentials} tells of all of it.
 * @param profile what the files say about the named profile; undefined when they have none of that name
 * @throws RoleError `EnvironmentIncomplete` (half a web identity), `ProfileNotFound`
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

  if (!fromEnvironment) passedOver.push("The environment's keys do not count, because a profile was given.");
  else if (hasEnvironmentKeys(environment)) return choose({ kind: "environment" });
  else passedOver.push("AWS_ACCESS_KEY_ID is not set in the environment.");

  if (profile && isRoleProfile(profile.settings)) return choose({ kind: "profile", profile });

  if (fromEnvironment) {
    const identity = webIdentityOfEnvironment(environment);
    if (identity) return choose({ kind: "webIdentity", identity });
    passedOver.push("AWS_WEB_IDENTITY_TOKEN_FILE is not set in the environment.");
  }

  if (profile && hasCredentials(profile.settings)) return choose({ kind: "profile", profile });
  passedOver.push(profile ? `Profile '${named.name}' holds no credentials.` : `There is no profile '${named.name}'.`);
  const hidden = profile && origin?.hiddenInKey(named.name);
  if (hidden !== undefined) passedOver.push(hidden);

  if (hasContainerCredentials(environment)) return choose({ kind: "container" });
  passedOver.push("No AWS_CONTAINER_CREDENTIALS_… variable is set.");

  if (!metadataDisabled(environment)) return choose({ kind: "instanceMetadata" });
  passedOver.push("AWS_EC2_METADATA_DISABLED is true.");
  return { passedOver, named };
}

/** That there are no credentials anywhere, with all that was tried. */
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

/** Whether a profile names credentials or a role, complete or not. */
export function hasCredentials(settings: Settings): boolean {
  return Boolean(settings.roleArn) || hasOwnCredentials(settings);
}
