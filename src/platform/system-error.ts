/** The code of an error of the operating system or of Node: `ENOENT`, `ECONNREFUSED`, … Empty if the error has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether the error comes from the operating system. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
