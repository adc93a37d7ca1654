/**
 * Turns a profile's name into a plan: one source of credentials, and the roles to assume from it in order.
 * Planning reads no credentials and makes no calls, so that a broken profile is reported before anything happens.
 */

import { chooseDefaultSource, type NamedProfile, profileOfEnvironment } from "../credentials/default-chain.ts";
import { refuseEmptySettings } from "../credentials/empty-settings.ts";
import { hasCredentials, isRoleProfile, namedSource, sourceOfProfile } from "../credentials/profile-source.ts";
import type { Source } from "../credentials/source.ts";
import { hasStaticKeys, keysSource } from "../credentials/static-keys.ts";
import { ssoLoginOf } from "../identity-center/sso-login.ts";
import { refuseHiddenCharacters } from "../profiles/hidden-characters.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile, SharedConfig } from "../profiles/shared-config.ts";
import type { ProfileProgram } from "../programs/profile-program.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { powerShellArgument } from "../protocol/quoting.ts";
import { type RoleArn, readRoleArn } from "../protocol/role-arn.ts";
import type { SessionParameters } from "../protocol/role-messages.ts";
import { type MfaDevice, mfaProgramOf } from "./mfa-process.ts";
import { checkText, maximumSessionDuration, parseDuration } from "./session-limits.ts";
import { sessionOfProfile } from "./session-parameters.ts";

/** One AssumeRole. Absent members are not sent, or are decided at the call. */
export interface RoleHop extends Readonly<SessionParameters> {
  readonly roleArn: RoleArn;
  /** The profile that contains the role, if any. */
  readonly profileName?: string;
  /** Settings of the profile that makes the call: region, endpoint, proxy, certificates. */
  readonly settings: Settings;
  /** Open a session with the MFA code first, and assume the role from it. */
  readonly mfaSession?: boolean;
  /** Prints the code of the MFA device. */
  readonly mfaProgram?: ProfileProgram | undefined;
}

export interface Plan {
  readonly source: Source;
  readonly hops: readonly RoleHop[];
  /** Settings of the requested profile. */
  readonly settings: Settings;
  readonly profileName?: string;
  /** A GetSessionToken between the source and the first hop, if the source's profile asks for one. */
  readonly session?: MfaDevice & { readonly durationSeconds?: number };
}

/**
 * Plans a profile that the user named. Its `role_arn` takes precedence over its own keys, as in botocore's AssumeRoleProvider. A
 * profile without credentials, perhaps with only a region, uses the container or the instance, as in the AWS CLI.
 * @throws RoleError `ProfileNotFound`, `NoCredentials`, and the errors of {@link planRole} and {@link planSource}
 */
export function planProfile(name: string, shared: SharedConfig, environment: Environment): Plan {
  return { ...planChosen({ name, from: "parameter" }, shared, environment), profileName: name };
}

/**
 * Plans a request without a profile parameter: takes the first of the default sources of all AWS tools.
 * @throws RoleError `NoCredentials`, `ProfileNotFound` if the profile in `AWS_PROFILE` does not exist
 */
export function planDefault(shared: SharedConfig, environment: Environment): Plan {
  return planChosen(profileOfEnvironment(environment), shared, environment);
}

function planChosen(named: NamedProfile, shared: SharedConfig, environment: Environment): Plan {
  const profile = shared.profile(named.name);
  if (profile) refuseHiddenCharacters(profile, shared);
  // A sign-in without account and role, or aws-vault's key, means an identity: report what is missing instead of using another one.
  const isHalf =
    profile &&
    !hasCredentials(profile.settings) &&
    (profile.settings.ssoSession !== undefined || withoutInclude(named.name, shared) !== undefined);
  if (isHalf && named.from === "parameter") {
    refuseEmptySettings(profile, "itself", shared.origin);
    return planSource(profile, shared, environment);
  }
  const chosen = chooseDefaultSource(environment, named, profile, shared.origin);
  if ("source" in chosen) return { source: chosen.source, hops: [], settings: profile?.settings ?? {} };
  return isRoleProfile(chosen.profile.settings)
    ? planRole(chosen.profile, shared, environment, [named.name])
    : planSource(chosen.profile, shared, environment);
}

/** Plans a profile that another one names as its source. Here its own keys take precedence over its `role_arn`. */
export function planSourceProfile(
  name: string,
  shared: SharedConfig,
  environment: Environment,
  namedBy: string,
  visited: readonly string[] = [],
): Plan {
  const profile = shared.profile(name);
  if (!profile) {
    const why = shared.origin?.whyNotRead(name);
    throw new RoleError(
      "SourceProfileNotFound",
      `The source profile '${name}', which ${namedBy} names, does not exist.${why === undefined ? "" : ` ${why}`}`,
      {
        target: name,
        action: `Store it with Set-RoleCredentials -StoreAs ${powerShellArgument(name)}, or choose another source.`,
      },
    );
  }
  refuseHiddenCharacters(profile, shared);
  refuseEmptySettings(profile, "source", shared.origin);
  if (hasStaticKeys(profile.settings) || !isRoleProfile(profile.settings))
    return planSource(profile, shared, environment);
  return planRole(profile, shared, environment, [...visited, name]);
}

