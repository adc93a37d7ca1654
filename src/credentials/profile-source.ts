/** The kinds of credentials that a profile can have, in the order in which they count. */

import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { containerSource } from "./container.ts";
import { credentialProcess } from "./credential-process.ts";
import { environmentSource } from "./environment.ts";
import { instanceMetadataSource } from "./instance-metadata.ts";
import { keychainKeys } from "./keychain-keys.ts";
import { loginSession } from "./login.ts";
import type { ProfileKind, Source } from "./source.ts";
import { ssoRole } from "./sso.ts";
import { staticKeys } from "./static-keys.ts";
import { webIdentity } from "./web-identity.ts";

const credentialSource: ProfileKind = {
  isIn: (settings) => settings.credentialSource !== undefined,
  noun: "a credential source",
  label: (settings) => settings.credentialSource ?? "",
  sourceOf: namedSource,
};

// botocore's order (`create_credential_resolver` in credentials.py). The AWS CLI, and so most people's files, rely on it.
export const profileKinds: readonly ProfileKind[] = [
  // A token file turns role_arn into a source, so check it before all other kinds.
  webIdentity,
  // Before keys, because `aws configure sso` leaves a profile's old keys in place.
  ssoRole,
  // Before sign-ins and programs, because keys cost nothing and need no call.
  staticKeys,
  loginSession,
  // To other tools, this is a program too.
  keychainKeys,
  // Last in botocore: a program is the most general kind, and the fallback of a profile.
  credentialProcess,
  // A source need not be a role. The SDKs for JavaScript and Rust accept this; botocore finds no credentials.
  credentialSource,
];

/** The kind of a profile's own credentials, even if they are incomplete; undefined if it has none. */
export function kindOf(settings: Settings): ProfileKind | undefined {
  return profileKinds.find(({ isIn }) => isIn(settings));
}

/**
 * Returns the source of a profile's own credentials; undefined if it has none.
 * @throws RoleError `ProfileIncomplete`, `CredentialSourceInvalid`
 */
export function sourceOfProfile(profile: Profile, environment: Environment): Source | undefined {
  return kindOf(profile.settings)?.sourceOf(profile, environment);
}

/** Whether a profile's credentials are those of a role. With a web identity token, the role is a source: it needs no credentials. */
export function isRoleProfile(settings: Settings): boolean {
  return settings.roleArn !== undefined && !webIdentity.isIn(settings);
}

/** Whether a profile names credentials or a role, even incompletely. */
export function hasCredentials(settings: Settings): boolean {
  return settings.roleArn !== undefined || kindOf(settings) !== undefined;
}

/** What a profile's credentials, or those that assume its role, come from, for lists: `keys`, `profile base`. */
export function sourceLabel(settings: Settings): string | undefined {
  if (isRoleProfile(settings)) {
    if (settings.sourceProfile !== undefined) return `profile ${settings.sourceProfile}`;
    if (settings.credentialSource !== undefined) return settings.credentialSource;
  }
  return kindOf(settings)?.label(settings);
}

/**
 * Refuses a profile with other credentials than a sign-in, as `aws login` does.
 * @throws RoleError `SourceConflict`
 */
export function refuseOtherCredentials({ name, settings }: Profile): void {
  const other = profileKinds.find((kind) => kind !== loginSession && kind.isIn(settings));
  const noun = other?.noun ?? (settings.roleArn && "a role");
  if (noun === undefined) return;
  throw new RoleError("SourceConflict", `Profile '${name}' has ${noun}, which a sign-in does not replace.`, {
    target: name,
    action: `Name another profile, or delete this one first with Remove-RoleProfile ${powerShellArgument(name)}.`,
  });
}

/**
 * Returns the source that `credential_source` selects.
 * @throws RoleError `CredentialSourceInvalid`
 */
export function namedSource({ name, settings }: Profile): Source {
  switch (settings.credentialSource) {
    case "Environment":
      return environmentSource;
    case "Ec2InstanceMetadata":
      return instanceMetadataSource(settings);
    case "EcsContainer":
      return containerSource;
    default:
      throw new RoleError(
        "CredentialSourceInvalid",
        `Profile '${name}' has the unknown credential_source '${settings.credentialSource}'.`,
        { target: name, action: "Use Environment, Ec2InstanceMetadata or EcsContainer." },
      );
  }
}
