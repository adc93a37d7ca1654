/** Requests for temporary credentials that differ in one or more ways, each of which could change the response. */
import { lastProvider } from "../../src/assume-role/chain.ts";
import { planRequest } from "../../src/assume-role/plan-request.ts";
import type { Settings } from "../../src/profiles/settings.ts";
import type { Environment } from "../../src/protocol/context.ts";
import type { UseRoleParams } from "../../src/protocol/role-messages.ts";
import { Core } from "../../src/server/core.ts";
import { profilesOf } from "../assume-role/fixtures.ts";
import { contextOf } from "../credentials/fixtures.ts";

/** What a choice adds to the request. No two choices of one dimension mean the same. */
export interface Choice {
  readonly params?: UseRoleParams;
  readonly environment?: Environment;
  /** Settings of the source profile and of the requested profile. */
  readonly source?: Settings;
  readonly profile?: Settings;
  readonly workingDirectory?: string;
}

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const keys = (id: string, secret: string): Settings => ({ accessKeyId: id, secretAccessKey: secret });

const eks = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" };
const sso = { ssoAccountId: "123456789012", ssoRoleName: "A", ssoRegion: "eu-west-1", ssoStartUrl: "https://one" };

/** Where the source's credentials come from. */
const sources: readonly Choice[] = [
  { source: keys("AKIAONE", "one") },
  { source: keys("AKIAONE", "two") },
  { source: keys("AKIATWO", "one") },
  { source: { ...keys("AKIAONE", "one"), sessionToken: "a" } },
  { source: { ...keys("AKIAONE", "one"), sessionToken: "b" } },
  { params: { credentials: { accessKeyId: "AKIAONE", secretAccessKey: "given" } } },
  { params: { credentials: { accessKeyId: "AKIAONE", secretAccessKey: "given too" } } },
  { params: { credentials: { accessKeyId: "AKIAONE", secretAccessKey: "given", sessionToken: "a" } } },
  { environment: { AWS_ACCESS_KEY_ID: "AKIAONE", AWS_SECRET_ACCESS_KEY: "from the environment" } },
  { environment: { AWS_ACCESS_KEY_ID: "AKIAONE", AWS_SECRET_ACCESS_KEY: "another from the environment" } },
  { environment: { AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "from the environment", AWS_SESSION_TOKEN: "a" } },
  { source: { credentialProcess: "/bin/one" } },
  { source: { credentialProcess: "/bin/one --account 2" } },
  { source: { credentialProcess: "./one" }, workingDirectory: "/a" },
  { source: { credentialProcess: "./one" }, workingDirectory: "/b" },
  { source: { loginSession: "arn:aws:iam::111111111111:user/jo" } },
  { source: { loginSession: "arn:aws:iam::111111111111:user/ann" } },
  {
    source: { loginSession: "arn:aws:iam::111111111111:user/ann" },
    environment: { AWS_LOGIN_CACHE_DIRECTORY: "/elsewhere" },
  },
  ...[
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/a" },
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/b" },
    eks,
    { ...eks, AWS_CONTAINER_AUTHORIZATION_TOKEN: "a" },
    { ...eks, AWS_CONTAINER_AUTHORIZATION_TOKEN: "b" },
    { ...eks, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/token" },
    { ...eks, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/other" },
  ].map((environment) => ({ environment, profile: { credentialSource: "EcsContainer" } })),
  ...[
    {},
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:2" },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" },
  ].map((environment) => ({ environment, profile: { credentialSource: "Ec2InstanceMetadata" } })),
  { profile: { credentialSource: "Ec2InstanceMetadata", ec2MetadataServiceEndpoint: "http://127.0.0.1:3" } },
  { source: sso },
  { source: { ...sso, ssoRoleName: "B" } },
  { source: { ...sso, ssoAccountId: "210987654321" } },
  { source: { ...sso, ssoRegion: "eu-west-2" } },
  { source: { ...sso, ssoStartUrl: "https://two" } },
  { source: sso, environment: { AWS_ENDPOINT_URL_SSO: "http://127.0.0.1:4" } },
  { source: { roleArn: role("Web"), webIdentityTokenFile: "/var/token" } },
  { source: { roleArn: role("Web"), webIdentityTokenFile: "/var/other" } },
  { source: { roleArn: role("Web2"), webIdentityTokenFile: "/var/token" } },
  { source: { roleArn: role("Web"), webIdentityTokenFile: "/var/token", roleSessionName: "pod" } },
  { source: { roleArn: role("Web"), webIdentityTokenFile: "token" }, workingDirectory: "/a" },
  { source: { roleArn: role("Web"), webIdentityTokenFile: "token" }, workingDirectory: "/b" },
  { source: { roleArn: role("Hub"), sourceProfile: "root" } },
  { source: { roleArn: role("Hub2"), sourceProfile: "root" } },
  { source: { roleArn: role("Hub"), sourceProfile: "root", externalId: "hub" } },
  { source: { roleArn: role("Hub"), sourceProfile: "root", roleSessionName: "hub" } },
  { source: { roleArn: role("Hub"), sourceProfile: "root", sourceIdentity: "hub" } },
  { source: { roleArn: role("Hub"), sourceProfile: "root", durationSeconds: "900" } },
  { source: { roleArn: role("Hub"), sourceProfile: "other root" } },
];

const endpoints: readonly Choice[] = [
  {},
  { params: { endpointUrl: "http://127.0.0.1:11" } },
  { params: { endpointUrl: "https://127.0.0.1:11" } },
  { environment: { AWS_ENDPOINT_URL_STS: "http://127.0.0.1:12" } },
  { environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:13" } },
  { environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:13/path" } },
  { profile: { endpointUrl: "http://127.0.0.1:14" } },
  { environment: { AWS_STS_REGIONAL_ENDPOINTS: "legacy" } },
];

const params = (...all: UseRoleParams[]): Choice[] => [{}, ...all.map((one) => ({ params: one }))];

/** Every dimension in which requests for a role can differ. */
export const dimensions: Readonly<Record<string, readonly Choice[]>> = {
  source: sources,
  endpoint: endpoints,
  role: [{}, { profile: { roleArn: role("Other") } }, { profile: { roleArn: "arn:aws:iam::210987654321:role/Admin" } }],
  roleSessionName: [
    ...params({ roleSessionName: "jo" }, { roleSessionName: "ann" }, { roleSessionName: "JO" }),
    { environment: { AWS_ROLE_SESSION_NAME: "of-the-environment" } },
  ],
  durationInSeconds: params({ durationInSeconds: 900 }, { durationInSeconds: 3600 }),
  externalId: params({ externalId: "aa" }, { externalId: "ab" }, { externalId: "AA" }),
  mfaSerial: params(
    { mfaSerial: "arn:aws:iam::111111111111:mfa/jo" },
    { mfaSerial: "arn:aws:iam::111111111111:mfa/x" },
  ),
  sourceIdentity: params({ sourceIdentity: "jo" }, { sourceIdentity: "ann" }),
  tags: params(
    { tags: [{ key: "team", value: "blue" }] },
    { tags: [{ key: "team", value: "red" }] },
    { tags: [{ key: "blue", value: "team" }] },
    {
      tags: [
        { key: "team", value: "blue" },
        { key: "x", value: "" },
      ],
    },
    { tags: [{ key: "teamblue", value: "" }] },
  ),
  transitiveTagKeys: params({ transitiveTagKeys: ["team"] }, { transitiveTagKeys: ["team", "x"] }),
  policy: params(
    { policy: '{"Version":"2012-10-17","Statement":[]}' },
    { policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}' },
  ),
  policyArns: params(
    { policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
    { policyArns: ["arn:aws:iam::aws:policy/ViewOnlyAccess"] },
    { policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ViewOnlyAccess"] },
  ),
};

/** Combines the choices into a request for the profile `asked`. */
function combine(choices: readonly Choice[]) {
  const merged = { params: {}, environment: {}, source: {}, profile: {}, workingDirectory: "/" };
  for (const { workingDirectory, ...choice } of choices) {
    for (const [part, more] of Object.entries(choice)) Object.assign(merged[part as keyof Choice] ?? {}, more);
    if (workingDirectory !== undefined) merged.workingDirectory = workingDirectory;
  }
  return merged;
}

/**
 * The cache key of the request's response, or the error id when the request is refused before anything is sent.
 * @param choices one for each dimension
 */
export function cacheKeyOf(choices: readonly Choice[]): string {
  const { params: asked, environment, source, profile, workingDirectory } = combine(choices);
  const usesEnvironment = "AWS_ACCESS_KEY_ID" in environment;
  const shared = profilesOf({
    asked: {
      roleArn: role("Admin"),
      ...("credentialSource" in profile
        ? {}
        : usesEnvironment
          ? { credentialSource: "Environment" }
          : { sourceProfile: "source" }),
      ...profile,
    },
    source: Object.keys(source).length > 0 ? source : keys("AKIANONE", "none"),
    root: keys("AKIAROOT", "root"),
    "other root": keys("AKIAROOT", "other"),
  });
  const context = contextOf({ HOME: "/nowhere", ...environment }, { workingDirectory, platform: "linux" });
  const core = new Core();
  const resolution = { ...core.resolution({}, { ...context, environment: { HOME: "/nowhere" } }), shared };
  const inRegion = { ...resolution, region: "eu-west-1", endpointUrl: (asked as UseRoleParams).endpointUrl };
  const plan = planRequest({ profileName: "asked", ...asked }, inRegion, context);
  return lastProvider(plan, inRegion, context).identity;
}
