import type { Context } from "../context.ts";
import type { FileLocations } from "./locations.ts";
import type { Setting } from "./settings.ts";

/** What to store: a text sets, null removes, and what is absent stays as it is. */
export type Changes = { readonly [S in Setting]?: string | null };

/** What changes, or would change, in one file. It names settings and never says their values. */
export interface FileChange {
  readonly file: string;
  /** As it stands in the file: `[profile prod]`. */
  readonly section: string;
  readonly sets: readonly Setting[];
  readonly removes: readonly Setting[];
  /** The whole section goes. */
  readonly removesSection: boolean;
}

export interface StoreOptions {
  /** Answer what would change, and change nothing: for `-WhatIf`. */
  readonly dryRun?: boolean;
}

export async function storeProfile(
  name: string,
  changes: Changes,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  throw new Error(`being written: ${name} ${changes} ${context} ${locations} ${options}`);
}

export async function removeProfile(
  name: string,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  throw new Error(`being written: ${name} ${context} ${locations} ${options}`);
}

export async function copyProfile(
  from: string,
  to: string,
  context: Context,
  locations: FileLocations,
  options: StoreOptions = {},
): Promise<readonly FileChange[]> {
  throw new Error(`being written: ${from} ${to} ${context} ${locations} ${options}`);
}
