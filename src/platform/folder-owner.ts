import { type BigIntStats, closeSync, constants, fchownSync, fstatSync, openSync, statSync } from "node:fs";

/** A user and a group, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Owner of a folder, if this process runs as root and the folder belongs to another user, as under `sudo` or in a container with `~/.aws`
 * mounted. That user could not use a file owned by root.
 */
export function otherOwnerOf(folder: string): Owner | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? undefined : { uid, gid };
}

/**
 * As root, gives a new file to the owner of its folder.
 * @throws the system's error
 */
export function giveFileToOwner(file: number, folder: string): void {
  const owner = otherOwnerOf(folder);
  if (!owner) return;
  const { uid, gid } = fstatSync(file);
  // Some file systems assign the owner themselves and refuse to change it.
  if (uid !== owner.uid || gid !== owner.gid) fchownSync(file, owner.uid, owner.gid);
}

/** As root, gives a new folder to the owner of `parent`. Uses a descriptor, because that owner could replace the path with a link. */
export function giveFolderToOwner(path: string, parent: string): void {
  if (!otherOwnerOf(parent)) return;
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    giveFileToOwner(folder, parent);
  } finally {
    closeSync(folder);
  }
}

/** Whether the file belongs to this user. Root also accepts a file of its folder's owner. */
export function isOwn({ uid }: BigIntStats, folder: string): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === BigInt(user) || (user === 0 && uid === BigInt(otherOwnerOf(folder)?.uid ?? 0));
}
