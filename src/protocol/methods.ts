/**
 * The requests from the module to the core. A method is a key of {@link Methods} with its parameters and its result.
 * `src/server/handlers.ts` does not compile if a method has no handler. `cmdlets/Protocol` declares the same messages in C#, under the
 * same names; `test/protocol/records.test.ts` compares the two.
 */

import type { Setting } from "./setting.ts";

/** The caller's surroundings, sent with every request. */
export interface CallerContext {
  /** The caller's environment variables at this moment. */
  environment: Record<string, string>;
  /** The caller's current folder, an absolute path. */
  workingDirectory: string;
  /** Whether the caller answers `$/findProxy`. */
  knowsSystemProxy?: boolean;
}

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

/** A role assumed without AWS credentials: with a SAML assertion (Base64), or with a web identity token, which a pipeline may issue. */
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

/** The result of a request, as far as an endpoint serves it. */
export interface ServedCredentials extends WireCredentials {
  roleArn?: string;
}

export interface OpenEndpointParams {
  request: UseRoleParams;
  /** What the request has just returned. */
  current: ServedCredentials;
}

export interface OpenedEndpoint {
  url: string;
  /** The authorization token. */
  token: string;
  /** The settings of the default profile, for programs that do not read the AWS files. */
  variables: Record<string, string>;
}

export interface CloseEndpointParams {
  url: string;
}

export interface AbandonParams {
  invocationId: string;
}

/** The command-line arguments with which the core outputs new credentials for the same role. */
export interface RefreshArguments {
  arguments: string[];
}

/** A role in the history of recently used roles. */
export interface UsedRole {
  roleArn: string;
  /** ISO 8601, UTC. */
  lastUsed: string;
  /** Its display name in the console. Its colour there has six hexadecimal digits. */
  displayName?: string;
  color?: string;
  /** The profile that defines it, if it was used through one. */
  profileName?: string;
  /** The profile that was named as its source. */
  sourceProfile?: string;
  region?: string;
}

export interface RoleHistory {
  roles: UsedRole[];
}

export interface ClearHistoryParams {
  /** Absent: all roles. */
  roleArn?: string;
  whatIf?: boolean;
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
  /** Masked except for its end. */
  accessKeyId?: string;
  expiration?: string;
  region?: string;
  problem?: string;
}

/** Parameters for a link to the console's Switch Role page. A role ARN, a profile, or a name and an account name the role. */
export interface SwitchRoleParams {
  /** A session of IAM Identity Center, whose role {@link roleName} is. */
  ssoSession?: string;
  startUrl?: string;
  ssoRegion?: string;
  roleArn?: string;
  profileName?: string;
  profileLocation?: string;
  roleName?: string;
  /** Twelve digits or the account's alias. */
  account?: string;
  /** Determines the partition for an account alias or id. */
  region?: string;
  displayName?: string;
  color?: string;
  container?: BrowserContainer;
}

/** A container of Firefox that opens the link. */
export interface BrowserContainer {
  name: string;
  color?: string;
  icon?: string;
}

export interface SwitchRoleLink {
  link: string;
  roleArn?: string;
  displayName?: string;
  color?: string;
}

export interface SignInParams extends UseRoleParams {
  /** A page of the console: a service, or the page's URL or path. */
  destination?: string;
  container?: BrowserContainer;
  /** The duration of the console session in seconds, 900 to 43200; at most an hour for a chained role. */
  sessionDurationInSeconds?: number;
  /** For given credentials: whether they belong to a chained role, and the partition of the role. */
  chained?: boolean;
  partition?: string;
}

/** The link signs in whoever has it. */
export interface SignInLink {
  link: string;
  roleArn?: string;
}

export interface LoginParams {
  /** Default: the profile of the environment. */
  profileName?: string;
  profileLocation?: string;
  /** The region of AWS Sign-In, and of the profile if it has none. */
  region?: string;
  /** The browser is on another device. */
  remote?: boolean;
  force?: boolean;
}

export interface LogoutParams {
  profileName?: string;
  profileLocation?: string;
  all?: boolean;
}

/** The kinds of completions. */
export type CompletionSubject =
  | "profile"
  | "role"
  | "roleOrProfile"
  | "roleName"
  | "account"
  | "ssoSession"
  | "region"
  | "mfaSerial"
  | "policy"
  | "credentialSource"
  | "color"
  | "destination"
  | "containerColor"
  | "containerIcon";

export interface CompletionParams {
  subject: CompletionSubject;
  /** The text typed so far, without quotes. */
  word: string;
  profileLocation?: string;
  /** Other parameters on the command line that narrow the choice. */
  accountId?: string;
  roleName?: string;
  roleArn?: string;
  ssoSession?: string;
}

