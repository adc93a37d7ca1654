import { splitCommandLine } from "../platform/split-command-line.ts";
import { RoleError } from "../protocol/errors.ts";
import { type Setting, settingKeys } from "./settings.ts";
import type { Profile, SharedConfig } from "./shared-config.ts";
import { hiddenCharacter } from "./text.ts";

/** Paths and names may contain any character. For a command line, only the program is checked. */
const unchecked: ReadonlySet<Setting> = new Set([
  ...(["sourceProfile", "ssoSession", "services", "output"] as const),
  ...(["webIdentityTokenFile", "caBundle"] as const),
]);

/**
 * Refuses a profile with an invisible character in a setting, such as a no-break space copied from a web page. The error it causes later
 * would quote a value that looks right. Like the AWS CLI, the parser drops such characters at the ends of a value.
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
  if (setting === "credentialProcess" || setting === "mfaProcess") return programOf(value);
  return unchecked.has(setting) ? "" : value;
}

function programOf(commandLine: string): string {
  try {
    return splitCommandLine(commandLine, "linux")[0] ?? "";
  } catch {
    return "";
  }
}
