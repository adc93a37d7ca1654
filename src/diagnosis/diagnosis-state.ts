/** What a state along a chain has found: its hops are tested one by one, and none of them twice. */

import type { HopProvider, Obtained, ResolutionContext } from "../assume-role/hop-provider.ts";
import type { Context } from "../protocol/context.ts";
import type { CallerIdentity } from "../protocol/methods.ts";

export interface DiagnosedHop {
  readonly obtained: Obtained;
  /** Whether they were there already, from an earlier command. */
  readonly cached: boolean;
  /** Whom the credentials belong to, once STS was asked. */
  identity?: CallerIdentity;
}

/** By the provider's identity. */
export type DiagnosisState = Map<string, DiagnosedHop>;

/** The provider, asked once in the whole state: no program runs twice, no code is wanted twice. */
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
