import { RoleError } from "../protocol/errors.ts";
import { codeOf } from "./system-error.ts";

/** The error for a file that cannot be written and is unchanged. */
export function unwritable(path: string, cause: unknown): RoleError {
  if (cause instanceof RoleError) return cause;
  const code = codeOf(cause);
  const [why, action] = reasons[code] ?? [
    `the system reports ${code || "no reason"}`,
    "Correct the problem, and try again.",
  ];
  return new RoleError("FileUnwritable", `${path} cannot be written: ${why}. The file is unchanged.`, {
    target: path,
    action,
    cause,
  });
}

const permission = [
  "permission is denied",
  "Check who owns the file and its folder, and whether they are read-only.",
] as const;

const reasons: Readonly<Record<string, readonly [why: string, action: string]>> = {
  EACCES: permission,
  EPERM: permission,
  EROFS: ["the file system is read-only", "Specify another file, or make the file system writable."],
  ENOSPC: ["the disk is full", "Free some space, and try again."],
  EDQUOT: ["the disk quota is exceeded", "Free some space, and try again."],
  EFBIG: ["the file size limit is reached", "Raise the limit, and try again."],
  EISDIR: ["it is a directory", "Specify a file."],
  ENOTREG: ["it is a device, a pipe or a socket", "Specify a file."],
  EOWNER: ["it belongs to another user", "Switch to that user, or specify another file."],
  ENOTDIR: ["a file is in the place of its folder", "Check the folder, and try again."],
  ENOENT: ["its folder does not exist", "Create its folder, and try again."],
  ELOOP: ["its symbolic links form a loop", "Correct the links, and try again."],
  EMFILE: ["too many files are open", "Try again."],
  ENFILE: ["too many files are open", "Try again."],
  EBUSY: [
    "another program is using it, or it is a mount point",
    "Close that program, or mount the folder instead of the file.",
  ],
};
