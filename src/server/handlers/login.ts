import { join } from "node:path";
import { planProfile } from "../../assume-role/plan.ts";
import { cliKeyOf } from "../../assume-role/role-provider.ts";
import { profileOfEnvironment } from "../../credentials/default-chain.ts";
import { refuseOtherCredentials } from "../../credentials/profile-source.ts";
import { resolveEndpoint } from "../../network/endpoint.ts";
import { resolveRegion } from "../../network/region.ts";
import { sendOver } from "../../network/send-over.ts";
import { sha256Hex } from "../../platform/hash.ts";
import { loginCacheDirectory } from "../../profiles/locations.ts";
import { readSharedConfig } from "../../profiles/read.ts";
import { requireProfile } from "../../profiles/require-profile.ts";
import type { SharedConfig } from "../../profiles/shared-config.ts";
import { storeProfile } from "../../profiles/store.ts";
import type { Context } from "../../protocol/context.ts";
import { RoleError } from "../../protocol/errors.ts";
import type { LoginParams, LogoutParams } from "../../protocol/sign-in-messages.ts";
import type { Core } from "../core.ts";
import type { HandlersOf } from "./handler.ts";

export function loginHandlers(core: Core): HandlersOf<"login"> {
  return {
    async "login/begin"(params, context) {
      const signIn = await signInOf(core, params, context);
      return core.signIns.begin(signIn, context);
    },

    async "login/end"(params, context) {
      const { signOut, signOutAll } = await import("../../login/sign-out.ts");
      const shared = core.shared(params.profileLocation, context);
      const directory = loginCacheDirectory(context);
      const ended = loginSessionToEnd(params, shared, context);
      const removed = ended === undefined ? signOutAll(directory) : Number(signOut(directory, ended));
      forgetRoles(core, shared, ended, context);
      return { removed };
    },
  };
}

async function signInOf(
  core: Core,
  { profileLocation, region, remote = false, force = false, ...given }: LoginParams,
  context: Context,
) {
  const { loginSignIn } = await import("../../login/sign-in.ts");
  const { environment } = context;
  const profileName = given.profileName ?? profileOfEnvironment(environment).name;
  const locations = core.locations(profileLocation, context);
  const shared = readSharedConfig(locations);
  const profile = shared.profile(profileName);
  if (profile) refuseOtherCredentials(profile);
  const settings = profile?.settings ?? {};
  const newRegion = region !== undefined && settings.region === undefined ? { region } : {};
  const store = (loginSession: string, dryRun: boolean) =>
    storeProfile(profileName, { loginSession, ...newRegion }, context, locations, { dryRun });
  // Report a name or a file that cannot be written before the user signs in.
  await store("arn:aws:iam::000000000000:user/name", true);
  const signInRegion = await resolveRegion({ explicit: region, settings, environment });
  const cacheDirectory = loginCacheDirectory(context);
  return loginSignIn({
    profileName,
    cacheDirectory,
    lockPath: join(cacheDirectory, sha256Hex(JSON.stringify([locations.config, locations.credentials, profileName]))),
    kind: remote ? "cross-device" : "same-device",
    force,
    profile: () => readSharedConfig(locations).profile(profileName),
    storeProfile: async (loginSession) => {
      await store(loginSession, false);
    },
    endpoint: resolveEndpoint("signin", { settings, shared, region: signInRegion, environment }).url,
    region: signInRegion,
    send: sendOver(settings, context),
  });
}

/** The identity whose sign-in ends. Undefined for all of them. */
function loginSessionToEnd(
  { profileName, all = false }: LogoutParams,
  shared: SharedConfig,
  context: Context,
): string | undefined {
  if (all && profileName !== undefined) {
    throw new RoleError("ParameterConflict", "-All and -ProfileName do not go together.", {
      target: "-All",
      action: "Use one of them.",
    });
  }
  if (all) return undefined;
  const name = profileName ?? profileOfEnvironment(context.environment).name;
  const { loginSession } = requireProfile(name, shared).settings;
  if (loginSession) return loginSession;
  throw new RoleError("ProfileIncomplete", `Profile '${name}' has no sign-in with console credentials.`, {
    target: name,
    action: "Name a profile that Connect-RoleConsole or aws login stored; Get-RoleProfile lists them.",
  });
}

/** Clears the roles of all profiles whose chain begins with the sign-in. */
function forgetRoles(core: Core, shared: SharedConfig, ended: string | undefined, context: Context): void {
  for (const { name } of shared.profiles()) {
    try {
      const { source, hops } = planProfile(name, shared, context.environment);
      const isEnded = ended === undefined || source.profile?.settings.loginSession === ended;
      if (source.operation !== "Login" || !isEnded) continue;
      core.cache(context).clear({ profileName: name, cliKeys: hops.map(cliKeyOf) }, context);
    } catch {
      // A broken profile has no roles to forget.
    }
  }
}
