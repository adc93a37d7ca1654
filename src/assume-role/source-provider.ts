/** The first provider of a plan: credentials that no role gives. */
import { isAbsolute, resolve } from "node:path";
import type { CacheEntry, CacheRequest } from "../cache/cache-request.ts";
import { fromContainer } from "../credentials/container.ts";
import { fromCredentialProcess } from "../credentials/credential-process.ts";
import { noCredentials } from "../credentials/default-chain.ts";
import { fromEnvironment, sessionTokenOf } from "../credentials/environment.ts";
import type { ExpiryRule } from "../credentials/expired.ts";
import { fromInstanceMetadata } from "../credentials/instance-metadata.ts";
import { fromStaticKeys } from "../credentials/static-keys.ts";
import { fromWebIdentity, type WebIdentity } from "../credentials/web-identity.ts";
import { fromSso } from "../identity-center/sso.ts";
import { ssoCliKey, ssoLoginOf } from "../identity-center/sso-login.ts";
import { configuredUrl } from "../network/configured-url.ts";
import { resolveEndpoint } from "../network/endpoint.ts";
import { httpRequest } from "../network/http-request.ts";
import { resolveRegion } from "../network/region.ts";
import type { Send } from "../network/request-with-retries.ts";
import { transport } from "../network/transport.ts";
import { sha256Hex } from "../platform/digest.ts";
import { loginCacheDirectory } from "../profiles/locations.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context } from "../protocol/context.ts";
import type { CredentialProvider, Credentials } from "../protocol/credentials.ts";
import { isRoleError } from "../protocol/envelope.ts";
import { RoleError } from "../protocol/errors.ts";
import { readRoleArn } from "../protocol/role-arn.ts";
import {
  cachedProvider,
  type HopProvider,
  type ResolutionContext,
  refuseUnprintable,
  sourceOf,
} from "./hop-provider.ts";
import type { Source } from "./plan.ts";
import { sessionName } from "./session-name.ts";
import { callSts } from "./sts/call.ts";

/**
 * @param settings of the profile that was asked for: for the calls that a source makes itself
 * @param rule whether a role is assumed from it
 */
export function sourceProvider(
  source: Source,
  settings: Settings,
  resolution: ResolutionContext,
  context: Context,
  rule: ExpiryRule = {},
): HopProvider {
  switch (source.kind) {
    case "given":
      return given(source.credentials);
    case "keys": {
      const { accessKeyId, secretAccessKey, sessionToken } = source.profile.settings;
      return provider(
        `profile ${source.profile.name}`,
        [source.kind, accessKeyId, secret(secretAccessKey, sessionToken)],
        () => fromStaticKeys(source.profile),
        sessionToken === undefined,
      );
    }
    case "environment": {
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = context.environment;
      const token = sessionTokenOf(context.environment);
      return provider(
        "the environment",
        [source.kind, AWS_ACCESS_KEY_ID, secret(AWS_SECRET_ACCESS_KEY, token)],
        (during) => fromEnvironment(during, rule),
        !token,
      );
    }
    case "process":
      return provider(
        `the credential_process of profile ${source.profile.name}`,
        [source.kind, source.profile.settings.credentialProcess, directoryFor(source.profile, context)],
        (during) => fromCredentialProcess(guardAgainstCycles(source.profile, resolution, during), source.profile, rule),
      );
    case "login":
      return loginStep(source.profile, resolution, context);
    case "container": {
      const {
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      } = context.environment;
      // All pods of EKS ask the same address: the token tells whose credentials it gives. What is in the file changes by itself.
      const identity = [source.kind, relative, full, token && secret(token), tokenFile && absolute(tokenFile, context)];
      return provider("the container", identity, (during) => fromContainer(during, rule));
    }
    case "instanceMetadata": {
      const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } =
        context.environment;
      const { ec2MetadataServiceEndpoint, ec2MetadataServiceEndpointMode } = source.settings;
      return provider(
        "EC2 instance metadata",
        [source.kind, endpoint || ec2MetadataServiceEndpoint, mode || ec2MetadataServiceEndpointMode],
        (during) => async () => {
          try {
            return await fromInstanceMetadata(during, { settings: source.settings })();
          } catch (error) {
            throw source.lastResort && isRoleError(error) && error.code === "InstanceMetadataFailed"
              ? noCredentials(source.lastResort, error)
              : error;
          }
        },
      );
    }
    case "sso":
      return ssoStep(source.profile, resolution, context);
    case "webIdentity":
      return webIdentityStep(source.identity, settings, resolution, context);
  }
}

/** Credentials that came with `-Credential`. */
function given(credentials: Credentials): HopProvider {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const identity = ["given", accessKeyId, secret(secretAccessKey, sessionToken)];
  return {
    ...provider("-Credential", identity, () => async () => credentials, sessionToken === undefined),
    isGiven: true,
  };
}

/** A source that is asked anew each time: the keys are at hand, or whoever gives them keeps them himself. */
function provider(
  label: string,
  identity: readonly unknown[],
  provider: (context: Context) => CredentialProvider,
  longTerm = false,
): HopProvider {
  return {
    label,
    identity: sha256Hex(JSON.stringify(identity)),
    longTerm,
    async obtain(context) {
      const credentials = await provider(context)();
      refuseUnprintable(credentials, label);
      return { credentials };
    },
  };
}

/** Names the profiles whose `credential_process` led to this process. */
const resolvingVariable = "ROLE_CREDENTIALS_RESOLVING";

/**
 * The context in which a profile's `credential_process` runs. It may be our own command: asked for the same profile of the same files
 * again, it would start processes without end.
 * @throws RoleError `ProfileCycle`
 */
