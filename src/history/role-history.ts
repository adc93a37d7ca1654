/** The recently used roles, newest first, in the module's settings file. Stores names and ARNs, never keys. */

import {
  readSettings,
  type SettingsSections,
  sectionOf,
  settingsPath,
  textsOf,
  updateSettings,
} from "../module-settings/settings-file.ts";
import type { Context } from "../protocol/context.ts";
import type { UsedRole } from "../protocol/history-messages.ts";

/** Maximum number of roles in the history. */
export const maximumRoles = 50;

/** A role as stored in the settings file. */
export interface StoredRole extends UsedRole {
  /** Whether the role was only used together with other roles, by one invocation of a cmdlet. */
  readonly inFanOut?: true;
}

/**
 * Returns the recently used roles, newest first.
 * @throws RoleError `FileUnreadable`
 */
export function listRoles({ environment }: Pick<Context, "environment">): UsedRole[] {
  return rolesIn(readSettings(settingsPath(environment))).map(shown);
}

/**
 * Records that roles were used. Keeps stored values that a use does not provide, such as a display name or a color.
 * @throws RoleError `FileUnwritable`, `FileBusy`
 */
export async function recordRoles(
  used: readonly StoredRole[],
  path: string,
  context: Pick<Context, "signal" | "say">,
): Promise<void> {
  await updateSettings(path, (sections) => withRoles(sections, merged(rolesIn(sections), used)), context);
}

/**
 * Removes one role or all roles.
 * @returns the removed roles
 * @throws RoleError `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function forgetRoles(
  roleArn: string | undefined,
  context: Pick<Context, "environment" | "signal" | "say">,
  { dryRun = false } = {},
): Promise<UsedRole[]> {
  const path = settingsPath(context.environment);
  const isMeant = (role: UsedRole) => roleArn === undefined || role.roleArn === roleArn;
  if (dryRun) return listRoles(context).filter(isMeant);
  let forgotten: UsedRole[] = [];
  await updateSettings(
    path,
    (sections) => {
      const roles = rolesIn(sections);
      forgotten = roles.filter(isMeant).map(shown);
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

function shown({ inFanOut: _, ...role }: StoredRole): UsedRole {
  return role;
}

/** Merges known and newly used roles: newest first, each once, at most {@link maximumRoles}. */
export function merged(known: readonly StoredRole[], used: readonly StoredRole[]): StoredRole[] {
  const byArn = new Map(known.toReversed().map((role) => [role.roleArn, role]));
  for (const role of used) {
    const before = byArn.get(role.roleArn);
    byArn.delete(role.roleArn);
    byArn.set(role.roleArn, withUse(before, role));
  }
  // The map's order decides between uses in the same millisecond.
  const newestFirst = [...byArn.values()].reverse().sort((one, other) => compare(other.lastUsed, one.lastUsed));
  if (newestFirst.length <= maximumRoles) return newestFirst;
  // Using all roles of an organization at once must not evict roles that the user named or used individually.
  const byImportance = newestFirst.toSorted((one, other) => importance(other) - importance(one));
  const kept = new Set(byImportance.slice(0, maximumRoles));
  return newestFirst.filter((role) => kept.has(role));
}

/** Merges another use into a role. Keeps values that the use does not provide. */
export function withUse(before: StoredRole | undefined, use: StoredRole): StoredRole {
  if (!before) return use;
  const [older, newer] = before.lastUsed > use.lastUsed ? [use, before] : [before, use];
  // Don't mix profiles of two uses: together they identify the caller.
  const { profileName, sourceProfile, sourceGiven: __, ...rest } = older;
  const namesSource = newer.profileName !== undefined || newer.sourceProfile !== undefined || newer.sourceGiven;
  const profiles = {
    ...(profileName !== undefined && { profileName }),
    ...(sourceProfile !== undefined && { sourceProfile }),
  };
  const { inFanOut: _, ...both } = { ...rest, ...(!namesSource && profiles), ...newer };
  return before.inFanOut && use.inFanOut ? { ...both, inFanOut: true } : both;
}

function importance(role: StoredRole): number {
  if (role.displayName !== undefined || role.color !== undefined) return 2;
  return role.inFanOut ? 0 : 1;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `[role.1]` is the newest. The ARN is a value, because section names cannot contain every character of an ARN. */
function rolesIn(sections: SettingsSections): StoredRole[] {
  const numbered = sections.role;
  if (typeof numbered !== "object" || numbered === null) return [];
  const roles = Object.values(numbered).flatMap((section): StoredRole[] => {
    const { arn, name, color, profile, source, given, region, used, fanout } = textsOf(section);
    if (!arn || !used || Number.isNaN(Date.parse(used))) return [];
    return [
      {
        roleArn: arn,
        lastUsed: used,
        ...(name && { displayName: name }),
        ...(color && { color }),
        ...(profile && { profileName: profile }),
        ...(source && { sourceProfile: source }),
        ...(given && { sourceGiven: true }),
        ...(region && { region }),
        ...(fanout && { inFanOut: true }),
      },
    ];
  });
  return roles.toSorted((one, other) => compare(other.lastUsed, one.lastUsed));
}

function withRoles(sections: SettingsSections, roles: readonly StoredRole[]): SettingsSections {
  const { role: _, ...others } = sections;
  const numbered = roles.map((role, index) => [
    String(index + 1),
    sectionOf({
      arn: role.roleArn,
      name: role.displayName,
      color: role.color,
      profile: role.profileName,
      source: role.sourceProfile,
      given: role.sourceGiven ? "yes" : undefined,
      region: role.region,
      used: role.lastUsed,
      fanout: role.inFanOut && "yes",
    }),
  ]);
  return roles.length === 0 ? others : { ...others, role: Object.fromEntries(numbered) };
}
