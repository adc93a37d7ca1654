/** One handler for each method of the protocol. */
import type { Context } from "./context.ts";
import type { Core } from "./core.ts";
import { readSharedConfig } from "./files/read.ts";
import type { Profile } from "./files/shared-config.ts";
import { copyProfile, removeProfile, storeProfile } from "./files/store.ts";
import { isRoleError } from "./protocol/envelope.ts";
import { RoleError } from "./protocol/errors.ts";
import type { Method, Methods, ProfileSummary } from "./protocol/methods.ts";
import { callerIdentity } from "./roles/caller-identity.ts";
import { checkProfile } from "./roles/check-profile.ts";
import { useRole } from "./roles/use-role.ts";

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
      const shared = readSharedConfig(core.locations(profileLocation, context));
      return {
        profiles: shared.profileNames().flatMap((name) => {
          const profile = shared.profile(name);
          return profile ? [summaryOf(profile)] : [];
        }),
      };
    },

    "profile/get"({ profileName, profileLocation }, context) {
      const profile = readSharedConfig(core.locations(profileLocation, context)).profile(profileName);
      if (profile) return summaryOf(profile);
      throw new RoleError("ProfileNotFound", `There is no profile '${profileName}'.`, {
        target: profileName,
        action: "Get-RoleProfile lists the profiles; Set-RoleCredentials -StoreAs NAME stores one.",
      });
    },

    async "profile/store"({ profileName, profileLocation, settings, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      const changes = checkProfile(profileName, settings, readSharedConfig(locations), context);
      return changed(await storeProfile(profileName, changes, context, locations, { dryRun: whatIf ?? false }));
    },

    async "profile/copy"({ from, to, profileLocation, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      return changed(await copyProfile(from, to, context, locations, { dryRun: whatIf ?? false }));
    },

    async "profile/remove"({ profileName, profileLocation, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      return changed(await removeProfile(profileName, context, locations, { dryRun: whatIf ?? false }));
    },

    async "role/use"(params, context) {
      const journey = core.journey(params, context);
      try {
        const result = await useRole(params, journey, context);
        core.forget(journey.conversation);
        return result;
      } catch (error) {
        // Only a code that is still to come keeps the conversation open.
        if (!isRoleError(error) || error.code !== "MfaRequired") core.forget(journey.conversation);
        throw error;
      }
    },

    async "role/test"(params, context) {
      const journey = core.journey(params, context);
      try {
        const { testHop } = await import("./roles/test-role.ts");
        const report = await testHop(params, journey, core.walk(params.conversation), context);
        if (report.last && report.error?.id !== "MfaRequired") core.forget(params.conversation);
        return report;
      } catch (error) {
        core.forget(params.conversation);
        throw error;
      }
    },

    "role/abandon"({ conversation }) {
      core.forget(conversation);
      return {};
    },

    "identity/get": (params, context) => callerIdentity(params, core.journey(params, context), context),

    "cache/clear"({ profileName, roleArn }, context) {
      const target =
        profileName !== undefined ? { profileName } : roleArn !== undefined ? { roleArn } : ({ all: true } as const);
      return { removed: core.cache(context).clear(target, context).length };
    },
  };
}

function changed(changes: readonly { readonly file: string }[]): { files: string[]; warnings: string[] } {
  return { files: [...new Set(changes.map(({ file }) => file))], warnings: [] };
}

/** A profile as it may be shown: of a secret only that it is there, of an access key its end, as `aws configure` does. */
function summaryOf({ name, settings }: Profile): ProfileSummary {
  const { accessKeyId, secretAccessKey, sessionToken, ...rest } = settings;
  return {
    name,
    settings: {
      ...rest,
      ...(accessKeyId !== undefined && { accessKeyId: masked(accessKeyId) }),
      ...(secretAccessKey !== undefined && { secretAccessKey: masked("") }),
      ...(sessionToken !== undefined && { sessionToken: masked("") }),
    },
  };
}

function masked(text: string): string {
  return `****************${text.length >= 16 ? text.slice(-4) : ""}`;
}
