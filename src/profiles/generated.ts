/**
 * Profiles that the module generates, many in one change of the file. Each holds a digest of its name and lines. While the digest is
 * right, no one has edited, renamed or copied the profile, so it may be removed.
 */
import { createHash } from "node:crypto";
import { type UpdateOptions, updateFile } from "../platform/replace-file.ts";
import type { Context } from "../protocol/context.ts";
import type { RoleProfile, StoredRoles } from "../protocol/identity-center-messages.ts";
import { editProfiles, headerOf, linesOf, textOfRemoval } from "./edit.ts";
import { sectionsByProfile } from "./editable.ts";
import { type FileLocations, requireFiles } from "./locations.ts";
import { combine } from "./read.ts";
import type { Section } from "./section.ts";
import { generatedDigestKey, type Setting, settingKeys, ssoSettings } from "./settings.ts";
import { SharedFile } from "./shared-file.ts";
import { openSharedFile } from "./shared-file-cache.ts";
import { validateProfileName, validateValue } from "./validate.ts";

/**
 * Adds profiles whose names are free, and removes generated profiles that no one has edited. Changes no other profile.
 * @throws RoleError `ProfileNameInvalid`, `ValueRefused`, `FileBroken`, `FileUnreadable`, `FileUnwritable`, `FileBusy`
 */
export async function changeGeneratedProfiles(
  profiles: readonly RoleProfile[],
  removes: readonly string[],
  context: Context,
  locations: FileLocations,
  options: UpdateOptions = {},
): Promise<StoredRoles> {
  for (const { profileName, settings } of profiles) {
    validateProfileName(profileName);
    for (const [setting, value] of Object.entries(settings)) validateValue(setting as Setting, value, context.platform);
  }
  const kind = locations.storeInCredentialsOnly ? "credentials" : "config";
  const path = requireFiles(locations)[kind];
  const added = new Set<string>();
  const removed = new Set<string>();
  let unchanged: string[] = [];
  let conflicts: StoredRoles["conflicts"] = [];
  // Called again if another program changes the file at the same time. The file may then contain the first result.
  const edit = (content: Buffer): Buffer => {
    const file = new SharedFile(path, content, kind);
    const shared = combineWith(file, locations);
    [unchanged, conflicts] = [[], []];
    const adds: RoleProfile[] = [];
    for (const profile of profiles) {
      const stored = shared.profile(profile.profileName)?.settings;
      const setting = stored && ssoSettings.find((one) => stored[one] !== profile.settings[one]);
      if (!stored) adds.push(profile);
      else if (setting) conflicts.push({ profileName: profile.profileName, setting });
      else if (!added.has(profile.profileName)) unchanged.push(profile.profileName);
    }
    const goes = generatedIn(file, removes, locations);
    for (const { profileName } of adds) added.add(profileName);
    for (const name of goes) removed.add(name);
    if (adds.length + goes.length === 0) return content;
    return editProfiles(file, new Map(adds.map((profile) => [profile.profileName, editsFor(profile)])), goes);
  };
  await updateFile(path, edit, context, options);
  const files = added.size + removed.size > 0 ? [path] : [];
  return { files, added: [...added], removed: [...removed], unchanged, conflicts };
}

/** Which of these profiles the module generated, and no one has edited since. */
export function generatedAmong(names: readonly string[], locations: FileLocations): ReadonlySet<string> {
  const kind = locations.storeInCredentialsOnly ? "credentials" : "config";
  const file = openSharedFile(locations[kind], kind);
  return new Set(generatedIn(file, names, locations));
}

function generatedIn(file: SharedFile, names: readonly string[], locations: FileLocations): string[] {
  if (names.length === 0) return [];
  const sections = sectionsByProfile(file);
  const other = otherFile(file, locations);
  const elsewhere = other && sectionsByProfile(other);
  return names.filter((name) => {
    const [section, ...more] = sections.get(name) ?? [];
    return section && more.length === 0 && !elsewhere?.has(name) && isGenerated(file, section, name);
  });
}

function isGenerated(file: SharedFile, section: Section, name: string): boolean {
  const [header, ...lines] = textOfRemoval(file, section)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const digest = lines.pop();
  return header === headerOf(file.kind, name) && digest === digestLine(name, lines);
}

/** The file that is not changed; undefined if both are one. */
function otherFile(file: SharedFile, { config, credentials, storeInCredentialsOnly }: FileLocations) {
  if (config === credentials) return undefined;
  return file.kind === "config"
    ? openSharedFile(credentials, "credentials")
    : openSharedFile(config, "config", storeInCredentialsOnly);
}

function combineWith(file: SharedFile, locations: FileLocations) {
  const other = otherFile(file, locations) ?? file;
  return file.kind === "config" ? combine(file, other) : combine(other, file);
}

function editsFor({ profileName, settings }: RoleProfile): Map<string, string> {
  const edits = new Map<string, string>();
  for (const setting of Object.keys(settingKeys) as Setting[]) {
    const value = settings[setting];
    if (value !== undefined) edits.set(settingKeys[setting], value);
  }
  return edits.set(generatedDigestKey, digestOf(profileName, linesOf(edits)));
}

function digestLine(name: string, lines: readonly string[]): string {
  return `${generatedDigestKey} = ${digestOf(name, lines)}`;
}

function digestOf(name: string, lines: readonly string[]): string {
  return createHash("sha256")
    .update([name, ...lines].join("\n"), "latin1")
    .digest("hex")
    .slice(0, 16);
}
