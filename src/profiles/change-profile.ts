import { updateFiles } from "../platform/replace-file.ts";
import { targetOf } from "../platform/target.ts";
import type { Context } from "../protocol/context.ts";
import { type Edits, editProfile, removeProfileSections } from "./edit.ts";
import { editableSections, sectionsOfProfile } from "./editable.ts";
import { type FileLocations, type RequiredFiles, requireFiles } from "./locations.ts";
import type { FileKind } from "./section.ts";
import type { Settings } from "./settings.ts";
import { SharedFile } from "./shared-file.ts";
import { openSharedFile } from "./shared-file-cache.ts";

export interface StoreOptions {
  /** Return what would change without changing it, for `-WhatIf`. */
  readonly dryRun?: boolean;
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
  { dryRun = false }: StoreOptions,
  decide: (files: OpenFiles) => ProfileChange,
): Promise<string[]> {
  let files: string[] = [];
  const change = (config: Buffer, credentials: Buffer): ChangedFiles => {
    const changed = changeContents(name, required, config, credentials, decide);
    // On a second call the files may already contain the first result.
    if (changed.files.length > 0) files = changed.files;
    return changed;
  };
  const required = requireFiles(locations);
  const { config, credentials, storeInCredentialsOnly } = required;
  const isSameFile = !storeInCredentialsOnly && targetOf(config) === targetOf(credentials);
  if (dryRun) {
    const content = contentOf(credentials, "credentials", locations);
    change(isSameFile ? content : contentOf(config, "config", locations), content);
  } else if (isSameFile) {
    await updateFiles([credentials], ([content = empty]) => [change(content, content).credentials], context);
  } else if (storeInCredentialsOnly) {
    const other = contentOf(config, "config", locations);
    await updateFiles([credentials], ([content = empty]) => [change(other, content).credentials], context);
  } else {
    await updateFiles(
      [config, credentials],
      ([inConfig = empty, inCredentials = empty]) => {
        const changed = change(inConfig, inCredentials);
        return [changed.config, changed.credentials];
      },
      context,
    );
  }
  return files;
}

const empty = Buffer.alloc(0);

function contentOf(path: string, kind: FileKind, { storeInCredentialsOnly }: FileLocations): Buffer {
  const { text } = openSharedFile(path, kind, kind === "config" && storeInCredentialsOnly).source;
  return Buffer.from(text, "latin1");
}

interface ChangedFiles {
  readonly config: Buffer;
  readonly credentials: Buffer;
  readonly files: string[];
}

function changeContents(
  name: string,
  locations: RequiredFiles,
  configContent: Buffer,
  credentialsContent: Buffer,
  decide: (files: OpenFiles) => ProfileChange,
): ChangedFiles {
  const isSameFile = configContent === credentialsContent;
  const config = new SharedFile(locations.config, configContent, "config");
  const credentials = new SharedFile(locations.credentials, credentialsContent, "credentials");
  const isOneFile = locations.storeInCredentialsOnly === true || (isSameFile && name === "default");
  const change = decide({ config, credentials, isOneFile });
  const newConfig = isOneFile ? undefined : changeFile(config, name, change, "config");
  // If both locations are one file, apply the second change to the result of the first.
  const before = isSameFile && newConfig ? newConfig : credentialsContent;
  const second =
    before === credentialsContent ? credentials : new SharedFile(locations.credentials, before, "credentials");
  const newCredentials = changeFile(second, name, change, "credentials");
  const files = [newConfig && locations.config, newCredentials && locations.credentials];
  return {
    config: newConfig ?? configContent,
    credentials: newCredentials ?? before,
    files: [...new Set(files.filter((file) => file !== undefined))],
  };
}

/** The new content. Undefined if nothing changes. */
function changeFile(file: SharedFile, name: string, change: ProfileChange, kind: FileKind): Buffer | undefined {
  if ("sets" in change) return setIn(file, name, change.sets[kind]);
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
