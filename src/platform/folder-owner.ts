import { type BigIntStats, closeSync, constants, fchownSync, fstatSync, openSync, statSync } from "node:fs";

/** A user and a group, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who owns what is made in a folder, where that is not this process's own user: root that works in somebody's home, as under `sudo` or in
 * a container with `~/.aws` mounted. A file of root's there would lock that user out.
 */
export function otherOwnerOf(folder: string): Owner | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? undefined : { uid, gid };
}

/**
 * Gives a new file to the owner of its folder.
 * @throws the system's error
 */
export function giveFileToOwner(file: number, folder: string): void {
  const owner = otherOwnerOf(folder);
  if (!owner) return;
  const { uid, gid } = fstatSync(file);
  // Some file systems decide the owner themselves and refuse to change it.
  if (uid !== owner.uid || gid !== owner.gid) fchownSync(file, owner.uid, owner.gid);
}

/** As {@link giveFileToOwner}, for a new folder. It is opened first: the owner of `parent` could have put a link in its place. */
export function giveFolderToOwner(path: string, parent: string): void {
  if (!otherOwnerOf(parent)) return;
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    giveFileToOwner(folder, parent);
  } finally {
    closeSync(folder);
  }
}

/** Whether a file is this user's. Root also takes what belongs to the owner of the folder that it works in. */
export function isOwn({ uid }: BigIntStats, folder: string): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === BigInt(user) || (user === 0 && uid === BigInt(otherOwnerOf(folder)?.uid ?? 0));
}
