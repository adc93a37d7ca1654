/** One kind of credentials at the start of a chain. Each kind has its own file. */

import type { CacheEntry } from "../cache/cache-request.ts";
import type { Setting, Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context, Environment } from "../protocol/context.ts";
import type { HopOperation } from "../protocol/diagnosis-messages.ts";
import type { DescribedIdentity, SessionParameters } from "../protocol/role-messages.ts";
import type { ExpiryRule } from "./expired.ts";
import type { HopProvider, Resolution } from "./provider.ts";

/** A kind of credentials that a profile can have. Its file says how a profile names it, what it is called, and where it gets credentials. */
export interface ProfileKind {
  /** Whether a profile names this kind, even incompletely. */
  readonly isIn: (settings: Settings) => boolean;
  /** The settings that select it. One of them without a value is an error: see empty-settings.ts. */
  readonly selectedBy?: readonly Setting[];
  /** What the profile has, in errors: `a credential process`. */
  readonly noun: string;
  /** Its name in lists of profiles. */
  readonly label: (settings: Settings) => string;
  readonly sourceOf: (profile: Profile, environment: Environment) => Source;
}

export interface Source {
  /** Its kind, and its name in `Test-Role`. */
  readonly operation: HopOperation;
  /** The profile that contains it. */
  readonly profile?: Profile;
  /** Whether the profile itself has keys, in the file or in the keychain. */
  readonly holdsKeys?: true;
  /** Set for a web identity or a SAML assertion, where the source is itself a role. */
  readonly identity?: FederatedRole;
  /** Whether the request brings something that cannot be used again when the credentials expire. */
  readonly isGiven?: boolean;
  /** Describes the identity for the user: `the keys of profile base`. */
  readonly summary: string;
  /** Where the credentials are configured, for diagnosis: `aws_access_key_id of profile base`. */
  place(resolution: Pick<Resolution, "shared">, environment: Environment): string;
  /** The role, account and expiration, as far as they are known without a call. */
  about?(environment: Environment): Partial<DescribedIdentity>;
  /** Whether the credentials are temporary: a role assumed with them lasts an hour at most. */
  isTemporary(environment: Environment): boolean;
  /** Creates the provider, whose identity or request is the cache key. */
  provider(request: SourceRequest): HopProvider;
}

export interface SourceRequest {
  readonly resolution: Resolution;
  readonly context: Context;
  /** Settings of the requested profile, which apply to the source's own calls. */
  readonly settings: Settings;
  /** Set if a role is assumed from the source. */
  readonly rule: ExpiryRule;
  /** Calls STS, which a source cannot do by itself. */
  readonly assumeFederatedRole: AssumeFederatedRole;
}

export interface FederatedRole {
  readonly roleArn: string;
  readonly tokenFile?: string;
  /** The profile that contains it; absent if it comes from the environment or the request. */
  readonly profileName?: string;
}

export type AssumeFederatedRole = (request: FederatedRequest, label: string, context: Context) => Promise<CacheEntry>;

/** The session parameters that AssumeRoleWithSAML and AssumeRoleWithWebIdentity accept. */
export type FederatedSession = Pick<
  SessionParameters,
  "roleSessionName" | "durationInSeconds" | "policy" | "policyArns"
>;

/** An unsigned call to STS. The caller chooses the default session name. */
export interface FederatedRequest {
  readonly roleArn: string;
  readonly profileName?: string | undefined;
  /** A SAML assertion, or a web identity token. */
  readonly token: string;
  /** Where the token is from, for errors. */
  readonly tokenPlace: string;
  /** Set for a SAML assertion. */
  readonly principalArn?: string;
  readonly session: FederatedSession;
}
