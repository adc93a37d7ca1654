import { RoleError } from "../protocol/errors.ts";

/** The error for a file that could not be written: it is as it was before. */
export function unwritable(path: string, cause: unknown): RoleError {
  if (cause instanceof RoleError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const [why, action] = reasons[code] ?? [`the system says ${code || "no more"}`, "See to it, and try again."];
  return new RoleError("FileUnwritable", `${path} cannot be written: ${why}. It is as it was.`, {
    target: path,
    action,
    cause,
  });
}

const permission = [
  "permission is denied",
  "See who owns the file and its folder, and whether they are read-only.",
] as const;
const space = ["there is no room for it", "Make room, and try again."] as const;

const reasons: Readonly<Record<string, readonly [why: string, action: string]>> = {
  EACCES: permission,
  EPERM: permission,
  EROFS: ["the file system is read-only", "Name another file, or make it writable."],
  ENOSPC: space,
  EDQUOT: ["the quota is used up", "Make room, and try again."],
  EFBIG: ["the limit for the size of files is reached", "Raise the limit, and try again."],
  EISDIR: ["it is a directory", "Name a file."],
  ENOTREG: ["it is a device, a pipe or a socket", "Name a file."],
  EOWNER: ["it belongs to another user", "Become that user, or name another file."],
  ENOTDIR: ["what should be its folder is a file", "See to its folder, and try again."],
  ENOENT: ["its folder does not exist", "Create its folder, and try again."],
  ELOOP: ["its symbolic links lead in a circle", "See to the links, and try again."],
  EMFILE: ["too many files are open", "Try again."],
  ENFILE: ["too many files are open", "Try again."],
  EBUSY: [
    "another program is using it, or it is a mount point",
    "Close that program, or mount the folder instead of the file.",
  ],
};

/** Whether the system refused something, as against an error of ours. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
