/**
 * What the module can ask of the core. A method is a key of {@link Methods} with its parameters and its result;
 * `src/server/handlers.ts` does not compile when one has no handler.
 */

import type { SystemProxy } from "./context.ts";
import type { Setting } from "./setting.ts";

/** What every request brings from its caller. */
export interface CallerContext {
  /** The caller's environment variables at this moment. */
  environment: Record<string, string>;
  /** The caller's current folder, an absolute path. */
  workingDirectory: string;
  /** The operating system's proxy, where the environment names none. */
  systemProxy?: SystemProxy;
}

/** AWS keys as they travel. `expiration` is ISO 8601 in UTC. */
export interface WireCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: string;
  accountId?: string;
}

/** What a request can say of a role's session: each is a row of `src/assume-role/session-parameters.ts`. */
export interface SessionParameters {
  roleSessionName?: string;
  /** Seconds, 900 to 43200. */
  durationInSeconds?: number;
  externalId?: string;
  mfaSerial?: string;
  sourceIdentity?: string;
  tags?: { key: string; value: string }[];
  transitiveTagKeys?: string[];
  policy?: string;
  policyArns?: string[];
}

export interface UseRoleParams extends SessionParameters {
  profileName?: string;
  /** A file that stands in for `~/.aws/credentials`. A file `config` beside it, or the one in AWS_CONFIG_FILE, adds to what is read. */
  profileLocation?: string;
  roleArn?: string;
  /** With {@link accountId}, instead of {@link roleArn}. */
  roleName?: string;
  accountId?: string;
  sourceProfile?: string;
  credentials?: WireCredentials;
  /** A code that the user gave beforehand; for the first device that wants one. */
  tokenCode?: string;
  /** Codes asked for since, by device. */
  tokenCodes?: Record<string, string>;
  region?: string;
  endpointUrl?: string;
  /** Neither read nor write cached credentials. */
  noCache?: boolean;
  /** One per request, kept while it asks for codes. All requests of one invocation of a cmdlet begin with the same part, up to a slash. */
  invocationId?: string;
}

/**
 * How credentials can be had again when they end: `silent`, without anybody; `session`, for as long as the MFA session behind them
 * lasts; `code`, with another MFA code; `given`, not at all, because the caller brought their source along.
 */
export type Renewal = "silent" | "session" | "code" | "given";

export interface UseRoleResult extends WireCredentials {
  assumedRoleUser?: { arn: string; assumedRoleId: string };
  sourceIdentity?: string;
  /** Percent of the allowed size that policies and tags take up. */
  packedPolicySize?: number;
  roleArn?: string;
  /** The region that was chosen for the caller, absent when nobody chose one. */
  region?: string;
  /** The profile that was asked for. */
  profileName?: string;
  /** Temporary credentials assumed the role: an hour is the most it lasts. */
  chained?: boolean;
  /** How the credentials can be had again when they end. */
  renewal?: Renewal;
}

/** A role in the history of those used lately. */
export interface UsedRole {
  roleArn: string;
  /** ISO 8601, UTC. */
  lastUsed: string;
  /** What the console calls it, and the colour it has there, six hexadecimal digits. */
  displayName?: string;
  color?: string;
  /** The profile it was used by, where there was one. */
  profileName?: string;
  region?: string;
}

/** Who one is without a role entered, as far as can be told without a call. */
export interface DescribedIdentity {
  /** As people read it: `the environment`, `the keys of profile default`; `none` with a problem. */
  source: string;
  profileName?: string;
  roleArn?: string;
  /** Of IAM Identity Center: a permission set, whose role has a name of its own. */
  roleName?: string;
  account?: string;
  /** All but its end masked. */
  accessKeyId?: string;
  expiration?: string;
  region?: string;
  problem?: string;
}

/** A link to the console's Switch Role page. One of role ARN, profile, or name and account says which role. */
export interface SwitchRoleParams {
  roleArn?: string;
  profileName?: string;
  profileLocation?: string;
  roleName?: string;
  /** Twelve digits or the account's alias. */
  account?: string;
  /** Tells the partition where an account's alias or id is given. */
  region?: string;
  displayName?: string;
  color?: string;
}

export interface SignInParams extends UseRoleParams {
  /** A page of the console: its URL, or its path. */
  destination?: string;
  /** Seconds that the console session is to last, 900 to 43200; an hour at most for a chained role. */
  sessionDurationInSeconds?: number;
  /** Of credentials that were given: whether they are those of a chained role, and the partition of their role. */
  chained?: boolean;
  partition?: string;
}

/** What can be completed. */
export type CompletionSubject =
  | "profile"
  | "role"
  | "roleOrProfile"
  | "roleName"
  | "account"
  | "region"
  | "mfaSerial"
  | "policy"
  | "credentialSource"
  | "color";

export interface CompletionParams {
  subject: CompletionSubject;
  /** What is typed so far, without quotes. */
  word: string;
  profileLocation?: string;
  /** What the other parameters of the command line say already, where that narrows the choice. */
  accountId?: string;
  roleName?: string;
  roleArn?: string;
}