function planRole(profile: Profile, shared: SharedConfig, environment: Environment, visited: readonly string[]): Plan {
  const { name, settings } = profile;
  const { sourceProfile, credentialSource } = settings;
  if (sourceProfile !== undefined && credentialSource !== undefined) {
    throw new RoleError("SourceConflict", `Profile '${name}' has both source_profile and credential_source.`, {
      target: name,
      action: "Keep one: Set-RoleCredentials with -SourceProfile or with -CredentialSource replaces the other.",
    });
  }
  if (credentialSource !== undefined) {
    return { source: namedSource(profile), hops: [hopOf(profile)], settings, profileName: name };
  }
  if (sourceProfile === undefined) {
    throw new RoleError(
      "SourceMissing",
      `Profile '${name}' has a role but no source of credentials.${hiddenInKey(name, shared)}`,
      {
        target: name,
        action:
          withoutInclude(name, shared) ??
          `Add one: Set-RoleCredentials -StoreAs ${powerShellArgument(name)} with -SourceProfile or -CredentialSource.`,
      },
    );
  }
  // A profile may name itself to use its own keys; any other cycle is an error.
  const known = shared.profile(sourceProfile);
  if (visited.includes(sourceProfile) && !(sourceProfile === name && hasStaticKeys(settings)) && known) {
    throw new RoleError(
      "ProfileCycle",
      `The source profiles form a cycle: ${[...visited, sourceProfile].join(" → ")}.`,
      {
        target: name,
        action: "Set source_profile in one of them to a profile that has credentials of its own.",
      },
    );
  }
  const before =
    sourceProfile === name
      ? { source: keysSource(profile), hops: [] }
      : planSourceProfile(sourceProfile, shared, environment, `profile '${name}'`, visited);
  return { ...before, hops: [...before.hops, hopOf(profile)], settings, profileName: name };
}

/** Plans a profile's own credentials. */
function planSource(profile: Profile, shared: SharedConfig, environment: Environment): Plan {
  const { name, settings } = profile;
  const source = sourceOfProfile(profile, environment);
  if (source) return { source, hops: [], settings, profileName: name, ...(source.holdsKeys && sessionOf(profile)) };
  // A sign-in alone gives tokens but no credentials; this reports what it lacks.
  if (settings.ssoSession !== undefined) ssoLoginOf(profile, shared);
  throw new RoleError(
    "ProfileIncomplete",
    `Profile '${name}' has neither a role nor credentials.${hiddenInKey(name, shared)}`,
    {
      target: name,
      action:
        withoutInclude(name, shared) ??
        `Store keys or a role in it: Set-RoleCredentials -StoreAs ${powerShellArgument(name)}.`,
    },
  );
}

/** A sentence to append to an error about a setting that is missing; empty where no key holds a hidden character. */
function hiddenInKey(name: string, { origin }: SharedConfig): string {
  const why = origin?.hiddenInKey(name);
  return why === undefined ? "" : ` ${why}`;
}

/** What to write instead of aws-vault's `include_profile`, if the profile has one. */
function withoutInclude(name: string, { origin }: SharedConfig): string | undefined {
  const included = origin?.includedProfile(name);
  if (!included) return undefined;
  return `Its include_profile is a key of aws-vault, which AWS tools ignore: write source_profile = ${included}, or repeat the settings of '${included}' in '${name}'.`;
}

/** With `mfa_session = true` and a device, long-term keys are exchanged for a session that one code opens. */
function sessionOf({ name, settings }: Profile): Pick<Plan, "session"> {
  if (!isTrue(settings.mfaSession) || settings.mfaSerial === undefined) return {};
  return {
    session: {
      mfaSerial: checkText("mfaSerial", settings.mfaSerial),
      ...(settings.roleArn === undefined &&
        settings.durationSeconds !== undefined && {
          durationSeconds: parseDuration(settings.durationSeconds, maximumSessionDuration, name),
        }),
    },
  };
}

/** Adds the programs that print MFA codes. One device serves a whole chain, so the source's profile may name the program too. */
export function withMfaPrograms(plan: Plan): Plan {
  const programOf = (mfaSerial: string, own?: Profile) => mfaProgramOf(mfaSerial, own, plan.source.profile);
  const { session } = plan;
  return {
    ...plan,
    ...(session && { session: { ...session, program: programOf(session.mfaSerial) } }),
    hops: plan.hops.map((hop) => {
      const { mfaSerial, profileName, settings } = hop;
      if (mfaSerial === undefined) return hop;
      return { ...hop, mfaProgram: programOf(mfaSerial, profileName ? { name: profileName, settings } : undefined) };
    }),
  };
}

function hopOf(profile: Profile): RoleHop {
  const { name, settings } = profile;
  const roleArn = readRoleArn(settings.roleArn ?? "", name);
  const mfaSession = isTrue(settings.mfaSession) && { mfaSession: true };
  return { roleArn, profileName: name, settings, ...sessionOfProfile(profile), ...mfaSession };
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === "true";
}
