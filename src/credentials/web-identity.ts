import { resolve } from "node:path";
import type { CacheRequest } from "../cache/cache-request.ts";
import { sha256Hex } from "../platform/hash.ts";
import { type Settings, settingKeys } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context, Environment } from "../protocol/context.ts";
import { variable } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { accountOf, readRoleArn } from "../protocol/role-arn.ts";
import { selectingVariable } from "./environment.ts";
import { cachedProvider, sourceOf } from "./provider.ts";
import type { FederatedRole, ProfileKind, Source } from "./source.ts";
import { readTokenFile } from "./token-file.ts";

export const webIdentity: ProfileKind = {
  isIn: hasWebIdentity,
  noun: "a web identity",
  label: () => "web identity",
  sourceOf: (profile, environment) => webIdentitySource(webIdentityOfProfile(profile, environment)),
};

/** The role of a web identity, and the path of its token file. */
export interface WebIdentity extends FederatedRole {
  readonly tokenFile: string;
  /** Absent if neither the profile nor the environment sets one. */
  readonly roleSessionName?: string;
}

/** STS's maximum length. */
const maxTokenBytes = 20_000;

const arnVariable = "AWS_ROLE_ARN";
const tokenFileVariable = "AWS_WEB_IDENTITY_TOKEN_FILE";
const sessionNameVariable = "AWS_ROLE_SESSION_NAME";

/** Whether a profile assumes its role with a web identity token. */
export function hasWebIdentity(settings: Settings): boolean {
  return Boolean(settings.webIdentityTokenFile);
}

/**
 * The web identity of a profile. Role and token file come from the profile alone. botocore lets the environment override
 * either, which can mix two identities; the other SDKs do not.
 * @throws RoleError `ProfileIncomplete`
 */
export function webIdentityOfProfile(profile: Profile, environment: Environment): WebIdentity {
  const { roleArn, webIdentityTokenFile } = profile.settings;
  if (!roleArn || !webIdentityTokenFile) {
    const missing = roleArn ? settingKeys.webIdentityTokenFile : settingKeys.roleArn;
    throw new RoleError("ProfileIncomplete", `Profile '${profile.name}' has no ${missing}.`, {
      target: profile.name,
      action: `Add ${missing} to the profile: a web identity needs a role and a token file.`,
    });
  }
  const roleSessionName = profile.settings.roleSessionName ?? variable(environment, sessionNameVariable);
  return {
    roleArn,
    tokenFile: webIdentityTokenFile,
    profileName: profile.name,
    ...(roleSessionName ? { roleSessionName } : {}),
  };
}

/**
 * The web identity that EKS (IAM roles for service accounts) and others configure in the environment; undefined if
 * `AWS_WEB_IDENTITY_TOKEN_FILE` is not set.
 * @throws RoleError `EnvironmentIncomplete` if the role is missing, or a variable holds only white space
 */
export function webIdentityOfEnvironment(environment: Environment): WebIdentity | undefined {
  const tokenFile = selectingVariable(environment, tokenFileVariable);
  if (tokenFile === undefined) return undefined;
  const roleArn = selectingVariable(environment, arnVariable);
  if (roleArn === undefined) {
    throw new RoleError("EnvironmentIncomplete", `${tokenFileVariable} is set, but ${arnVariable} is not.`, {
      target: arnVariable,
      action: `Set ${arnVariable} too, or remove ${tokenFileVariable}.`,
    });
  }
  const roleSessionName = variable(environment, sessionNameVariable);
  return { roleArn, tokenFile, ...(roleSessionName ? { roleSessionName } : {}) };
}

/** `role_arn` with a token file is a source, not a hop: AssumeRoleWithWebIdentity needs no credentials. */
export function webIdentitySource(identity: WebIdentity): Source {
  const { roleArn, tokenFile, roleSessionName, profileName } = identity;
  const label =
    profileName === undefined
      ? `web identity role ${roleArn}`
      : `web identity role ${roleArn} (profile ${profileName})`;
  return {
    operation: "AssumeRoleWithWebIdentity",
    identity,
    summary: "a web identity",
    place: () => `token file ${tokenFile}`,
    about: () => ({ roleArn, ...(/^\d{12}$/.test(accountOf(roleArn)) && { account: accountOf(roleArn) }) }),
    isTemporary: () => true,
    provider({ resolution, context, settings, assumeFederatedRole }) {
      readRoleArn(roleArn, profileName ?? arnVariable);
      const file = sha256Hex(resolve(context.workingDirectory, tokenFile));
      const request: CacheRequest = {
        operation: "AssumeRoleWithWebIdentity",
        cliKey: { RoleArn: roleArn, ...(roleSessionName !== undefined && { RoleSessionName: roleSessionName }) },
        identity: { roleArn, roleSessionName: roleSessionName ?? null },
        source: sourceOf(resolution, context, file, settings),
        profileName,
        roleArn,
      };
      return cachedProvider(resolution, label, request, async (during) => {
        const setting = profileName === undefined ? tokenFileVariable : settingKeys.webIdentityTokenFile;
        const token = readWebIdentityToken(during, tokenFile, setting);
        const session = roleSessionName === undefined ? {} : { roleSessionName };
        return assumeFederatedRole({ roleArn, profileName, token, tokenPlace: tokenFile, session }, label, during);
      });
    },
  };
}

/**
 * Reads a token file. It is read at each call, because its issuer rotates it.
 * @param setting the setting or variable that names the file
 * @throws RoleError `WebIdentityTokenUnreadable`
 */
export function readWebIdentityToken(context: Context, tokenFile: string, setting: string): string {
  try {
    // A token contains no white space, but hand-written files end in a line break.
    const token = readTokenFile(context, tokenFile, maxTokenBytes).trim();
    if (token) return token;
    throw new Error("is empty");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new RoleError("WebIdentityTokenUnreadable", `The token file '${tokenFile}' ${error.message}.`, {
      target: tokenFile,
      action: `Check ${setting}, and that the issuer has written the token.`,
      cause: error,
    });
  }
}
