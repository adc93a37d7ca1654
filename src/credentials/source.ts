/** One kind of credentials at the start of a chain. Each kind has its own file. */

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
  /** Its name in `Test-Role`. */
  readonly operation: HopOperation;
  /** The profile that contains it. */
  readonly profile?: Profile;
  /** Whether the profile itself has keys, in the file or in the keychain. */
  readonly holdsKeys?: true;
  /** Set for a web identity, where the source is itself a role. */
  readonly identity?: WebIdentity;
  /** Describes the identity for the user: `the keys of profile base`. */
  readonly summary: string;
  /** Where the credentials are configured, for diagnosis: `aws_access_key_id of profile base`. */
  place(resolution: Pick<Resolution, "shared">, environment: Environment): string;
  /** The account and key, as far as they are known without a call. */
  about(environment: Environment): Partial<DescribedIdentity>;
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
  readonly assumeRoleWithWebIdentity: (
    request: WebIdentityRequest,
    label: string,
    context: Context,
  ) => Promise<CacheEntry>;
}
