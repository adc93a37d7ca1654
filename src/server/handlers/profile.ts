import { checkProfile } from "../../diagnosis/check-profile.ts";
import { commandLine, writeLauncher } from "../../platform/command-line.ts";
import { profileNotFound } from "../../profiles/profile-not-found.ts";
import { readSharedConfig } from "../../profiles/read.ts";
import type { Setting } from "../../profiles/settings.ts";
import type { Profile } from "../../profiles/shared-config.ts";
import { copyProfile, removeProfile, storeCommand, storeProfile } from "../../profiles/store.ts";
import type { ProfileSummary } from "../../protocol/methods.ts";
import { maskedAccessKey } from "../../protocol/redact.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function profileHandlers(core: Core): HandlersOf<"profile"> {
  return {
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

    async "profile/copy"({ from, to, profileLocation, asProcess, settings = {}, whatIf: dryRun = false }, context) {
      const locations = core.locations(profileLocation, context);
      if (!asProcess) return changed(await copyProfile(from, to, settings, context, locations, { dryRun }));
      const line = commandLine(core.program, ["credential-process", "--profile", from], context);
      const launcher = writeLauncher(core.program, context, { dryRun });
      const { files, warnings } = changed(await storeCommand(from, to, line, settings, context, locations, { dryRun }));
      return { files: [...launcher, ...files], warnings };
    },

    async "profile/remove"({ profileName, profileLocation, whatIf }, context) {
      const locations = core.locations(profileLocation, context);
      return changed(await removeProfile(profileName, context, locations, { dryRun: whatIf ?? false }));
    },
  };
}

function changed(changes: readonly { readonly file: string }[]): { files: string[]; warnings: string[] } {
  return { files: [...new Set(changes.map(({ file }) => file))], warnings: [] };
}

/** A profile without secrets: shows only the presence of a secret, and the end of an access key, as `aws configure` does. */
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