function guardAgainstCycles({ name }: Profile, { files }: ResolutionContext, context: Context): Context {
  const { environment } = context;
  const resolving = (environment[resolvingVariable] ?? "").split("\n").filter((line) => line !== "");
  // The name alone does not tell: another config file has profiles of its own.
  const mark = sha256Hex(JSON.stringify([files.config, files.credentials, name])).slice(0, 32);
  if (resolving.includes(mark)) {
    throw new RoleError(
      "ProfileCycle",
      `The credential_process of profile '${name}' asks for profile '${name}' again.`,
      {
        target: name,
        action: "Let it name another profile, or give this one a role or keys.",
      },
    );
  }
  return { ...context, environment: { ...environment, [resolvingVariable]: [...resolving, mark].join("\n") } };
}

/** A program that is named by a relative path is another one in another folder. */
function directoryFor({ settings }: Profile, { workingDirectory }: Context): string | undefined {
  const [program = ""] = /[^\s"']+/.exec(settings.credentialProcess ?? "") ?? [];
  return /[\\/]/.test(program) && !isAbsolute(program) ? workingDirectory : undefined;
}

function absolute(path: string, { workingDirectory }: Context): string {
  return resolve(workingDirectory, path);
}

/** The sign-in's own file is its cache, shared with the AWS CLI. */
function loginStep(profile: Profile, resolution: ResolutionContext, context: Context): HopProvider {
  const { settings } = profile;
  const directory = loginCacheDirectory(context.environment, context.platform, context.workingDirectory);
  const identity = ["login", settings.loginSession, directory];
  return provider(`the sign-in of profile ${profile.name}`, identity, (during) => async () => {
    const { environment } = during;
    const { fromLogin } = await import("../credentials/login.ts");
    return fromLogin(during, profile, {
      cacheDirectory: directory,
      endpoint: async (signedInTo) => {
        const region = signedInTo ?? (await resolveRegion({ settings, environment }));
        return resolveEndpoint("signin", { settings, shared: resolution.shared, region, environment }).url;
      },
      send: sendBy(settings, during),
    })();
  });
}

/** How a source's own requests travel; the way is made ready when the first one leaves. */
function sendBy(settings: Settings, context: Context): Send {
  return async (request) => {
    const { agent } = await transport(request.url, settings, context);
    return httpRequest({ ...request, agent });
  };
}

function ssoStep(profile: Profile, resolution: ResolutionContext, { environment }: Context): HopProvider {
  const login = ssoLoginOf(profile, resolution.shared);
  const custom = configuredUrl("sso", { settings: profile.settings, shared: resolution.shared, environment });
  const request: CacheRequest = {
    operation: "GetRoleCredentials",
    cliKey: ssoCliKey(login),
    identity: { startUrl: login.startUrl, region: login.region, accountId: login.accountId, roleName: login.roleName },
    source: custom?.url.href ?? "",
    profileName: profile.name,
  };
  const label = `IAM Identity Center role ${login.roleName} (profile ${profile.name})`;
  return cachedProvider(resolution, { label }, request, async (during) => {
    during.say(`GetRoleCredentials of ${login.roleName} in ${login.accountId}.`);
    let givenAt: number | undefined;
    const credentials = await fromSso(during, login, {
      tokenDirectory: resolution.ssoCacheDirectory(),
      endpoint: (service, region) =>
        resolveEndpoint(service, {
          settings: profile.settings,
          shared: resolution.shared,
          region,
          environment: during.environment,
        }).url,
      send: sendBy(profile.settings, during),
      noteGiven: (time) => {
        givenAt = time;
      },
    })();
    const entry = temporary(credentials);
    if (givenAt === undefined) return entry;
    return { ...entry, lifetime: entry.credentials.expiration.getTime() - givenAt };
  });
}

function webIdentityStep(
  identity: WebIdentity,
  settings: Settings,
  resolution: ResolutionContext,
  context: Context,
): HopProvider {
  const { roleArn, tokenFile, roleSessionName, profileName } = identity;
  const role = readRoleArn(roleArn, profileName ?? "AWS_ROLE_ARN");
  const label =
    profileName === undefined
      ? `web identity role ${roleArn}`
      : `web identity role ${roleArn} (profile ${profileName})`;
  const request: CacheRequest = {
    operation: "AssumeRoleWithWebIdentity",
    cliKey: { RoleArn: roleArn, ...(roleSessionName !== undefined && { RoleSessionName: roleSessionName }) },
    identity: { roleArn, roleSessionName: roleSessionName ?? null },
    source: sourceOf(resolution, context, { identity: sha256Hex(absolute(tokenFile, context)) }, { settings }),
    ...(profileName !== undefined && { profileName }),
    roleArn,
  };
  return cachedProvider(resolution, { label }, request, async (during) => {
    let answer: CacheEntry | undefined;
    const credentials = await fromWebIdentity(during, identity, async ({ webIdentityToken }) => {
      answer = await callSts(
        { operation: "AssumeRoleWithWebIdentity", target: profileName ?? roleArn, hop: label, caller: tokenFile },
        { settings, roleArn: role },
        resolution,
        during,
        (sts) =>
          sts.assumeRoleWithWebIdentity({
            RoleArn: roleArn,
            RoleSessionName: sessionName(roleSessionName, during),
            WebIdentityToken: webIdentityToken,
          }),
      );
      return answer.credentials;
    })();
    return { ...answer, ...temporary(credentials) };
  });
}

function temporary(credentials: Credentials): CacheEntry {
  return { credentials: credentials as CacheEntry["credentials"] };
}

/** Tells one secret from another without holding it. */
function secret(...parts: readonly (string | undefined)[]): string {
  return sha256Hex(JSON.stringify(parts));
}
