/** The messages about a role and its credentials. */

/** AWS keys in a message. `expiration` is ISO 8601 in UTC. */
export interface WireCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: string;
  accountId?: string;
}

export interface SessionTag {
  key: string;
  value: string;
}

/** The parameters of a role's session. Each has a row in `src/assume-role/session-parameters.ts`. */
export interface SessionParameters {
  roleSessionName?: string;
  /** Seconds, 900 to 43200. */
  durationInSeconds?: number;
  externalId?: string;
  mfaSerial?: string;
  sourceIdentity?: string;
  tags?: SessionTag[];
  transitiveTagKeys?: string[];
  policy?: string;
  policyArns?: string[];
}

/**
 * A role assumed without AWS credentials: with a SAML assertion, or with a web identity token, which a pipeline may issue.
 * `assertion` is the Base64 of the SAML response; `principalArn` names the identity provider in IAM. `path` is absolute, and the core reads
 * the file at each call. `audience` defaults to `sts.amazonaws.com`. Without `serviceConnectionId`, the token is that of the pipeline.
 */
export type Federation =
  | { kind: "saml"; assertion: string; principalArn: string }
  | { kind: "token"; token: string }
  | { kind: "tokenFile"; path: string }
  | { kind: "GitHubActions"; audience?: string }
  | { kind: "AzureDevOps"; serviceConnectionId?: string };

export interface UseRoleParams extends SessionParameters {
  profileName?: string;
  /** A file to use in place of `~/.aws/credentials`. A file `config` beside it, or the one in AWS_CONFIG_FILE, is read too. */
  profileLocation?: string;
  roleArn?: string;
  /** With {@link accountId}, instead of {@link roleArn}; with a session of IAM Identity Center, a role of the session. */
  roleName?: string;
  accountId?: string;
  ssoSession?: string;
  /** With {@link ssoRegion}, instead of {@link ssoSession}. */
  startUrl?: string;
  ssoRegion?: string;
  sourceProfile?: string;
  credentials?: WireCredentials;
  federation?: Federation;
  /** Whether the source is {@link credentials}, {@link federation} or the current role. For the history. */
  sourceGiven?: boolean;
  /** An MFA code from the command line. The first device that needs a code gets it. */
  tokenCode?: string;
  /** MFA codes that the user has entered since, by device. */
  tokenCodes?: Record<string, string>;
  region?: string;
  endpointUrl?: string;
  /** Neither read nor write cached credentials. */
  noCache?: boolean;
  /** One id per request, kept while the request asks for codes. All ids of one cmdlet invocation share the part before the slash. */
  invocationId?: string;
}

/**
 * How to renew credentials: `silent`, without the user; `session`, without the user until the MFA session ends; `code`, with a
 * new MFA code; `given`, not at all, because the caller supplied the source credentials.
 */
export type Renewal = "silent" | "session" | "code" | "given";

export interface AssumedRoleUser {
  arn: string;
  assumedRoleId: string;
}

export interface UseRoleResult extends WireCredentials {
  assumedRoleUser?: AssumedRoleUser;
  sourceIdentity?: string;
  /** Size of policies and tags, in percent of the maximum. */
  packedPolicySize?: number;
  roleArn?: string;
  /** The configured region; absent if none is configured. */
  region?: string;
  /** The requested profile. */
  profileName?: string;
  /** The profile that the request names as the source of the role. */
  sourceProfile?: string;
  /** Whether temporary credentials assumed the role, which limits it to an hour. */
  chained?: boolean;
  /** How to renew the credentials when they expire. */
  renewal?: Renewal;
}

export interface AbandonParams {
  invocationId: string;
}

/** The command-line arguments with which the core outputs new credentials for the same role. */
export interface RefreshArguments {
  arguments: string[];
}

/** The identity outside of any entered role, as far as it is known without a call. */
export interface DescribedIdentity {
  /** A readable name: `the environment`, `the keys of profile default`; `none` if there is a problem. */
  source: string;
  profileName?: string;
  roleArn?: string;
  /** For IAM Identity Center: the permission set, whose role has a different name. */
  roleName?: string;
  account?: string;
  expiration?: string;
  region?: string;
  problem?: string;
}

export interface CallerIdentity {
  account: string;
  arn: string;
}
