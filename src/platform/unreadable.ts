import { RoleError } from "../protocol/errors.ts";

/** The error for a file that is there and could not be read. */
export function unreadable(path: string, cause: unknown): RoleError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
  const why = reasons[code] ?? `the system says ${code}`;
  return new RoleError("FileUnreadable", `${path} cannot be read: ${why}.`, {
    target: path,
    action: "See to it, or name another file.",
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EISDIR: "it is a directory",
  ELOOP: "its symbolic links lead in a circle",
};
