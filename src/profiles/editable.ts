import { RoleError } from "../protocol/errors.ts";
import { bracketsAt, readHeader, type Section, sectionAt } from "./section.ts";
import type { SharedFile } from "./shared-file.ts";
import { brokenAt, lineNumberAt } from "./text.ts";

/** Where the settings of a profile are changed, so that all AWS tools read the same afterwards. */
export interface EditableSections {
  /** Each is read as the profile by some tool. All get the same values; none when the profile needs a new section. */
  readonly groups: readonly (readonly Section[])[];
  /** Sections that the AWS CLI does not read as the profile, such as `[ default ]`. They lose what the others get. */
  readonly passedOver: readonly Section[];
}

/** @throws RoleError `FileBroken` for a header that only the AWS CLI reads as the profile's. */
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
  // The AWS CLI takes the last of [default] and [profile default]; other tools take [profile default].
  const needsBare = (bareKept.at(-1)?.start ?? -1) > (namedKept.at(-1)?.start ?? -1);
  const groups = [...byHeader(file, namedKept), ...(needsBare ? [bareKept] : [])];
  return { groups, passedOver };
}

/** Of `[profile x]` and `[profile "x"]` in one file, the AWS CLI reads the last alone. */
function byHeader(file: SharedFile, sections: readonly Section[]): Section[][] {
  const groups = new Map<string, Section[]>();
  for (const section of sections) {
    const header = bracketsAt(file.source, section.start);
    groups.set(header, [...(groups.get(header) ?? []), section]);
  }
  return [...groups.values()];
}

/** Every section that any AWS tool reads as the profile, or would if another did not hide it. */
export function sectionsOfProfile(file: SharedFile, name: string): readonly Section[] {
  const { source, kind } = file;
  return [...file.headers()].flatMap((start) => {
    const header = readHeader(source, start, kind);
    const isProfile = header?.kind === "profile" || header?.kind === "bare default";
    const isIt = (isProfile && header.name === name) || nameByNet(bracketsAt(source, start)) === name;
    return isIt && (isProfile || header === undefined) ? [sectionAt(source, start)] : [];
  });
}

/** The AWS SDK for .NET takes `[profile my keys]` without quotes, and `[profile x]` in the credentials file too. */
function nameByNet(brackets: string): string | undefined {
  return /^\[\s*profile\s+(.*?)\s*\]$/.exec(brackets)?.[1];
}

/** @throws RoleError `FileBroken` for a file with a line break that JavaScript does not take for one. */
export function refuseLoneReturn({ source }: SharedFile): void {
  if (source.loneReturn >= 0)
    throw brokenAt(
      source,
      source.loneReturn,
      "it ends in a carriage return alone, which not all AWS tools take for an end",
    );
}

function onlyByCli({ source }: SharedFile, { start }: Section, name: string): RoleError {
  const line = lineNumberAt(source.text, start);
  return new RoleError(
    "FileBroken",
    `Line ${line} of ${source.file} is the header of profile '${name}' to the AWS CLI, and not to other AWS tools.`,
    { target: source.file, action: `Write it as [profile ${name}]. Nothing was changed.` },
  );
}
