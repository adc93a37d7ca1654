import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { readSettings, settingsPath, textsOf } from "./settings-file.ts";

/**
 * Whether the module's settings ask for encrypted sessions: `vault = keychain` in the section `cache`. True if the settings cannot be read:
 * encrypting is the safe choice.
 */
export function sealsCache({ environment }: Pick<Context, "environment">): boolean {
  try {
    const { vault = "false" } = textsOf(readSettings(settingsPath(environment)).cache);
    return vault !== "false";
  } catch (error) {
    if (!(error instanceof RoleError)) throw error;
    return true;
  }
}