export interface Completion {
  text: string;
  /** What it is, one line. */
  tip: string;
}

export interface ProfileName {
  profileName: string;
  profileLocation?: string;
}

/** A profile without its secrets. */
export interface ProfileSummary {
  name: string;
  settings: { [S in Setting]?: string };
}

export interface StoreProfileParams extends ProfileName {
  /** A text is stored, `null` removes, what is absent stays. */
  settings: { [S in Setting]?: string | null };
  whatIf?: boolean;
}

export interface CopyProfileParams {
  from: string;
  to: string;
  profileLocation?: string;
  /** Stored in the copy in place of what `from` says, as in `profile/store`. */
  settings?: StoreProfileParams["settings"];
  whatIf?: boolean;
}

/** What a write did, or would do. */
export interface FileChanges {
  files: string[];
  /** Things the user should know, such as a file that others may read. */
  warnings: string[];
}

export interface CallerIdentity {
  account: string;
  arn: string;
  userId: string;
}

/** One hop of a chain is tested: each by itself, so that it can be shown as soon as it is done. */
export interface TestRoleParams extends UseRoleParams {
  /** Counted from 1; the first is the source. */
  hop: number;
  /** The same for all hops of a chain: what was obtained for one is there for the next. */
  invocationId: string;
}

/** How a hop's credentials are got: a call to STS, or where they lie. `Profile` is the reading of the profiles itself. */
export type HopOperation =
  | "AssumeRole"
  | "AssumeRoleWithWebIdentity"
  | "Credential"
  | "CredentialProcess"
  | "Ec2InstanceMetadata"
  | "EcsContainer"
  | "Environment"
  | "GetRoleCredentials"
  | "GetSessionToken"
  | "Keys"
  | "Login"
  | "Profile";

/** `Certain`: STS said so, or it was seen. `Likely` and `Possible` are guesses, the better ones first. */
export type Likelihood = "Certain" | "Likely" | "Possible";

export interface LikelyCause {
  /** A word of its own, or the error's id. */
  id: string;
  likelihood: Likelihood;
  explanation: string;
  action: string;
}

export interface HopReport {
  number: number;
  /** Nothing follows: the chain ends here, or failed here. */
  last: boolean;
  operation: HopOperation;
  /** As people read it: `role arn:… (profile prod)`. */
  hop: string;
  profileName?: string;
  roleArn?: string;
  /** Whose credentials the hop's call is made with. */
  source?: string;
  identity?: CallerIdentity;
  /** The STS that was called: by the hop, or to ask whose its credentials are. */
  endpoint?: string;
  region?: string;
  expiration?: string;
  cached: boolean;
  succeeded: boolean;
  /** An MFA code was used up, and is not to be given again. */
  codeTaken?: boolean;
  /** Seconds by which this machine's clock is ahead of (positive) or behind the server's, where it is worth telling. */
  clockSkewSeconds?: number;
  /** With `MfaRequired`, `mfaSerial` is the device: with its code the same hop may be asked for again. */
  error?: { id: string; message: string; awsCode?: string; mfaSerial?: string };
  /** The most likely one first; none where the hop succeeded. */
  causes: LikelyCause[];
  /** Policies that allow this hop, as JSON text: of the role whom it trusts, and of the caller what it may do. */
  trustPolicy?: string;
  identityPolicy?: string;
}

export interface Methods {
  /** A sign of life. */
  "core/ping": { params: Record<string, never>; result: Record<string, never> };
  "profile/list": { params: { profileLocation?: string }; result: { profiles: ProfileSummary[] } };
  "profile/get": { params: ProfileName; result: ProfileSummary };
  "profile/store": { params: StoreProfileParams; result: FileChanges };
  "profile/copy": {
    params: CopyProfileParams;
    result: FileChanges;
  };
  "profile/remove": { params: ProfileName & { whatIf?: boolean }; result: FileChanges };
  "role/use": { params: UseRoleParams; result: UseRoleResult };
  /** The person did not give the code that `MfaRequired` asked for: let another caller be asked. */
  "role/abandon": { params: { invocationId: string }; result: Record<string, never> };
  "role/test": { params: TestRoleParams; result: HopReport };
  "identity/get": { params: UseRoleParams; result: CallerIdentity };
  /** Who one is without a role entered, without a call. */
  "identity/describe": { params: Record<string, never>; result: DescribedIdentity };
  /** The arguments with which the core, as a command, gives the same role again. */
  "role/refresh": { params: UseRoleParams; result: { arguments: string[] } };
  "history/list": { params: Record<string, never>; result: { roles: UsedRole[] } };
  "history/clear": { params: { roleArn?: string; whatIf?: boolean }; result: { roles: UsedRole[] } };
  "console/switch-role": {
    params: SwitchRoleParams;
    result: { link: string; roleArn?: string; displayName?: string; color?: string };
  };
  "console/sign-in": { params: SignInParams; result: { link: string; roleArn?: string } };
  "completion/list": { params: CompletionParams; result: { completions: Completion[] } };
  "cache/clear": { params: { profileName?: string; roleArn?: string }; result: { removed: number } };
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]["params"];
