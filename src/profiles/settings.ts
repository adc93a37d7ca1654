import type { Setting } from "../protocol/setting.ts";

/**
 * The one place that knows AWS's snake_case keys.
 * The left side is our word, the right side is the key in `~/.aws/config` or `~/.aws/credentials`.
 */
export const settingKeys = {
  accessKeyId: "aws_access_key_id",
  secretAccessKey: "aws_secret_access_key",
  sessionToken: "aws_session_token",
  accountId: "aws_account_id",

  roleArn: "role_arn",
  sourceProfile: "source_profile",
  credentialSource: "credential_source",
  mfaSerial: "mfa_serial",
  externalId: "external_id",
  roleSessionName: "role_session_name",
  durationSeconds: "duration_seconds",
  webIdentityTokenFile: "web_identity_token_file",
  // aws-vault's names for what the AWS CLI lacks
  sourceIdentity: "source_identity",
  sessionTags: "session_tags",
  transitiveSessionTags: "transitive_session_tags",
  mfaProcess: "mfa_process",
  // ours: get a session with MFA first, and assume roles from that
  mfaSession: "mfa_session",

  credentialProcess: "credential_process",
  loginSession: "login_session",
  ssoSession: "sso_session",
  ssoAccountId: "sso_account_id",
  ssoRoleName: "sso_role_name",
  ssoRegion: "sso_region",
  ssoStartUrl: "sso_start_url",
  ssoRegistrationScopes: "sso_registration_scopes",

  region: "region",
  output: "output",
  endpointUrl: "endpoint_url",
  services: "services",
  ignoreConfiguredEndpointUrls: "ignore_configured_endpoint_urls",
  stsRegionalEndpoints: "sts_regional_endpoints",
  useFipsEndpoint: "use_fips_endpoint",
  useDualstackEndpoint: "use_dualstack_endpoint",
  caBundle: "ca_bundle",
  maxAttempts: "max_attempts",
  retryMode: "retry_mode",
  ec2MetadataServiceEndpoint: "ec2_metadata_service_endpoint",
  ec2MetadataServiceEndpointMode: "ec2_metadata_service_endpoint_mode",
  metadataServiceTimeout: "metadata_service_timeout",
  metadataServiceNumAttempts: "metadata_service_num_attempts",
} as const satisfies Record<Setting, string>;

export type { Setting };

/** A section's settings as the files have them: unchecked text, or absent. */
export type Settings = { readonly [S in Setting]?: string };

/** The keys of a user or a session, which belong together. */
export const keySettings: ReadonlySet<Setting> = new Set([
  "accessKeyId",
  "secretAccessKey",
  "sessionToken",
  "accountId",
]);

/** The older key of the session token. The AWS CLI still reads it, and prefers it. */
export const olderTokenKey = "aws_security_token";

/** aws-vault's key for the settings of another profile. AWS tools ignore it. */
export const includeProfileKey = "include_profile";

/** Our key for the digest of a profile that the module generated: `generated.ts`. AWS tools ignore it. */
export const generatedDigestKey = "role_credentials_digest";

/** The settings that describe a role of IAM Identity Center. */
export const ssoSettings = [
  "ssoSession",
  "ssoAccountId",
  "ssoRoleName",
  "ssoStartUrl",
  "ssoRegion",
] as const satisfies readonly Setting[];

/** The setting of a key in the files; undefined for a key that this module does not use. */
export function settingOf(key: string): Setting | undefined {
  return settings.get(key);
}

const settings: ReadonlyMap<string, Setting> = new Map([
  ...Object.entries(settingKeys).map(([setting, key]) => [key as string, setting as Setting] as const),
  [olderTokenKey, "sessionToken"],
]);
