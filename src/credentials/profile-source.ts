/** A profile's own credentials: which kind it has, where it has several. */

import { hasSso } from "../identity-center/sso-login.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { containerSource } from "./container.ts";
import { hasCredentialProcess, processSource } from "./credential-process.ts";
import { environmentSource } from "./environment.ts";
import { instanceMetadataSource } from "./instance-metadata.ts";
import { hasLoginSession, loginSource } from "./login-session.ts";
import type { Source } from "./source.ts";
import { ssoSource } from "./sso.ts";
import { hasStaticKeys, keysSource } from "./static-keys.ts";
import { hasWebIdentity, webIdentityOfProfile, webIdentitySource } from "./web-identity.ts";

interface Rung {
  /** Whether a profile names this kind, completely or not. */
  readonly isIn: (settings: Settings) => boolean;
  readonly sourceOf: (profile: Profile, environment: Environment) => Source;
}

// The order is botocore's (`create_credential_resolver` in credentials.py), which the AWS CLI, and so most people's files, rely on.
const ladder: readonly Rung[] = [
  // A token file makes role_arn a source: it must be seen before anything takes the profile for something else.
  {
    isIn: hasWebIdentity,
    sourceOf: (profile, environment) => webIdentitySource(webIdentityOfProfile(profile, environment)),
  },
  // Before keys: `aws configure sso` leaves the old keys of a profile where they are.
  { isIn: hasSso, sourceOf: ssoSource },
  // Before sign-ins and programs: keys cost nothing and ask nobody.
  { isIn: hasStaticKeys, sourceOf: keysSource },
  { isIn: hasLoginSession, sourceOf: loginSource },
  // Last of botocore's: a program is the most general way, and what a profile falls back to.
  { isIn: hasCredentialProcess, sourceOf: processSource },
  // A source need not be a role: the SDKs for JavaScript and Rust take it so, botocore finds no credentials.
  { isIn: ({ credentialSource }) => credentialSource !== undefined, sourceOf: namedSource },
];

/**
 * The credentials that a profile holds; undefined when it holds none.
 * @throws RoleError `ProfileIncomplete`, `CredentialSourceInvalid`
 */
export function sourceOfProfile(profile: Profile, environment: Environment): Source | undefined {
  return ladder.find(({ isIn }) => isIn(profile.settings))?.sourceOf(profile, environment);
}

/** Whether a profile names credentials of its own, complete or not. */
export function hasOwnCredentials(settings: Settings): boolean {
  return ladder.some(({ isIn }) => isIn(settings));
}

/**
 * What `credential_source` names.
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
        { target: name, action: "It is Environment, Ec2InstanceMetadata or EcsContainer." },
      );
  }
}
