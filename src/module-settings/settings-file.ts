import { join } from "node:path";
import { parse, stringify } from "ini";
import { readRegularFile } from "../platform/read-file.ts";
import { updateFile } from "../platform/replace-file.ts";
import { codeOf } from "../platform/system-error.ts";
import { moduleDirectory } from "../profiles/locations.ts";
import type { Context, Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

/** The module's own settings: sections of named values. Unknown settings are kept. */
export interface SettingsSections {
  [name: string]: unknown;
}

/** A section of strings by name. Numbers and `true` are strings too. */
export type SettingsSection = Readonly<Record<string, string>>;

/** `~/.aws/role-credentials/settings.ini`, the module's own settings, which AWS tools don't read. */
export function settingsPath(environment: Environment): string {
  return join(moduleDirectory({ environment }), "settings.ini");
}

/** Fifty roles take 20 KB. */
const largestSettings = 4 * 1024 * 1024;

/**
 * Reads the file. Returns an empty object if the file is missing.
 * @throws RoleError `FileUnreadable`
 */
export function readSettings(path: string): SettingsSections {
  try {
    return parse(readRegularFile(path, { largest: largestSettings }).toString("utf8"));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return Object.create(null);
    throw new RoleError("FileUnreadable", `${path} cannot be read (${code || "unknown"}).`, {
      target: path,
      action: "Correct it, or delete it: the module creates a new one.",
      cause,
    });
  }
}

/**
 * Changes the file in one step, under its lock, so that no concurrent change is lost.
 * @param change may be called again if another process changes the file first
 * @throws RoleError `FileUnwritable`, `FileBusy`, `Cancelled`
 */
export async function updateSettings(
  path: string,
  change: (sections: SettingsSections) => SettingsSections,
  context: Pick<Context, "signal" | "say">,
): Promise<void> {
  const edit = (content: Buffer) => {
    const before = content.toString("utf8");
    // `ini` uses the platform's line ending by default. Fix it, because two systems may share the file.
    const text = stringify(change(parse(before)), { platform: "linux" });
    // Writers wait before they edit a file that was just emptied, because another program may still be writing it.
    const after = text === "" && before !== "" ? "\n" : text;
    return after === before ? content : Buffer.from(after, "utf8");
  };
  await updateFile(path, edit, context);
}

/**
 * Reads a section as strings. `ini` truncates plain text at some backslashes and control characters, so the file stores these as %XX. `ini`
 * parses `true` and `null`, which this function turns back into strings.
 */
export function textsOf(section: unknown): SettingsSection {
  const texts: Record<string, string> = Object.create(null);
  if (typeof section !== "object" || section === null) return texts;
  for (const [name, value] of Object.entries(section)) {
    if (typeof value !== "object" || value === null) texts[name] = decoded(String(value));
  }
  return texts;
}

/** Formats strings as a section. Omits undefined and empty strings. */
export function sectionOf(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => (text ? [[name, encoded(text)]] : [])));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the file must not contain these characters
const unsafe = /[%\\\u0000-\u001f\u007f]/g;

function encoded(text: string): string {
  return text.replace(unsafe, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
