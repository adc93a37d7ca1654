import { RoleError } from "../protocol/errors.ts";
import { bracketsAt, readHeader, type Section, sectionAt } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { brokenAt, lineNumberAt } from "./text.ts";

/** Where to change the settings of a profile so that all AWS tools read the same values afterwards. */
export interface EditableSections {
  /** Some tool reads each of these as the profile, so all get the same values. Empty if the profile needs a new section. */
  readonly groups: readonly (readonly Section[])[];
  /** Sections that the AWS CLI does not read as the profile, such as `[ default ]`. An edit removes its keys from them. */
  readonly passedOver: readonly Section[];
}

/** @throws RoleError `FileBroken` if a header names the profile to the AWS CLI only. */
export function editableSections(file: SharedFile, name: string): EditableSections {
  const named = file.sections("profile", name);
  const bare = name === "default" && file.kind === "config" ? file.sections("bare default", name) : [];
  const passedOver: Section[] = [];
  const keep = (sections: readonly Section[]) =>
    sections.filter((section) => {
      const readBy = readHeader(file.source, section.start, file.kind)?.readBy;
      if (readBy === "cli") throw onlyByCli(file, section, name);
      if (readBy === "guide") passedOver.push(section);
      return readBy === "both";
    });
  const [namedKept, bareKept] = [keep(named), keep(bare)];
  // The AWS CLI reads the last of [default] and [profile default]; other tools read [profile default].
  const needsBare = (bareKept.at(-1)?.start ?? -1) > (namedKept.at(-1)?.start ?? -1);
  const groups = [...byHeader(file, namedKept), ...(needsBare ? [bareKept] : [])];
  return { groups, passedOver };
}

/** Of `[profile x]` and `[profile "x"]` in one file, the AWS CLI reads only the last. */
function byHeader(file: SharedFile, sections: readonly Section[]): Section[][] {
  const groups = new Map<string, Section[]>();
  for (const section of sections) {
    const header = bracketsAt(file.source, section.start);
    groups.set(header, [...(groups.get(header) ?? []), section]);
  }
  return [...groups.values()];
}

/** Every section that any AWS tool reads as the profile, including those that another section hides. */
export function sectionsOfProfile(file: SharedFile, name: string): readonly Section[] {
  return sectionsByProfile(file).get(name) ?? [];
}

/** The same for all profiles of the file. */
export function sectionsByProfile(file: SharedFile): ReadonlyMap<string, readonly Section[]> {
  const { source, kind } = file;
  const found = new Map<string, Section[]>();
  for (const start of file.headers()) {
    const header = readHeader(source, start, kind);
    const isProfile = header?.kind === "profile" || header?.kind === "bare default";
    if (!isProfile && header !== undefined) continue;
    const names = new Set([header?.name, nameByNet(bracketsAt(source, start))]);
    for (const name of names)
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), sectionAt(source, start)]);
  }
  return found;
}

/** The AWS SDK for .NET reads `[profile my keys]` without quotes, and `[profile x]` in the credentials file too. */
function nameByNet(brackets: string): string | undefined {
  return /^\[\s*profile\s+(.*?)\s*\]$/.exec(brackets)?.[1];
}

/** @throws RoleError `FileBroken` if the file has a line break that JavaScript does not recognize. */
export function refuseLoneReturn({ source }: SharedFile): void {
  if (source.loneReturn >= 0)
    throw brokenAt(
      source,
      source.loneReturn,
      "it ends with a carriage return alone, which some AWS tools do not read as a line break",
    );
}

function onlyByCli({ source }: SharedFile, { start }: Section, name: string): RoleError {
  const line = lineNumberAt(source.text, start);
  return new RoleError(
    "FileBroken",
    `Line ${line} of ${source.file} is the header of profile '${name}' for the AWS CLI, but not for other AWS tools.`,
    { target: source.file, action: `Write it as [profile ${name}]. Nothing was changed.` },
  );
}
