import { hasSso } from "../identity-center/sso-login.ts";
import { type Setting, type Settings, settingKeys } from "../profiles/settings.ts";
import type { ConfigOrigin, Profile } from "../profiles/shared-config.ts";
import { RoleError } from "../protocol/errors.ts";
import { profileKinds } from "./profile-source.ts";

/**
 * Refuses a profile in which the setting that selects its credentials has no value, such as `role_arn =`. Without that setting the profile
 * would be another identity: its own keys, or the instance. If the profile has a kind of credentials that precedes the setting, that kind is
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
  readonly names: readonly Setting[];
  readonly isIn: boolean;
}

const ofRole = ["sourceProfile", "credentialSource", "webIdentityTokenFile"] as const;

/** The kinds of credentials in the order in which they count, and the settings that select each. */
function kindsOf(settings: Settings, use: "itself" | "source"): readonly Kind[] {
  const isRole = settings.roleArn !== undefined;
  const role: Kind = { names: isRole ? ofRole : ["roleArn"], isIn: isRole };
  const own = profileKinds.map(({ selectedBy = [], isIn }): Kind => ({ names: selectedBy, isIn: isIn(settings) }));
  // A role of IAM Identity Center needs its session too.
  const session: Kind = { names: hasSso(settings) ? ["ssoSession"] : [], isIn: false };
  const all = [role, session, ...own, { names: ["ssoSession", ...ofRole] as const, isIn: true }];
  return use === "source" ? [...own.filter(({ names }) => names.includes("accessKeyId")), ...all] : all;
}
