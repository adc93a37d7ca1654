import { RoleError } from "../protocol/errors.ts";

/** What Python's json.dumps takes here. */
export type PythonValue = string | number | null | readonly PythonValue[] | { readonly [name: string]: PythonValue };

/**
 * JSON as Python's `json.dumps(value, sort_keys=True)` writes it, or with `separators=(',', ':')` if compact. The AWS CLI hashes these texts
 * to name its cache files.
 */
export function pythonJson(value: PythonValue, isCompact = false): string {
  const [comma, colon] = isCompact ? [",", ":"] : [", ", ": "];
  if (value === null) return "null";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, isCompact)).join(comma)}]`;
  if (typeof value !== "object")
    throw new RoleError("InternalError", "A cache key of the AWS CLI cannot contain this.");
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${quoted(name)}${colon}${pythonJson(member, isCompact)}`).join(comma)}}`;
}

/** Python's `ensure_ascii` escapes everything outside space to tilde. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