export interface Completion {
  text: string;
  /** A description in one line. */
  tip: string;
}

export interface CompletionList {
  completions: Completion[];
}

export interface ListProfilesParams {
  profileLocation?: string;
}

export interface ProfileParams extends ListProfilesParams {
  profileName: string;
}

export interface RemoveProfileParams extends ProfileParams {
  whatIf?: boolean;
}

/** Where keys are kept: in the AWS files, in the system's keychain, or in a vault of PowerShell's SecretManagement. */
export type KeyStore = "file" | "keychain" | "vault";

/** A profile without its secrets. */
export interface ProfileSummary {
  name: string;
  /** Where its keys are, if it has keys. */
  keyStore?: KeyStore;
  settings: { [S in Setting]?: string };
}

export interface ProfileList {
  profiles: ProfileSummary[];
}

/** A vault of SecretManagement, which the caller has given the keys. */
export interface SecretVault {
  name: string;
  /** The absolute path of PowerShell, which other AWS tools run. */
  powerShell: string;
  /** The access key in the vault. Absent with `whatIf`. */
  accessKey?: string;
}

export interface StoreProfileParams extends ProfileParams {
  /** A text sets a setting, `null` removes it, and an absent one stays unchanged. */
  settings: { [S in Setting]?: string | null };
  /** Keep the keys in the system's keychain: the given ones, or else those that the profile has. */
  vault?: boolean;
  /** Name a vault of SecretManagement in the profile, in place of the keys. */
  secretVault?: SecretVault;
  whatIf?: boolean;
}

export interface CopyProfileParams extends ListProfilesParams {
  from: string;
  to: string;
  /** Whether `to` gets the credentials of `from` from the module's command, as its `credential_process`, instead of a copy. */
  asProcess?: boolean;
  /** Settings that override those of `from`, as in `profile/store`. */
  settings?: { [S in Setting]?: string | null };
  whatIf?: boolean;
}

/** The effect of a write, made or planned. */
export interface FileChanges {
  files: string[];
  /** Warnings for the user, such as a file that others may read. */
  warnings: string[];
}

/** A sign-in that this machine holds. */
export interface SignedIn {
  /** When it ends, unless it is renewed. ISO 8601, UTC. */
  expiration: string;
  /** Whether it is renewed without the user. */
  renewable: boolean;
  /** For IAM Identity Center. */
  ssoSession?: string;
  startUrl?: string;
  ssoRegion?: string;
  /** For a sign-in with console credentials. */
  login?: LoginIdentity;
}

/** Who signed in with console credentials, and the profile that holds the sign-in. */
export interface LoginIdentity {
  profileName: string;
  /** The ARN of the identity: `login_session` in the profile. */
  loginSession: string;
  accountId?: string;
  region: string;
}

/**
 * How far a sign-in in the browser is. The caller opens the link of `browser`, then asks with `sign-in/wait` for the next step.
 * `elsewhere`: another session is signing in to the same place; its sign-in counts.
 */
export type SignInStep =
  | { state: "done"; signedIn: SignedIn }
  | { state: "elsewhere"; signInId: string }
  | ({ state: "browser"; signInId: string } & SignInPage);

export interface SignInIdParams {
  signInId: string;
}

export interface WaitForSignInParams extends SignInIdParams {
  /** The code that the page shows at its end, if the step wants one. */
  code?: string;
}

export interface EndedLogins {
  removed: number;
}

/** The page on which the user signs in. */
export interface SignInPage {
  /** The address for the browser. It holds no secret. */
  link: string;
  /** For a device code: the short address and the code to type there. */
  address?: string;
  userCode?: string;
  /** The page shows a code at the end, which `sign-in/wait` needs. */
  wantsCode?: boolean;
  /** When the page stops being valid. ISO 8601, UTC. */
  expiration: string;
}

export interface RotateKeyParams extends ProfileParams {
  whatIf?: boolean;
}

/** A rotated access key. With `whatIf`, only the profiles are known. */
export interface RotatedKey {
  profileNames: string[];
  keyStore: KeyStore;
  arn?: string;
  /** Masked except for their ends. */
  oldAccessKeyId?: string;
  newAccessKeyId?: string;
  /** Whether it completed a rotation that was interrupted. */
  resumed?: boolean;
  warnings: string[];
}

