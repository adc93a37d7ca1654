import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { resolve, win32 } from "node:path";
import type { Context } from "../protocol/context.ts";
import { isFormatError } from "./executable-format.ts";

/** The result of a program lookup. */
export type Program =
  | { readonly kind: "path"; readonly path: string }
  /** A batch file: only a shell can run it, so we reject it. */
  | { readonly kind: "batchFile"; readonly path: string }
  /** The kernel rejects this file and the C library then passes it to a shell, so we reject it. */
  | { readonly kind: "formatError"; readonly path: string }
  | { readonly kind: "notFound" };

/**
 * Finds the program of a command line.
 *
 * On POSIX the system looks a bare name up in the child's `PATH`; this function only checks the file that it will find. On Windows
 * both the system and Node search the current directory first, where anyone may have planted such a program, so this function
 * searches only the absolute entries of `PATH`.
 */
export function findProgram(
  name: string,
  context: Pick<Context, "environment" | "platform" | "workingDirectory">,
  isFile: (path: string) => boolean = isFileOnDisk,
): Program {
  if (context.platform !== "win32") {
    const path = posixProgram(name, context);
    const isRefused = path !== undefined && isFormatError(path, context.workingDirectory);
    return isRefused ? { kind: "formatError", path } : { kind: "path", path: name };
  }
  if (/[\\/]|^[A-Za-z]:/.test(name)) return windowsProgram(win32.resolve(context.workingDirectory, name), isFile);

  for (const entry of windowsPath(context.environment)) {
    const found = windowsProgram(win32.join(entry, name), isFile);
    if (found.kind !== "notFound") return found;
  }
  return { kind: "notFound" };
}

/** The file that the system will find, if any. */
function posixProgram(
  name: string,
  { environment, workingDirectory }: Pick<Context, "environment" | "workingDirectory">,
): string | undefined {
  if (name.includes("/")) return resolve(workingDirectory, name);
  for (const entry of (environment.PATH ?? "/bin:/usr/bin").split(":")) {
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

function windowsProgram(path: string, isFile: (path: string) => boolean): Program {
  // Windows drops trailing dots and spaces, so `tool.cmd .` is still a batch file.
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
  // Windows spells it `Path`, and variable names are case-insensitive.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === "PATH");
  const entries = (name === undefined ? "" : (environment[name] ?? "")).split(";");
  return entries.map((entry) => entry.replaceAll('"', "").trim()).filter((entry) => /^(?:[A-Za-z]:)?[\\/]/.test(entry));
}

function isFileOnDisk(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return isAlias(path);
  }
}

/** Whether the file is an alias of the Microsoft Store, as its python.exe is: Windows can start it, but Node cannot follow it. */
function isAlias(path: string): boolean {
  try {
    return !lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
