/** What the answer to a request came from, where a shortcut may stand for it: docs/decisions/0009. */

import { lastProvider } from "./assume-role/chain.ts";
import type { ResolutionContext } from "./assume-role/hop-provider.ts";
import { planRequest } from "./assume-role/use-role.ts";
import { requestDigest } from "./cache/request-key.ts";
import { stateAsRead } from "./profiles/shared-file-cache.ts";
import type { Context } from "./protocol/context.ts";
import type { UseRoleParams } from "./protocol/methods.ts";
import type { Core } from "./server/core.ts";
import type { Basis } from "./shortcut.ts";

/** The same resolution, and whether STS was asked on it. */
export function watched(resolution: ResolutionContext): {
  readonly resolution: ResolutionContext;
  readonly wasAsked: () => boolean;
} {
  let wasAsked = false;
  const loadSts = () => {
    wasAsked = true;
    return resolution.loadSts();
  };
  return { resolution: { ...resolution, loadSts }, wasAsked: () => wasAsked };
}

/** Only keys of a profile are all in the two files; other sources ask programs, servers or files of others. */
export function basisOf(
  params: UseRoleParams,
  core: Core,
  resolution: ResolutionContext,
  context: Context,
): Basis | undefined {
  const plan = planRequest(params, resolution, context);
  const { request } = lastProvider(plan, resolution, context);
  const entry = request && resolution.cache.fileOf(request);
  const { config, credentials } = core.locations(undefined, context);
  if (config === undefined || credentials === undefined) return undefined;
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