/** Selects a session of IAM Identity Center: by name, through a profile, or by its start URL. Without any, the environment's profile does. */
export interface SsoSessionChoice {
  ssoSession?: string;
  profileName?: string;
  profileLocation?: string;
  startUrl?: string;
  /** The region of IAM Identity Center. Required with a start URL. */
  ssoRegion?: string;
}

export interface StoreSessionParams {
  ssoSession: string;
  startUrl?: string;
  ssoRegion?: string;
  /** `sso_registration_scopes`, separated by commas. */
  scopes?: string;
  profileLocation?: string;
  whatIf?: boolean;
}

/** A session of IAM Identity Center. */
export interface ChosenSession {
  ssoSession?: string;
  startUrl: string;
  ssoRegion: string;
}

/** Where to sign in to IAM Identity Center, under the names of Connect-IdentityCenter. */
export interface SignInPlace {
  ssoSession?: string;
  profileName?: string;
  startUrl?: string;
  ssoRegion?: string;
  /** Set if the service refused the sign-in that there is. */
  force?: boolean;
}

export interface StartSignInParams extends SsoSessionChoice {
  useDeviceCode?: boolean;
  force?: boolean;
}

export interface SignOutParams extends SsoSessionChoice {
  whatIf?: boolean;
}

export interface SignOutResult extends ChosenSession {
  signedOut: boolean;
  warnings: string[];
}

export interface ListRoleNamesParams extends SsoSessionChoice {
  accountId: string;
}

export interface RoleNameList {
  roleNames: string[];
}

/** A role that IAM Identity Center assigns to the user. */
export interface SsoRole {
  accountId: string;
  roleName: string;
}

export interface ListGoneRolesParams extends SsoSessionChoice {
  /** Roles that the caller has just listed, which are not looked up again. */
  roles: SsoRole[];
}

/** A stored profile whose account or role IAM Identity Center no longer lists. */
export interface GoneRole extends SsoRole {
  profileName: string;
  /** Whether the module wrote the profile, and no one has edited it since. */
  generated: boolean;
}

export interface GoneRoleList {
  profiles: GoneRole[];
}

/** A profile to store for a role of IAM Identity Center, if its name is free. */
export interface RoleProfile {
  profileName: string;
  settings: { [S in Setting]?: string };
}

export interface StoreRolesParams {
  profiles: RoleProfile[];
  /** Names of profiles to remove, if the module generated them. */
  removes: string[];
  profileLocation?: string;
  whatIf?: boolean;
}

/** A stored profile that has the name of a role's profile, and another value of a setting. */
export interface RoleConflict {
  profileName: string;
  setting: string;
}

export interface StoredRoles {
  files: string[];
  added: string[];
  removed: string[];
  unchanged: string[];
  conflicts: RoleConflict[];
}

/** An account that IAM Identity Center assigns to the user. */
export interface SsoAccount {
  accountId: string;
  accountName: string;
  emailAddress: string;
}

export interface AccountList {
  session: ChosenSession;
  accounts: SsoAccount[];
}

export interface CallerIdentity {
  account: string;
  arn: string;
  userId: string;
}

/** A test of one hop of a chain. Each hop is a separate request, so that the cmdlet can show it as soon as it is done. */
export interface TestRoleParams extends UseRoleParams {
  /** Counted from 1. The first hop is the source. */
  hop: number;
  /** The same for all hops of a chain, so that each hop reuses the results of earlier ones. */
  invocationId: string;
}

/** How a hop gets its credentials: by a call to STS or from a source. `Profile` means that reading the profiles failed. */
export type HopOperation =
  | "AssumeRole"
  | "AssumeRoleWithSAML"
  | "AssumeRoleWithWebIdentity"
  | "Credential"
  | "CredentialProcess"
  | "Ec2InstanceMetadata"
  | "EcsContainer"
  | "Environment"
  | "GetRoleCredentials"
  | "GetSessionToken"
  | "Keychain"
  | "Keys"
  | "Login"
  | "Profile";

/** `Certain`: STS named the cause, or it was observed. `Likely` and `Possible` are guesses, in descending likelihood. */
export type Likelihood = "Certain" | "Likely" | "Possible";

export interface LikelyCause {
  /** An id for the cause, or the id of the error. */
  id: string;
  likelihood: Likelihood;
  explanation: string;
  action: string;
}

export interface HopError {
  id: string;
  message: string;
  awsCode?: string;
  mfaSerial?: string;
  mfaProblem?: string;
}

