import { type UpdateOptions, updateFile } from "../platform/replace-file.ts";
import type { Context } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import { editSsoSession } from "./edit.ts";
import { type FileLocations, requireFiles } from "./locations.ts";
import { type Setting, settingKeys } from "./settings.ts";
import { SharedFile } from "./shared-file.ts";
import { validateProfileName, validateValue } from "./validate.ts";

/** The settings of an `[sso-session]`. An absent one stays unchanged. */
export interface SessionChanges {
  readonly ssoStartUrl?: string;
  readonly ssoRegion?: string;
  /** Default for a new session: the scope that lists and uses roles. */
  readonly ssoRegistrationScopes?: string;
}

/** The scope that `aws configure sso` stores in a new session. With it, the sign-in can be renewed. */
const defaultScope = "sso:account:access";

/**
 * Stores an `[sso-session NAME]` in the config file, where all AWS tools read it.
 * @returns the files that change; empty if everything was stored already
 * @throws RoleError `ProfileNameInvalid`, `ValueRefused`, `ProfileIncomplete`, `ParameterConflict`, `FileBroken`, `FileUnreadable`,
 * `FileUnwritable`, `FileBusy`
 */
export async function storeSsoSession(
  name: string,
  changes: SessionChanges,
  context: Context,
  locations: FileLocations,
  options: UpdateOptions,
): Promise<string[]> {
  validateProfileName(name);
  for (const [setting, value] of Object.entries(changes)) validateValue(setting as Setting, value, context.platform);
  if (locations.storeInCredentialsOnly) {
    throw new RoleError(
      "ParameterConflict",
      "An sso-session is in the config file, which -ProfileLocation does not name.",
      {
        target: "-ProfileLocation",
        action: "Name the config file with AWS_CONFIG_FILE, or omit -ProfileLocation.",
      },
    );
  }
  const { config } = requireFiles(locations);
  let isChanged = false;
  const edit = (content: Buffer): Buffer => {
    const edited = changed(name, changes, new SharedFile(config, content, "config"));
    isChanged ||= edited !== undefined;
    return edited ?? content;
  };
  await updateFile(config, edit, context, options);
  return isChanged ? [config] : [];
}

function changed(name: string, changes: SessionChanges, file: SharedFile): Buffer | undefined {
  const sections = file.sections("sso-session", name);
  const before = file.values(sections);
  const edits = new Map<string, string>(
    (Object.entries(changes) as [keyof SessionChanges, string][]).map(([setting, value]) => [
      settingKeys[setting],
      value,
    ]),
  );
  for (const [setting, parameter] of [
    ["ssoStartUrl", "-StartUrl"],
    ["ssoRegion", "-SsoRegion"],
  ] as const) {
    const key = settingKeys[setting];
    if (edits.has(key) || before.get(key)) continue;
    throw new RoleError("ProfileIncomplete", `The sso-session '${name}' would have no ${key}.`, {
      target: name,
      action: `Add ${parameter}.`,
    });
  }
  const scopes = settingKeys.ssoRegistrationScopes;
  if (sections.length === 0 && !edits.has(scopes)) edits.set(scopes, defaultScope);
  const isSame = [...edits].every(([key, value]) => before.get(key) === value);
  return isSame ? undefined : editSsoSession(file, name, edits);
}
