/**
 * What a rotation that was interrupted left behind, so that the next one completes it: the new key of an old one, and the files that may
 * have it. It contains no secret.
 */
import { readSettings, sectionOf, settingsPath, textsOf, updateSettings } from "../module-settings/settings-file.ts";
import type { FileLocations } from "../profiles/locations.ts";
import type { Context } from "../protocol/context.ts";

export interface BegunRotation {
  /** Undefined if AWS was asked for a key, and did not answer. */
  readonly newKey?: string;
  readonly files: readonly FileLocations[];
}

export interface RotationJournal {
  /** By their old keys. */
  read(): ReadonlyMap<string, BegunRotation>;
  /** Notes a rotation; undefined ends it. */
  note(oldKey: string, rotation: BegunRotation | undefined): Promise<void>;
}

const section = "rotations";

export function rotationJournal(context: Context): RotationJournal {
  const path = settingsPath(context.environment);
  return {
    read: () =>
      new Map(Object.entries(textsOf(readSettings(path)[section])).map(([oldKey, text]) => [oldKey, parse(text)])),
    note: (oldKey, rotation) =>
      updateSettings(
        path,
        (sections) => {
          const { [section]: before, ...others } = sections;
          const noted = rotation && JSON.stringify(rotation);
          const rotations = sectionOf({ ...textsOf(before), [oldKey]: noted });
          return Object.keys(rotations).length === 0 ? others : { ...others, [section]: rotations };
        },
        context,
      ),
  };
}

function parse(text: string): BegunRotation {
  try {
    const { newKey, files }: BegunRotation = JSON.parse(text);
    return { ...(typeof newKey === "string" && { newKey }), files: Array.isArray(files) ? files : [] };
  } catch {
    return { files: [] };
  }
}