export interface HopReport {
  number: number;
  /** Whether the chain ends or fails at this hop. */
  last: boolean;
  operation: HopOperation;
  /** A readable name: `role arn:… (profile prod)`. */
  hop: string;
  profileName?: string;
  roleArn?: string;
  /** The owner of the credentials that sign the hop's call. */
  source?: string;
  identity?: CallerIdentity;
  /** The STS endpoint that the hop called, or that identified its credentials. */
  endpoint?: string;
  region?: string;
  expiration?: string;
  cached: boolean;
  succeeded: boolean;
  /** Whether the hop used up an MFA code, which must not be sent again. */
  codeTaken?: boolean;
  /** Seconds by which this machine's clock is ahead of (positive) or behind the server's, if it is significant. */
  clockSkewSeconds?: number;
  /** With `MfaRequired`, `mfaSerial` is the device whose code is needed to retry the hop; `mfaProblem` is that of `mfa_process`. */
  error?: HopError;
  /** The most likely cause first; empty if the hop succeeded. */
  causes: LikelyCause[];
  /** What to improve although the hop works: keys in plain text, old keys. */
  advice?: string[];
  /** Policies that would allow this hop, as JSON text: the role's trust policy and the caller's identity policy. */
  trustPolicy?: string;
  identityPolicy?: string;
}

export interface ClearCacheParams {
  /** With neither: all entries. */
  profileName?: string;
  roleArn?: string;
}

export interface ClearedCache {
  removed: number;
}

/** No parameters, or no result. */
export type Nothing = Record<string, never>;

export interface Methods {
  /** Checks that the core responds. */
  "core/ping": { params: Nothing; result: Nothing };
  "profile/list": { params: ListProfilesParams; result: ProfileList };
  "profile/get": { params: ProfileParams; result: ProfileSummary };
  "profile/store": { params: StoreProfileParams; result: FileChanges };
  "profile/copy": { params: CopyProfileParams; result: FileChanges };
  "profile/remove": { params: RemoveProfileParams; result: FileChanges };
  "key/rotate": { params: RotateKeyParams; result: RotatedKey };
  "role/use": { params: UseRoleParams; result: UseRoleResult };
  /** Reports that the user did not enter the code that `MfaRequired` asked for, so that the core can ask another caller. */
  "role/abandon": { params: AbandonParams; result: Nothing };
  "role/test": { params: TestRoleParams; result: HopReport };
  "role/refresh": { params: UseRoleParams; result: RefreshArguments };
  "identity/get": { params: UseRoleParams; result: CallerIdentity };
  /** The identity outside of any entered role. Makes no call. */
  "identity/describe": { params: Nothing; result: DescribedIdentity };
  /** Serves a role's credentials on loopback, in the format of containers, and renews them. */
  "endpoint/open": { params: OpenEndpointParams; result: OpenedEndpoint };
  "endpoint/close": { params: CloseEndpointParams; result: Nothing };
  "history/list": { params: Nothing; result: RoleHistory };
  "history/clear": { params: ClearHistoryParams; result: RoleHistory };
  "console/switch-role": { params: SwitchRoleParams; result: SwitchRoleLink };
  "console/sign-in": { params: SignInParams; result: SignInLink };
  "identity-center/sign-in": { params: StartSignInParams; result: SignInStep };
  /** Ends the sign-in, and forgets the credentials that came from it. */
  "identity-center/sign-out": { params: SignOutParams; result: SignOutResult };
  "identity-center/accounts": { params: SsoSessionChoice; result: AccountList };
  /** Stores an `[sso-session]`. */
  "identity-center/store-session": { params: StoreSessionParams; result: FileChanges };
  /** Stores a profile for each role in one change, and removes generated ones. */
  "identity-center/store-roles": { params: StoreRolesParams; result: StoredRoles };
  /** Finds the session's stored profiles whose account or role is gone. */
  "identity-center/gone-roles": { params: ListGoneRolesParams; result: GoneRoleList };
  "identity-center/role-names": { params: ListRoleNamesParams; result: RoleNameList };
  /** Waits for the next step. Cancelling the request ends the sign-in. */
  "sign-in/wait": { params: WaitForSignInParams; result: SignInStep };
  /** Reports that the caller does not wait for the sign-in any more. */
  "sign-in/abandon": { params: SignInIdParams; result: Nothing };
  /** Begins a sign-in with console credentials, for a profile that the sign-in may create. */
  "login/begin": { params: LoginParams; result: SignInStep };
  /** Forgets the sign-in of a profile, or all sign-ins, and the roles that were assumed with them. */
  "login/end": { params: LogoutParams; result: EndedLogins };
  "completion/list": { params: CompletionParams; result: CompletionList };
  "cache/clear": { params: ClearCacheParams; result: ClearedCache };
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]["params"];
