/** One kind of credentials where a chain can begin. Each kind has a file, which says all that there is to know of it. */

import type { CacheEntry } from "../cache/cache-request.ts";
import type { Settings } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import type { Context, Environment } from "../protocol/context.ts";
import type { DescribedIdentity, HopOperation } from "../protocol/methods.ts";
import type { ExpiryRule } from "./expired.ts";
import type { HopProvider, Resolution } from "./provider.ts";
import type { WebIdentity, WebIdentityRequest } from "./web-identity.ts";

export interface Source {
  readonly kind: string;
  /** How `Test-Role` calls it. */
  readonly operation: HopOperation;
  /** The profile it stands in. */
  readonly profile?: Profile;
  /** Of a web identity: this source is a role itself. */
  readonly identity?: WebIdentity;
  /** For people who ask who they are: `the keys of profile base`. */
  readonly summary: string;
  /** Where the credentials lie, for people who look for a fault: `aws_access_key_id of profile base`. */
  place(resolution: Pick<Resolution, "shared">, environment: Environment): string;
  /** Whose they are, as far as it can be told without a call. */
  about(environment: Environment): Partial<DescribedIdentity>;
  /** Whether they end: a role that is assumed with them lasts an hour at most. */
  isTemporary(environment: Environment): boolean;
  /** Gives them. What it is told apart by in the cache is the provider's identity or request. */
  provider(request: SourceRequest): HopProvider;
}

export interface SourceRequest {
  readonly resolution: Resolution;
  readonly context: Context;
  /** Of the profile that was asked for: for the calls that a source makes itself. */
  readonly settings: Settings;
  /** Whether a role is assumed from it. */
  readonly rule: ExpiryRule;
  /** Calls STS, which a source cannot do by itself. */
  readonly assumeRoleWithWebIdentity: (
    request: WebIdentityRequest,
    label: string,
    context: Context,
  ) => Promise<CacheEntry>;
}
