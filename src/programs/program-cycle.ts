/** Keeps a profile's program from starting itself without end. */
import { sha256Hex } from "../platform/hash.ts";
import type { FileLocations } from "../profiles/locations.ts";
import { settingKeys } from "../profiles/settings.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { ProfileProgram } from "./profile-program.ts";

/** Lists the profiles whose program led to this process. */
const resolvingVariable = "ROLE_CREDENTIALS_RESOLVING";

/**
 * Returns the context in which a profile's program runs. The program may be our own command: if it asks for
 * the same profile in the same files again, it would start processes without end.
 * @throws RoleError `ProfileCycle`
 */
export function guardAgainstCycles(
  { profileName: name, setting }: ProfileProgram,
  files: FileLocations,
  context: Context,
): Context {
  const { environment } = context;
  const resolving = (environment[resolvingVariable] ?? "").split("\n").filter((line) => line !== "");
  // The name alone is not enough: another config file may have a profile of the same name.
  const profileHash = sha256Hex(JSON.stringify([files.config, files.credentials, name])).slice(0, 32);
  if (resolving.includes(profileHash)) {
    throw new RoleError(
      "ProfileCycle",
      `The ${settingKeys[setting]} of profile '${name}' asks for profile '${name}' again.`,
      {
        target: name,
        action: "Use another profile in it, or give this profile a role or keys.",
      },
    );
  }
  return { ...context, environment: { ...environment, [resolvingVariable]: [...resolving, profileHash].join("\n") } };
}
