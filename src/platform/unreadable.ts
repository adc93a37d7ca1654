import { RoleError } from "../protocol/errors.ts";

/** The error for an existing file that cannot be read. */
export function unreadable(path: string, cause: unknown): RoleError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
  const [why, action] = reasons[code] ?? [`the system says ${code}`, "Check the file, or name another one."];
  return new RoleError("FileUnreadable", `${path} cannot be read: ${why}.`, {
    target: path,
    action,
    cause,
  });
}

const permission = ["permission is denied", "Check who owns the file, or name another one."] as const;

const reasons: Readonly<Record<string, readonly [why: string, action: string]>> = {
  EACCES: permission,
  EPERM: permission,
  EISDIR: ["it is a directory", "Name a file."],
  ENOTREG: ["it is a device, a pipe or a socket", "Name a regular file."],
  EFBIG: ["it is too large for a file of profiles", "Name another file."],
  ELOOP: ["its symbolic links form a loop", "Correct the links, or name another file."],
  EBUSY: ["another program is using it", "Close that program, and try again."],
};
