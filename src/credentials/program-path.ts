import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs";
import { resolve, win32 } from "node:path";
import type { Context } from "../protocol/context.ts";

/** What a program's name stands for. */
export type Program =
  | { readonly kind: "path"; readonly path: string }
  /** A batch file: only a shell can run one, so it is not run. */
  | { readonly kind: "batchFile"; readonly path: string }
  /** Text without `#!`: the system refuses it, and the C library then hands it to a shell, so it is not run. */
  | { readonly kind: "shellText"; readonly path: string }
  | { readonly kind: "notFound" };

/**
 * Where the program of a command line lies.
 *
 * On POSIX the system itself looks a bare name up in the child's `PATH`; here it is only looked at what it will find. On Windows both it and Node look in the
 * current directory first, where anyone may have planted a program of that name; so here a bare name is found in the
 * absolute entries of `PATH` only.
 */
export function findProgram(
  name: string,
  context: Pick<Context, "environment" | "platform" | "workingDirectory">,
  isFile: (path: string) => boolean = isFileOnDisk,
): Program {
  if (context.platform !== "win32") {
    const path = posixProgram(name, context);
    return path !== undefined && isShellText(path) ? { kind: "shellText", path } : { kind: "path", path: name };
  }
  if (/[\\/]|^[A-Za-z]:/.test(name)) return windowsProgram(win32.resolve(context.workingDirectory, name), isFile);

  for (const entry of windowsPath(context.environment)) {
    const found = windowsProgram(win32.join(entry, name), isFile);
    if (found.kind !== "notFound") return found;
  }
  return { kind: "notFound" };
}

/** What the system will find; undefined where it finds nothing. */
function posixProgram(
  name: string,
  { environment, workingDirectory }: Pick<Context, "environment" | "workingDirectory">,
): string | undefined {
  if (name.includes("/")) return resolve(workingDirectory, name);
  for (const entry of (environment.PATH ?? "").split(":")) {
    const path = resolve(workingDirectory, entry, name);
    if (isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFileOnDisk(path);
  } catch {
    return false;
  }
}

/** Neither a program of Linux or macOS, nor of Windows where WSL runs these, nor a script that names its interpreter. */
function isShellText(path: string): boolean {
  let file: number;
  try {
    if (!isFileOnDisk(path)) return false;
    file = openSync(path, "r");
  } catch {
    // What may be run but not read no shell can read either.
    return false;
  }
  try {
    const start = Buffer.alloc(4);
    readSync(file, start, 0, 4, 0);
    if (start.toString("latin1", 0, 2) === "MZ") return !existsSync("/proc/sys/fs/binfmt_misc/WSLInterop");
    return start.toString("latin1", 0, 2) !== "#!" && !programStarts.has(start.toString("hex"));
  } finally {
    closeSync(file);
  }
}

// ELF, and Mach-O in either order of bytes, of 32 and 64 bits, and for several processors.
const programStarts = new Set(["7f454c46", "feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe", "cafebabf"]);

function windowsProgram(path: string, isFile: (path: string) => boolean): Program {
  // Windows drops dots and spaces at the end of a name, so `tool.cmd .` is still a batch file.
  if (/\.(?:cmd|bat)[. ]*$/i.test(path)) return isFile(path) ? { kind: "batchFile", path } : { kind: "notFound" };
  for (const extension of /\.[^\\/.]+$/.test(path) ? ["", ".exe", ".com"] : [".exe", ".com", ""]) {
    if (isFile(path + extension)) return { kind: "path", path: path + extension };
  }
  for (const extension of [".cmd", ".bat"]) {
    if (isFile(path + extension)) return { kind: "batchFile", path: path + extension };
  }
  return { kind: "notFound" };
}

function windowsPath(environment: Context["environment"]): string[] {
  // Windows spells it `Path`, and compares names of variables without regard to case.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === "PATH");
  const entries = (name === undefined ? "" : (environment[name] ?? "")).split(";");
  return entries.map((entry) => entry.replaceAll('"', "").trim()).filter((entry) => /^(?:[A-Za-z]:)?[\\/]/.test(entry));
}

function isFileOnDisk(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
