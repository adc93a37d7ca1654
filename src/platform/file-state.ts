import { type BigIntStats, lstatSync, statSync } from "node:fs";
import { codeOf } from "./system-error.ts";

/** Stats of the file at a path, or undefined if it does not exist. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (cause) {
    if (codeOf(cause) === "ENOTDIR") return undefined;
    throw cause;
  }
}

/**
 * Identifies a version of the file. The same state means the same content, unless the file was written just before: see {@link isRecent}.
 */
export function stateOf(stats: BigIntStats | undefined): string {
  return stats ? `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : "";
}

/**
 * Whether the file was written so recently that another write in the same tick of the file system's clock would not change its state. Uses
 * the system's clock, as the file system does.
 */
export function isRecent(stats: BigIntStats, milliseconds = 50): boolean {
  // Some file systems have a resolution of a millisecond or a second.
  const tick = stats.mtimeNs % 1_000_000n === 0n ? 2000 : 0;
  const age = Date.now() - Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs));
  return Math.abs(age) <= milliseconds + tick;
}

/** A file's state when it was read or written. */
export interface FileState {
  readonly path: string;
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export function fileState(path: string, stats: BigIntStats): FileState {
  return { path, state: stateOf(stats), modifiedAt: Number(stats.mtimeMs) };
}

/** Whether the file is unchanged. Does not follow links. */
export function isUnchanged({ path, state }: FileState): boolean {
  try {
    return stateOf(lstatSync(path, { bigint: true, throwIfNoEntry: false })) === state;
  } catch {
    return false;
  }
}
