import { type UpdateOptions, updateFiles } from "../platform/replace-file.ts";
import { targetOf } from "../platform/target.ts";
import type { Context } from "../protocol/context.ts";
import { type Edits, editProfile, removeProfileSections } from "./edit.ts";
import { editableSections, sectionsOfProfile } from "./editable.ts";
import { type FileLocations, requireFiles } from "./locations.ts";
import type { FileKind } from "./section.ts";
import type { Settings } from "./settings.ts";
import { SharedFile } from "./shared-file.ts";
import { openSharedFile } from "./shared-file-cache.ts";

export interface StoreOptions extends UpdateOptions {
  /** Called with the profile's settings just before the change, under the files' locks. Its exception leaves the files unchanged. */
  readonly check?: (settings: Settings) => void;
}

/** The two files at the moment of the change. */
export interface OpenFiles {
  readonly config: SharedFile;
  readonly credentials: SharedFile;
  /** Whether every setting goes to the credentials file: because of `-ProfileLocation`, or because both files are one. */
  readonly isOneFile: boolean;
}

export type ProfileChange =
  | { readonly sets: { readonly config: Edits; readonly credentials: Edits } }
  | { readonly removesProfile: true };

/**
 * Changes a profile in both files as one step.
 * @param decide returns the change; called again when another program changes a file at the same time
 * @returns the files that changed, or would change; empty when nothing had to change
 */
export async function changeProfile(
  name: string,
  context: Context,
  locations: FileLocations,
  options: StoreOptions,
  decide: (files: OpenFiles) => ProfileChange,
): Promise<string[]> {
  const required = requireFiles(locations);
  const { config, credentials, storeInCredentialsOnly } = required;
  const isSameFile = !storeInCredentialsOnly && targetOf(config) === targetOf(credentials);
  const isOneFile = storeInCredentialsOnly === true || (isSameFile && name === "default");
  const onlyRead = storeInCredentialsOnly ? openSharedFile(config, "config", true) : undefined;
  const paths = isSameFile || onlyRead ? [credentials] : [config, credentials];
  let files: string[] = [];
  const edit = (contents: readonly Buffer[]): Buffer[] => {
    const [inConfig = empty, inCredentials = inConfig] = contents;
    const open = (kind: FileKind, content: Buffer) => new SharedFile(required[kind], content, kind);
    const before = { config: onlyRead ?? open("config", inConfig), credentials: open("credentials", inCredentials) };
    const change = decide({ ...before, isOneFile });
    const newConfig = isOneFile ? undefined : changeFile(before.config, name, change);
    // If both locations are one file, apply the second change to the result of the first.
    const second = isSameFile && newConfig ? open("credentials", newConfig) : before.credentials;
    const newCredentials = changeFile(second, name, change);
    const changed = [newConfig && config, newCredentials && credentials].filter((file) => file !== undefined);
    // On a second call the files may already contain the first result.
    if (changed.length > 0) files = [...new Set(changed)];
    return paths.length === 1
      ? [newCredentials ?? newConfig ?? inCredentials]
      : [newConfig ?? inConfig, newCredentials ?? inCredentials];
  };
  await updateFiles(paths, edit, context, options);
  return files;
}

const empty = Buffer.alloc(0);

/** The new content. Undefined if nothing changes. */
function changeFile(file: SharedFile, name: string, change: ProfileChange): Buffer | undefined {
  if ("sets" in change) return setIn(file, name, change.sets[file.kind]);
  return sectionsOfProfile(file, name).length === 0 ? undefined : removeProfileSections(file, name);
}

function setIn(file: SharedFile, name: string, edits: Edits): Buffer | undefined {
  const { groups, passedOver } = editableSections(file, name);
  const inPassedOver = file.values(passedOver);
  const values = groups.map((sections) => file.values(sections));
  const isDue = ([key, value]: readonly [string, string | null]) => {
    if (inPassedOver.has(key)) return true;
    if (value === null) return values.some((group) => group.has(key));
    return values.length === 0 || values.some((group) => group.get(key) !== value);
  };
  return [...edits].some(isDue) ? editProfile(file, name, edits) : undefined;
}
