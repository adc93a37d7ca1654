/** Chooses the kind of a profile's own credentials when it has several. */

import { hasSso } from "../identity-center/sso-login.ts";
import type { Setting, Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { containerSource } from "./container.ts";
import { hasCredentialProcess, processSource } from "./credential-process.ts";
import { environmentSource } from "./environment.ts";
import { instanceMetadataSource } from "./instance-metadata.ts";
import { hasKeychainKeys, keychainSource } from "./keychain-keys.ts";
import { hasLoginSession, loginSource } from "./login.ts";
import type { Source } from "./source.ts";
import { ssoSource } from "./sso.ts";
import { hasStaticKeys, keysSource } from "./static-keys.ts";
import { hasWebIdentity, webIdentityOfProfile, webIdentitySource } from "./web-identity.ts";

interface Rung {
  /** Whether a profile names this kind, even incompletely. */
  readonly isIn: (settings: Settings) => boolean;
  /** The settings that select it. One of them without a value is an error: see empty-settings.ts. */
  readonly selectedBy?: readonly Setting[];
  readonly sourceOf: (profile: Profile, environment: Environment) => Source;
}

// botocore's order (`create_credential_resolver` in credentials.py). The AWS CLI, and so most people's files, rely on it.
export const ladder: readonly Rung[] = [
  // A token file turns role_arn into a source, so check it before all other kinds.
  {
    isIn: hasWebIdentity,
    sourceOf: (profile, environment) => webIdentitySource(webIdentityOfProfile(profile, environment)),
  },
  // Before keys, because `aws configure sso` leaves a profile's old keys in place.
  { isIn: hasSso, selectedBy: ["ssoAccountId", "ssoRoleName"], sourceOf: ssoSource },
  // Before sign-ins and programs, because keys cost nothing and need no call.
  { isIn: hasStaticKeys, selectedBy: ["accessKeyId", "secretAccessKey"], sourceOf: keysSource },
  { isIn: hasLoginSession, selectedBy: ["loginSession"], sourceOf: loginSource },
  // To other tools, this is a program too.
  { isIn: hasKeychainKeys, sourceOf: keychainSource },
  // Last in botocore: a program is the most general kind, and the fallback of a profile.
  { isIn: hasCredentialProcess, selectedBy: ["credentialProcess"], sourceOf: processSource },
  // A source need not be a role. The SDKs for JavaScript and Rust accept this; botocore finds no credentials.
  { isIn: ({ credentialSource }) => credentialSource !== undefined, sourceOf: namedSource },
];

/**
 * Returns the source of a profile's own credentials; undefined if it has none.
 * @throws RoleError `ProfileIncomplete`, `CredentialSourceInvalid`
 */
export function sourceOfProfile(profile: Profile, environment: Environment): Source | undefined {
  return ladder.find(({ isIn }) => isIn(profile.settings))?.sourceOf(profile, environment);
}

/** Whether a profile names its own credentials, even incompletely. */
export function hasOwnCredentials(settings: Settings): boolean {
  return ladder.some(({ isIn }) => isIn(settings));
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
