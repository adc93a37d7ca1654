import { hasSso } from "../identity-center/sso-login.ts";
import { type Setting, type Settings, settingKeys } from "../profiles/settings.ts";
import type { ConfigOrigin, Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { hasLoginSession } from "./login.ts";
import { hasStaticKeys } from "./static-keys.ts";

/**
 * Refuses a profile in which the setting that selects its credentials has no value, such as `role_arn =`. Without that setting the profile
 * would be somebody else: its own keys, or the instance. If the profile has a kind of credentials that precedes the setting, that kind is
 * used, as in botocore.
 * @param use `itself` for a profile that was requested; in a `source` its keys precede its role
 * @throws RoleError `ProfileIncomplete`
 */
export function refuseEmptySettings(
  { name, settings, empty }: Profile,
  use: "itself" | "source",
  origin: ConfigOrigin | undefined,
): void {
  if (!empty) return;
  for (const { names, isIn } of kindsOf(settings, use)) {
    const setting = names.find((one) => empty.has(one));
    if (setting === undefined && isIn) return;
    if (setting === undefined) continue;
    const where = origin?.whereIs(name, setting);
    const key = settingKeys[setting];
    throw new RoleError(
      "ProfileIncomplete",
      `${key} of profile '${name}' has no value${where === undefined ? "" : `: ${where}`}.`,
      { target: name, action: `Give ${key} a value, or remove the line.` },
    );
  }
}

interface Kind {
  /** The settings that select the kind. */
  readonly names: readonly Setting[];
  readonly isIn: boolean;
}

function kindsOf(settings: Settings, use: "itself" | "source"): readonly Kind[] {
  const isRole = settings.roleArn !== undefined;
  const isSso = hasSso(settings);
  const ofRole = ["sourceProfile", "credentialSource", "webIdentityTokenFile"] as const;
  const role: Kind = { names: isRole ? ofRole : ["roleArn"], isIn: isRole };
  const keys: Kind = { names: ["accessKeyId", "secretAccessKey"], isIn: hasStaticKeys(settings) };
  const others: readonly Kind[] = [
    { names: ["ssoAccountId", "ssoRoleName", ...(isSso ? (["ssoSession"] as const) : [])], isIn: isSso },
    keys,
    { names: ["loginSession"], isIn: hasLoginSession(settings) },
    { names: ["credentialProcess"], isIn: settings.credentialProcess !== undefined },
    { names: ["ssoSession", ...ofRole], isIn: true },
  ];
  return use === "source" ? [keys, role, ...others] : [role, ...others];
}
