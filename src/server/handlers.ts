/** One handler for each method of the protocol. */

import { planProfile } from "../assume-role/plan.ts";
import { cliKeyOf } from "../assume-role/role-provider.ts";
import { planRequest, useRole } from "../assume-role/use-role.ts";
import type { ClearTarget } from "../cache/cache-request.ts";
import { callerIdentity } from "../diagnosis/caller-identity.ts";
import { checkProfile } from "../diagnosis/check-profile.ts";
import { maskedAccessKey } from "../profiles/masked.ts";
import { profileNotFound } from "../profiles/profile-not-found.ts";
import { readSharedConfig } from "../profiles/read.ts";
import type { Setting } from "../profiles/settings.ts";
import type { Profile } from "../profiles/shared-config.ts";
import { copyProfile, removeProfile, storeProfile } from "../profiles/store.ts";
import type { Context } from "../protocol/context.ts";
import { isRoleError } from "../protocol/envelope.ts";
import { RoleError } from "../protocol/errors.ts";
import type { Method, Methods, ProfileSummary, UseRoleResult } from "../protocol/methods.ts";
import type { Core } from "./core.ts";

export type Handlers = {
  readonly [M in Method]: (
    params: Methods[M]["params"],
    context: Context,
  ) => Methods[M]["result"] | Promise<Methods[M]["result"]>;
};

