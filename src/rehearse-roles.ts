/**
 * Looks up in the cache what earlier sessions asked first, while nobody waits: it is in memory then, and the code that finds it is compiled.
 * Nobody is called and nothing is written.
 */
import type { Context } from "./context.ts";
import type { Core } from "./core.ts";
import { lastStep } from "./roles/chain.ts";
import { planRequest } from "./roles/use-role.ts";
import { requestsLeft } from "./shortcut.ts";

export function rehearseRoles(core: Core, context: Context): void {
  for (const params of requestsLeft(context.environment)) {
    try {
      const journey = core.journey(params, context);
      const { request } = lastStep(planRequest(params, journey, context), journey, context);
      if (request) journey.cache.lookup(request, context);
    } catch {
      // What is wrong with it is told to whoever asks.
    }
  }
}
