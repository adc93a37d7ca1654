/** Results for the hops of one chain. The hops are tested one by one, each of them once. */

import type { ResolutionContext } from "../assume-role/resolution-context.ts";
import type { HopProvider, Obtained } from "../credentials/provider.ts";
import type { Context } from "../protocol/context.ts";
import type { CallerIdentity } from "../protocol/role-messages.ts";

export interface DiagnosedHop {
  readonly obtained: Obtained;
  /** Whether an earlier command had already cached the credentials. */
  readonly cached: boolean;
  /** The owner of the credentials, once STS has returned it. */
  identity?: CallerIdentity;
}

/** Keyed by the provider's identity. */
export type DiagnosisState = Map<string, DiagnosedHop>;

/** Wraps a provider so that it runs once per state. No program runs twice, and no MFA code is requested twice. */
export function diagnosedProvider(
  provider: HopProvider,
  state: DiagnosisState,
  resolution: ResolutionContext,
): HopProvider {
  const { identity, request } = provider;
  return {
    ...provider,
    async obtain(context: Context) {
      const diagnosed = state.get(identity);
      if (diagnosed) return diagnosed.obtained;
      const cached =
        !resolution.noCache && request !== undefined && resolution.cache.lookup(request, context) !== undefined;
      const obtained = await provider.obtain(context);
      state.set(identity, { obtained, cached });
      return obtained;
    },
  };
}