export function createHandlers(core: Core): Handlers {
  return {
    "core/ping": () => ({}),

    "profile/list"({ profileLocation }, context) {
      return { profiles: readSharedConfig(core.locations(profileLocation, context)).profiles().map(summaryOf) };
    },

    "profile/get"({ profileName, profileLocation }, context) {
      const shared = readSharedConfig(core.locations(profileLocation, context));
      const profile = shared.profile(profileName);
      if (profile) return summaryOf(profile);
      throw profileNotFound(profileName, shared.origin);
    },

    async "profile/store"({ profileName, profileLocation, settings, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      const changes = checkProfile(profileName, settings, readSharedConfig(locations), context);
      return changed(await storeProfile(profileName, changes, context, locations, { dryRun: whatIf ?? false }));
    },

    async "profile/copy"({ from, to, profileLocation, settings = {}, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      return changed(await copyProfile(from, to, settings, context, locations, { dryRun: whatIf ?? false }));
    },

    async "profile/remove"({ profileName, profileLocation, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      return changed(await removeProfile(profileName, context, locations, { dryRun: whatIf ?? false }));
    },

    async "role/use"(params, context) {
      const resolution = core.resolution(params, context);
      try {
        const result = await useRole(params, resolution, context);
        core.forget(resolution.invocationId);
        noteUsed(core, result, context, params.invocationId);
        return result;
      } catch (error) {
        // Only a code that is still to come keeps the invocation open.
        if (!isRoleError(error) || error.code !== "MfaRequired") core.forget(resolution.invocationId);
        throw error;
      }
    },

    async "role/test"(params, context) {
      const resolution = core.resolution(params, context);
      try {
        const { testHop } = await import("../diagnosis/test-role.ts");
        const report = await testHop(params, resolution, core.state(params.invocationId), context);
        if (report.last && report.error?.id !== "MfaRequired") core.forget(params.invocationId);
        return report;
      } catch (error) {
        core.forget(params.invocationId);
        throw error;
      }
    },

    "role/abandon"({ invocationId }) {
      core.forget(invocationId);
      return {};
    },

    "identity/get": (params, context) => callerIdentity(params, core.resolution(params, context), context),

    async "identity/describe"(_, context) {
      const { describeIdentity } = await import("../diagnosis/describe-identity.ts");
      return describeIdentity({ shared: readSharedConfig(core.locations(undefined, context)) }, context);
    },

    async "role/refresh"(params, context) {
      const { refreshArguments } = await import("../assume-role/refresh-request.ts");
      return {
        arguments: refreshArguments(params, planRequest(params, core.resolution(params, context), context), context),
      };
    },

    async "history/list"(_, context) {
      await core.history.flush();
      const { listRoles } = await import("../history/role-history.ts");
      return { roles: listRoles(context) };
    },

    async "history/clear"({ roleArn, whatIf }, context) {
      await core.history.flush();
      core.history.startAnew();
      const { forgetRoles } = await import("../history/role-history.ts");
      return { roles: await forgetRoles(roleArn, context, { dryRun: whatIf ?? false }) };
    },

    async "console/switch-role"(params, context) {
      const { switchRole } = await import("../console/open-console.ts");
      const shared = readSharedConfig(core.locations(params.profileLocation, context));
      const { listRoles } = await import("../history/role-history.ts");
      await core.history.flush();
      // A role looks as it did the last time.
      const opened = switchRole(params, { shared, history: orNone(() => listRoles(context)) }, context);
      const { roleArn, displayName, color } = opened;
      const look = { ...(displayName !== undefined && { displayName }), ...(color !== undefined && { color }) };
      if (roleArn !== undefined) core.history.note({ ...usedRole(roleArn, params.profileName), ...look }, context);
      return opened;
    },

    async "console/sign-in"(params, context) {
      const resolution = core.resolution(params, context);
      try {
        const { signIn } = await import("../console/open-console.ts");
        const opened = await signIn(params, resolution, context);
        core.forget(resolution.invocationId);
        if (opened.roleArn !== undefined) core.history.note(usedRole(opened.roleArn, params.profileName), context);
        return opened;
      } catch (error) {
        if (!isRoleError(error) || error.code !== "MfaRequired") core.forget(resolution.invocationId);
        throw error;
      }
    },

    async "completion/list"(params, context) {
      await core.history.flush();
      const { completionsFor } = await import("../completion/completions.ts");
      const { listRoles } = await import("../history/role-history.ts");
      // A broken file is told by the cmdlets that need it, and not while somebody types.
      const profiles = () => readSharedConfig(core.locations(params.profileLocation, context)).profiles();
      const sources = {
        profiles: () => orNone(profiles),
        history: () => orNone(() => listRoles(context)),
        environment: context.environment,
      };
      return { completions: completionsFor(params, sources) };
    },

    "cache/clear"({ profileName, roleArn }, context) {
      const clear = (target: ClearTarget) => ({ removed: core.cache(context).clear(target, context).length });
      if (roleArn !== undefined && profileName !== undefined) {
        throw new RoleError("ParameterConflict", "-RoleArn and -ProfileName do not go together.", {
          target: "-RoleArn",
          action: "Give one of them.",
        });
      }
      if (roleArn !== undefined) return clear({ roleArn });
      if (profileName === undefined) return clear({ all: true });
      // What the AWS CLI alone fetched for the profile is known by the roles on its way, if it is still there.
      const shared = readSharedConfig(core.locations(undefined, context));
      const cliKeys = orNone(() => planProfile(profileName, shared, context.environment).hops.map(cliKeyOf));
      return clear({ profileName, cliKeys });
    },
  };
}

/** For the history. */
function noteUsed(
  core: Core,
  { roleArn, profileName, region }: UseRoleResult,
  context: Context,
  invocationId?: string,
): void {
  // All roles of one cmdlet's invocation are one use: the part before the slash names it.
  const [use] = invocationId?.split("/") ?? [];
  if (roleArn !== undefined) core.history.note(usedRole(roleArn, profileName, region), context, use);
}

function usedRole(roleArn: string, profileName?: string, region?: string) {
  return { roleArn, ...(profileName !== undefined && { profileName }), ...(region !== undefined && { region }) };
}

function orNone<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch {
    return [];
  }
}

function changed(changes: readonly { readonly file: string }[]): { files: string[]; warnings: string[] } {
  return { files: [...new Set(changes.map(({ file }) => file))], warnings: [] };
}

/** A profile as it may be shown: of a secret only that it is there, of an access key its end, as `aws configure` does. */
function summaryOf({ name, settings }: Profile): ProfileSummary {
  const shown: ProfileSummary["settings"] = {};
  for (const setting of Object.keys(settings) as Setting[]) {
    const value = settings[setting] ?? "";
    if (setting === "accessKeyId") shown[setting] = maskedAccessKey(value);
    else if (setting === "secretAccessKey" || setting === "sessionToken") shown[setting] = maskedAccessKey("");
    else shown[setting] = value;
  }
  return { name, settings: shown };
}
