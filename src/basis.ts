/** What the answer to a request came from, where a shortcut may stand for it: docs/decisions/0009. */
import { requestDigest } from "./cache/request-key.ts";
import type { Context } from "./context.ts";
import type { Core } from "./core.ts";
import { stateAsRead } from "./files/remembered.ts";
import type { UseRoleParams } from "./protocol/methods.ts";
import { lastStep } from "./roles/chain.ts";
import type { Journey } from "./roles/steps.ts";
import { planRequest } from "./roles/use-role.ts";
import type { Basis } from "./shortcut.ts";

/** The same journey, and whether STS was asked on it. */
export function watched(journey: Journey): { readonly journey: Journey; readonly wasAsked: () => boolean } {
  let wasAsked = false;
  const loadSts = () => {
    wasAsked = true;
    return journey.loadSts();
  };
  return { journey: { ...journey, loadSts }, wasAsked: () => wasAsked };
}

/** Only keys of a profile are all in the two files; other sources ask programs, servers or files of others. */
export function basisOf(params: UseRoleParams, core: Core, journey: Journey, context: Context): Basis | undefined {
  const plan = planRequest(params, journey, context);
  const { request } = lastStep(plan, journey, context);
  const entry = request && journey.cache.fileOf(request);
  const { config, credentials } = core.locations(undefined, context);
  const states = [stateAsRead(config, "config"), stateAsRead(credentials, "credentials")] as const;
  if (plan.source.kind !== "keys" || params.noCache || params.tokenCode !== undefined || !entry) return undefined;
  if (states[0] === undefined || states[1] === undefined) return undefined;
  const { operation, durationSeconds, cliKey, profileName } = request;
  return {
    files: { [config]: states[0], [credentials]: states[1] },
    request: { operation, ...(durationSeconds !== undefined && { durationSeconds }), ...(cliKey && { cliKey }) },
    digest: requestDigest(request),
    ...(profileName !== undefined && { profileName }),
    entry,
  };
}
