import { splitCommandLine } from "../platform/split-command-line.ts";
import { RoleError } from "../protocol/errors.ts";
import { type Setting, settingKeys } from "./settings.ts";
import type { Profile, SharedConfig } from "./shared-config.ts";
import { hiddenCharacter } from "./text.ts";

/** Paths and names may hold any character. Of a command line the program is checked. */
const unchecked: ReadonlySet<Setting> = new Set([
  ...(["sourceProfile", "ssoSession", "services", "output"] as const),
  ...(["webIdentityTokenFile", "caBundle"] as const),
]);

/**
 * Refuses a profile with a character that nobody sees, such as a no-break space copied from a web page: what it breaks later would look
 * right. The AWS CLI drops such characters at the ends of a value, as we do, and sends the others.
 * @throws RoleError `SettingInvalid`. It never shows the value.
 */
export function refuseHiddenCharacters({ name, settings }: Profile, { origin }: SharedConfig): void {
  for (const setting of Object.keys(settings) as Setting[]) {
    const hidden = hiddenCharacter(checkedPart(setting, settings[setting] ?? ""));
    if (hidden === undefined) continue;
    const where = origin?.whereIs(name, setting);
    throw new RoleError(
      "SettingInvalid",
      `${settingKeys[setting]} of profile '${name}' holds ${hidden}${where === undefined ? "" : `: ${where}`}.`,
      { target: name, action: "Remove the character, or type the value again." },
    );
  }
}

function checkedPart(setting: Setting, value: string): string {
  if (setting === "credentialProcess") return programOf(value);
  return unchecked.has(setting) ? "" : value;
}

function programOf(commandLine: string): string {
  try {
    return splitCommandLine(commandLine, "linux")[0] ?? "";
  } catch {
    return "";
  }
}
