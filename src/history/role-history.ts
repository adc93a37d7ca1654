/** The roles used lately, newest first, in the module's settings file. Names and ARNs only, never keys. */
import type { Context } from "../protocol/context.ts";
import type { UsedRole } from "../protocol/methods.ts";
import {
  readSettings,
  type SettingsSections,
  sectionOf,
  settingsPath,
  textsOf,
  updateSettings,
} from "./settings-file.ts";

/** So many roles are remembered. */
export const maximumRoles = 50;

/**
 * The roles used lately, newest first.
 * @throws RoleError `FileUnreadable`
 */
export function listRoles({ environment }: Pick<Context, "environment">): UsedRole[] {
  return rolesIn(readSettings(settingsPath(environment)));
}

/**
 * Remembers that roles were used. What a use does not say (a display name, a colour) stays as it was said before.
 * @throws RoleError `FileUnwritable`, `FileBusy`
 */
export async function rememberRoles(
  used: readonly UsedRole[],
  path: string,
  context: Pick<Context, "signal" | "say">,
): Promise<void> {
  await updateSettings(path, (sections) => withRoles(sections, merged(rolesIn(sections), used)), context);
}

/**
 * Forgets one role, or all.
 * @returns the roles that were forgotten
 * @throws RoleError `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function forgetRoles(
  roleArn: string | undefined,
  context: Pick<Context, "environment" | "signal" | "say">,
  { dryRun = false } = {},
): Promise<UsedRole[]> {
  const path = settingsPath(context.environment);
  const isMeant = (role: UsedRole) => roleArn === undefined || role.roleArn === roleArn;
  if (dryRun) return rolesIn(readSettings(path)).filter(isMeant);
  let forgotten: UsedRole[] = [];
  await updateSettings(
    path,
    (sections) => {
      const roles = rolesIn(sections);
      forgotten = roles.filter(isMeant);
      if (forgotten.length === 0) return sections;
      return withRoles(
        sections,
        roles.filter((role) => !isMeant(role)),
      );
    },
    context,
  );
  return forgotten;
}

/** The remembered ones with the new ones before them, the newest first; nobody twice, and no more than fit. */
export function merged(known: readonly UsedRole[], used: readonly UsedRole[]): UsedRole[] {
  const byArn = new Map(known.map((role) => [role.roleArn, role]));
  for (const role of used) {
    const before = byArn.get(role.roleArn);
    const isOlder = before !== undefined && before.lastUsed > role.lastUsed;
    byArn.set(role.roleArn, isOlder ? { ...role, ...before } : { ...before, ...role });
  }
  const newestFirst = [...byArn.values()].toSorted((one, other) => compare(other.lastUsed, one.lastUsed));
  if (newestFirst.length <= maximumRoles) return newestFirst;
  // A sweep through an organization must not push out what the user has named and coloured.
  const isNamed = (role: UsedRole) => role.displayName !== undefined || role.color !== undefined;
  const kept = new Set(
    [...newestFirst.filter(isNamed), ...newestFirst.filter((role) => !isNamed(role))].slice(0, maximumRoles),
  );
  return newestFirst.filter((role) => kept.has(role));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `[role.1]` is the newest. The ARN is a value, because section names cannot hold all that an ARN can. */
function rolesIn(sections: SettingsSections): UsedRole[] {
  const numbered = sections.role;
  if (typeof numbered !== "object" || numbered === null) return [];
  const roles = Object.values(numbered).flatMap((section): UsedRole[] => {
    const { arn, name, color, profile, region, used } = textsOf(section);
    if (!arn || !used || Number.isNaN(Date.parse(used))) return [];
    return [
      {
        roleArn: arn,
        lastUsed: used,
        ...(name && { displayName: name }),
        ...(color && { color }),
        ...(profile && { profileName: profile }),
        ...(region && { region }),
      },
    ];
  });
  return roles.toSorted((one, other) => compare(other.lastUsed, one.lastUsed));
}

function withRoles(sections: SettingsSections, roles: readonly UsedRole[]): SettingsSections {
  const { role: _, ...others } = sections;
  const numbered = roles.map((role, index) => [
    String(index + 1),
    sectionOf({
      arn: role.roleArn,
      name: role.displayName,
      color: role.color,
      profile: role.profileName,
      region: role.region,
      used: role.lastUsed,
    }),
  ]);
  return roles.length === 0 ? others : { ...others, role: Object.fromEntries(numbered) };
}
