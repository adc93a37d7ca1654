import { sha1Hex, sha256Hex } from "../platform/hash.ts";
import { pythonJson } from "../platform/python-json.ts";
import { RoleError } from "../protocol/errors.ts";
import type { CacheRequest } from "./cache-request.ts";

/**
 * Canonical text of the request; equal texts mean equal requests. The in-memory key, because hashing would cost more than the rest of a
 * lookup.
 * @throws RoleError `InternalError` if a part of the request is not JSON and could hide a difference
 */
export function requestText(request: CacheRequest): string {
  return keyOf(request).text;
}

/** Names a request's entry and lock on disk, and identifies the request where it is the source of another role. */
export function cacheKey(request: CacheRequest): string {
  const key = keyOf(request);
  key.hash ??= sha256Hex(key.text);
  return key.hash;
}

// The cache needs both several times for each request.
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
 * The AWS CLI's file name for an entry: the SHA-1 of Python's `json.dumps(key, sort_keys=True)`, with `separators=(',', ':')` for IAM
 * Identity Center. The rule is botocore's (`_create_cache_key` in credentials.py).
 */
export function cliFileName(cliKey: Readonly<Record<string, string | number>>): string {
  return `${sha1Hex(pythonJson(cliKey, Object.hasOwn(cliKey, "roleName")))}.json`;
}

/** JSON with sorted keys. Refuses values that JSON would silently drop or alter, because different maps must have different texts. */
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
  throw new RoleError("InternalError", `A cached request cannot contain a ${typeof value}.`);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
