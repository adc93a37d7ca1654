import { updateFiles } from "../platform/replace-file.ts";
import { targetOf } from "../platform/target.ts";
import type { Context } from "../protocol/context.ts";
import { type Edits, editProfile, headerOf, removeProfileSections } from "./edit.ts";
import { editableSections, sectionsOfProfile } from "./editable.ts";
import { type FileLocations, type RequiredFiles, requireFiles } from "./locations.ts";
import { bracketsAt, type FileKind, type Section } from "./section.ts";
import { type Setting, type Settings, settingKeys, settingOf } from "./settings.ts";
import { SharedFile } from "./shared-file.ts";
import { openSharedFile } from "./shared-file-cache.ts";

/** A change of one file, made or planned. It names settings, never their values. */
export interface FileChange {
  readonly file: string;
  /** The header as the file spells it: `[profile prod]`. */
  readonly section: string;
  readonly sets: readonly Setting[];
  readonly removes: readonly Setting[];
  /** Whether the whole section is removed. */
  readonly removesSection: boolean;
}

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
 * @returns what changed, file by file; empty when nothing had to change
 */
export async function changeProfile(
  name: string,
  context: Context,
  locations: FileLocations,
  { dryRun = false }: StoreOptions,
  decide: (files: OpenFiles) => ProfileChange,
): Promise<readonly FileChange[]> {
  let changes: readonly FileChange[] = [];
  const change = (config: Buffer, credentials: Buffer): ChangedFiles => {
    const changed = changeContents(name, required, config, credentials, decide);
    // On a second call the files may already contain the first result.
    if (changed.changes.length > 0) changes = changed.changes;
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
  return changes;
}

const empty = Buffer.alloc(0);

function contentOf(path: string, kind: FileKind, { storeInCredentialsOnly }: FileLocations): Buffer {
  const { text } = openSharedFile(path, kind, kind === "config" && storeInCredentialsOnly).source;
  return Buffer.from(text, "latin1");
}

interface ChangedFiles {
  readonly config: Buffer;
  readonly credentials: Buffer;
  readonly changes: readonly FileChange[];
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
  const inConfig = isOneFile ? unchanged : changeFile(config, name, change, "config");
  // If both locations are one file, apply the second change to the result of the first.
  const before = isSameFile && inConfig.content ? inConfig.content : credentialsContent;
  const second =
    before === credentialsContent ? credentials : new SharedFile(locations.credentials, before, "credentials");
  const inCredentials = changeFile(second, name, change, "credentials");
  return {
    config: inConfig.content ?? configContent,
    credentials: inCredentials.content ?? before,
    changes: [...inConfig.changes, ...inCredentials.changes],
  };
}

interface ChangedFile {
  /** Absent if nothing changes. */
  readonly content?: Buffer;
  readonly changes: readonly FileChange[];
}

const unchanged: ChangedFile = { changes: [] };

function changeFile(file: SharedFile, name: string, change: ProfileChange, kind: FileKind): ChangedFile {
  if ("sets" in change) return setIn(file, name, change.sets[kind]);
  const sections = sectionsOfProfile(file, name);
  if (sections.length === 0) return unchanged;
  const removes = settingsAmong(file.values(sections).keys());
  const changed = { file: file.source.file, section: titleOf(file, name, sections), sets: [], removes };
  return { content: removeProfileSections(file, name), changes: [{ ...changed, removesSection: true }] };
}

function setIn(file: SharedFile, name: string, edits: Edits): ChangedFile {
  const { groups, passedOver } = editableSections(file, name);
  const inPassedOver = file.values(passedOver);
  const values = groups.map((sections) => file.values(sections));
  const keys = [...edits.keys()];
  const changes = (key: string) =>
    inPassedOver.has(key) || values.length === 0 || values.some((group) => edits.get(key) !== group.get(key));
  const holds = (key: string) => inPassedOver.has(key) || values.some((group) => group.has(key));
  const sets = settingsAmong(keys.filter((key) => edits.get(key) !== null && changes(key)));
  const removes = settingsAmong(keys.filter((key) => edits.get(key) === null && holds(key)));
  if (sets.length === 0 && removes.length === 0) return unchanged;
  const section = titleOf(file, name, groups[0] ?? []);
  return {
    content: editProfile(file, name, edits),
    changes: [{ file: file.source.file, section, sets, removes, removesSection: false }],
  };
}

function titleOf(file: SharedFile, name: string, sections: readonly Section[]): string {
  const start = sections.at(-1)?.start;
  return start === undefined ? headerOf(file.kind, name) : bracketsAt(file.source, start);
}

function settingsAmong(keys: Iterable<string>): Setting[] {
  const found = new Set([...keys].map(settingOf));
  return (Object.keys(settingKeys) as Setting[]).filter((setting) => found.has(setting));
}
