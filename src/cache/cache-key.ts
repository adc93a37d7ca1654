import { sha1Hex, sha256Hex } from "../platform/digest.ts";
import { RoleError } from "../protocol/errors.ts";
import type { CacheRequest } from "./cache-request.ts";

/**
 * The request as one text; equal texts are equal requests. It is the key in memory, where hashing would cost more than all the rest.
 * @throws RoleError `InternalError` when a part of the request is not JSON and could therefore hide a difference.
 */
export function requestText(request: CacheRequest): string {
  return keyOf(request).text;
}

/** Names a request's entry and lock on disk, and identifies the request where it is the source of a further role. */
export function cacheKey(request: CacheRequest): string {
  const key = keyOf(request);
  key.hash ??= sha256Hex(key.text);
  return key.hash;
}

// On its way through the cache a request is asked for both again and again.
const keys = new WeakMap<CacheRequest, { readonly text: string; hash?: string }>();

function keyOf(request: CacheRequest): { readonly text: string; hash?: string } {
  let key = keys.get(request);
  if (!key) {
    const { operation, cliKey = null, identity, source, durationSeconds = null, roleArn = null } = request;
    key = { text: canonicalJson([operation, cliKey, identity, source, durationSeconds, roleArn]) };
    keys.set(request, key);
  }
  return key;
}

/**
 * The name that the AWS CLI gives an entry: the SHA-1 of Python's `json.dumps(key, sort_keys=True)`, for roles of Identity Center with
 * `separators=(',', ':')`. The rule is botocore's (`_create_cache_key` in credentials.py).
 */
export function cliFileName(cliKey: Readonly<Record<string, string | number>>): string {
  const compact = Object.hasOwn(cliKey, "roleName");
  const members = Object.keys(cliKey)
    .sort()
    .map((name) => `${pythonJson(name)}${compact ? ":" : ": "}${pythonJson(cliKey[name])}`);
  return `${sha1Hex(`{${members.join(compact ? "," : ", ")}}`)}.json`;
}

/** JSON with sorted keys, and a refusal for what JSON would drop or alter silently: two different maps must not look alike. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isPlainObject(value)) {
    const members: string[] = [];
    for (const name of Object.keys(value).sort()) {
      if (value[name] !== undefined) members.push(`${JSON.stringify(name)}:${canonicalJson(value[name])}`);
    }
    return `{${members.join(",")}}`;
  }
  throw new RoleError("InternalError", `A ${typeof value} cannot tell cached requests apart.`);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A string or an integer as Python writes it with `ensure_ascii`: everything outside space to tilde is escaped. */
function pythonJson(value: string | number | undefined): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== "string")
    throw new RoleError("InternalError", "A key of the AWS CLI holds text and integers only.");
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
