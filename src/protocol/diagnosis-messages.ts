/** The messages of Test-Role. */
import type { CallerIdentity, UseRoleParams } from "./role-messages.ts";

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
  /** Whether the hop used an MFA code, which must not be sent again. */
  codeTaken?: boolean;
  /** Seconds by which this machine's clock is ahead of (positive) or behind the server's, if it is significant. */
  clockSkewSeconds?: number;
  /** With `MfaRequired`, `mfaSerial` is the device whose code is needed to retry the hop; `mfaProblem` is that of `mfa_process`. */
  error?: HopError;
  /** The most likely cause first; empty if the hop succeeded. */
  causes: LikelyCause[];
  /** What to improve although the hop succeeded, one sentence each: keys in plain text, old keys. */
  advice?: string[];
  /** Policies that would allow this hop, as JSON text: the role's trust policy and the caller's identity policy. */
  trustPolicy?: string;
  identityPolicy?: string;
}
