/** What a walk along a chain has found: its hops are tested one by one, and none of them twice. */
import type { Context } from "../context.ts";
import type { CallerIdentity } from "../protocol/methods.ts";
import type { Journey, Obtained, Step } from "./steps.ts";

export interface Walked {
  readonly obtained: Obtained;
  /** Whether they were there already, from an earlier command. */
  readonly cached: boolean;
  /** Whom the credentials belong to, once STS was asked. */
  identity?: CallerIdentity;
}

/** By the step's fingerprint. */
export type Walk = Map<string, Walked>;

/** The step, asked once in the whole walk: no program runs twice, no code is wanted twice. */
export function walkedStep(step: Step, walk: Walk, journey: Journey): Step {
  const { fingerprint, request } = step;
  return {
    ...step,
    async obtain(context: Context) {
      const walked = walk.get(fingerprint);
      if (walked) return walked.obtained;
      const cached = !journey.noCache && request !== undefined && journey.cache.lookup(request, context) !== undefined;
      const obtained = await step.obtain(context);
      walk.set(fingerprint, { obtained, cached });
      return obtained;
    },
  };
}
