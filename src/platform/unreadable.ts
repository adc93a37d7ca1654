import { RoleError } from "../protocol/errors.ts";
import { codeOf } from "./system-error.ts";

/** The error for an existing file that cannot be read. */
export function unreadable(path: string, cause: unknown): RoleError {
  const code = codeOf(cause) || "unknown";
  const [why, action] = reasons[code] ?? [`the system reports ${code}`, "Check the file, or specify another one."];
  return new RoleError("FileUnreadable", `${path} cannot be read: ${why}.`, {
    target: path,
    action,
    cause,
  });
}

const permission = ["permission is denied", "Check who owns the file, or specify another one."] as const;

const reasons: Readonly<Record<string, readonly [why: string, action: string]>> = {
  EACCES: permission,
  EPERM: permission,
  EISDIR: ["it is a directory", "Specify a file."],
  ENOTREG: ["it is a device, a pipe or a socket", "Specify a regular file."],
  EFBIG: ["it is too large for a profile file", "Specify another file."],
  ELOOP: ["its symbolic links form a loop", "Correct the links, or specify another file."],
  EBUSY: ["another program is using it", "Close that program, and try again."],
};
