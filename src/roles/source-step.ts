/** The first step of a plan: credentials that no role gives. */
import { isAbsolute, resolve } from "node:path";
import { readRoleArn } from "../arn.ts";
import type { CacheEntry, CacheRequest } from "../cache/cache-request.ts";
import { sha256Hex } from "../cache/digest.ts";
import type { Context } from "../context.ts";
import type { CredentialProvider, Credentials } from "../credentials.ts";
import { configuredUrl } from "../endpoints/configured-url.ts";
import { resolveEndpoint } from "../endpoints/endpoint.ts";
import { httpRequest } from "../endpoints/http-request.ts";
import { resolveRegion } from "../endpoints/region.ts";
import { transport } from "../endpoints/transport.ts";
import { loginCacheDirectory } from "../files/locations.ts";
import type { Settings } from "../files/settings.ts";
import type { Profile } from "../files/shared-config.ts";
import { isRoleError } from "../protocol/envelope.ts";
import { fromContainer } from "../sources/container.ts";
import { fromCredentialProcess } from "../sources/credential-process.ts";
import { noCredentials } from "../sources/default-source.ts";
import { fromEnvironment } from "../sources/environment.ts";
import type { ExpiryRule } from "../sources/expired.ts";
import { fromInstanceMetadata } from "../sources/instance-metadata.ts";
import type { Send } from "../sources/request-with-retries.ts";
import { fromSso } from "../sources/sso.ts";
import { ssoCliKey, ssoLoginOf } from "../sources/sso-login.ts";
import { fromStaticKeys } from "../sources/static-keys.ts";
import { fromWebIdentity, type WebIdentity } from "../sources/web-identity.ts";
import { givenLabel } from "./hop-steps.ts";
import type { Source } from "./plan.ts";
import { sessionName } from "./session-name.ts";
import { cachedStep, type Journey, type Step, sourceOf } from "./steps.ts";
import { callSts } from "./sts-call.ts";

/**
 * @param settings of the profile that was asked for: for the calls that a source makes itself
 * @param rule whether a role is assumed from it
 */
export function sourceStep(
  source: Source,
  settings: Settings,
  journey: Journey,
  context: Context,
  rule: ExpiryRule = {},
): Step {
  switch (source.kind) {
    case "given":
      return given(source.credentials);
    case "keys": {
      const { accessKeyId, secretAccessKey, sessionToken } = source.profile.settings;
      return step(
        `profile ${source.profile.name}`,
        [source.kind, accessKeyId, secret(secretAccessKey, sessionToken)],
        () => fromStaticKeys(source.profile),
        sessionToken === undefined,
      );
    }
    case "environment": {
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_SECURITY_TOKEN } = context.environment;
      const token = AWS_SESSION_TOKEN || AWS_SECURITY_TOKEN;
      return step(
        "the environment",
        [source.kind, AWS_ACCESS_KEY_ID, secret(AWS_SECRET_ACCESS_KEY, token)],
        (during) => fromEnvironment(during, rule),
        !token,
      );
    }
    case "process":
      return step(
        `the credential_process of profile ${source.profile.name}`,
        [source.kind, source.profile.settings.credentialProcess, directoryFor(source.profile, context)],
        (during) => fromCredentialProcess(during, source.profile, rule),
      );
    case "login":
      return loginStep(source.profile, journey, context);
    case "container": {
      const {
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      } = context.environment;
      // All pods of EKS ask the same address: the token tells whose credentials it gives. What is in the file changes by itself.
      const identity = [source.kind, relative, full, token && secret(token), tokenFile && absolute(tokenFile, context)];
      return step("the container", identity, (during) => fromContainer(during, rule));
    }
    case "instanceMetadata": {
      const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } =
        context.environment;
      const { ec2MetadataServiceEndpoint, ec2MetadataServiceEndpointMode } = source.settings;
      return step(
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
      return ssoStep(source.profile, journey, context);
    case "webIdentity":
      return webIdentityStep(source.identity, settings, journey, context);
  }
}

/** Credentials that came with `-Credential`. */
function given(credentials: Credentials): Step {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return step(
    givenLabel,
    ["given", accessKeyId, secret(secretAccessKey, sessionToken)],
    () => async () => credentials,
    sessionToken === undefined,
  );
}

/** A source that is asked anew each time: the keys are at hand, or whoever gives them keeps them himself. */
function step(
  label: string,
  identity: readonly unknown[],
  provider: (context: Context) => CredentialProvider,
  longTerm = false,
): Step {
  return {
    label,
    fingerprint: sha256Hex(JSON.stringify(identity)),
    longTerm,
    obtain: async (context) => ({ credentials: await provider(context)() }),
  };
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
function loginStep(profile: Profile, journey: Journey, context: Context): Step {
  const { settings } = profile;
  const directory = loginCacheDirectory(context.environment, context.platform, context.workingDirectory);
  const identity = ["login", settings.loginSession, directory];
  return step(`the sign-in of profile ${profile.name}`, identity, (during) => async () => {
    const { environment } = during;
    const { fromLogin } = await import("../sources/login.ts");
    return fromLogin(during, profile, {
      cacheDirectory: directory,
      endpoint: async (signedInTo) => {
        const region = signedInTo ?? (await resolveRegion({ settings, environment }));
        return resolveEndpoint("signin", { settings, shared: journey.shared, region, environment }).url;
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

function ssoStep(profile: Profile, journey: Journey, { environment }: Context): Step {
  const login = ssoLoginOf(profile, journey.shared);
  const custom = configuredUrl("sso", { settings: profile.settings, shared: journey.shared, environment });
  const request: CacheRequest = {
    operation: "GetRoleCredentials",
    cliKey: ssoCliKey(login),
    identity: { startUrl: login.startUrl, region: login.region, accountId: login.accountId, roleName: login.roleName },
    source: custom?.url.href ?? "",
    profileName: profile.name,
  };
  const label = `IAM Identity Center role ${login.roleName} (profile ${profile.name})`;
  return cachedStep(journey, { label }, request, async (during) => {
    during.say(`GetRoleCredentials of ${login.roleName} in ${login.accountId}.`);
    let givenAt: number | undefined;
    const credentials = await fromSso(during, login, {
      tokenDirectory: journey.ssoCacheDirectory,
      endpoint: (service, region) =>
        resolveEndpoint(service, {
          settings: profile.settings,
          shared: journey.shared,
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

function webIdentityStep(identity: WebIdentity, settings: Settings, journey: Journey, context: Context): Step {
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
    source: sourceOf(journey, context, { fingerprint: sha256Hex(absolute(tokenFile, context)) }, { settings }),
    ...(profileName !== undefined && { profileName }),
    roleArn,
  };
  return cachedStep(journey, { label }, request, async (during) => {
    let answer: CacheEntry | undefined;
    const credentials = await fromWebIdentity(during, identity, async ({ webIdentityToken }) => {
      answer = await callSts(
        { operation: "AssumeRoleWithWebIdentity", target: profileName ?? roleArn, hop: label, caller: tokenFile },
        { settings, roleArn: role },
        journey,
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
