import type { Credentials } from "./credentials.ts";
import { parseExpiration } from "./expiration.ts";
import type { WireCredentials } from "./role-messages.ts";

/** Thrown for a JSON document without valid credentials. The message completes a sentence and never quotes the document. */
export class NoCredentialsInJson extends Error {}

/** Whether the text is a JSON object. */
export function isJson(text: string): boolean {
  try {
    parseJsonObject(text);
    return true;
  } catch {
    return false;
  }
}

/** Parses a JSON object and returns its members. Throws {@link NoCredentialsInJson} for anything else. */
export function parseJsonObject(text: string): ReadonlyMap<string, unknown> {
  let parsed: unknown;
  try {
    // Windows programs often write a byte order mark first.
    parsed = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // The parser's own message quotes the text, which may contain a secret.
    throw new NoCredentialsInJson("is not JSON");
  }
  return membersOf(parsed);
}

/** Returns the own members of a parsed JSON object. Throws {@link NoCredentialsInJson} if the value is not an object. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw new NoCredentialsInJson("is JSON, but not an object with credentials");
}

/**
 * Reads credentials in the form that credential processes (`SessionToken`), containers and instance metadata (`Token`)
 * share: `AccessKeyId`, `SecretAccessKey`, the token, `Expiration`, `AccountId`.
 * Throws {@link NoCredentialsInJson} if a required member is missing, empty or not a string.
 */
export function readCredentials(
  members: ReadonlyMap<string, unknown>,
  form: { readonly token: "SessionToken" | "Token"; readonly temporary: boolean },
): Credentials {
  const text = (name: string, required: boolean): string | undefined => {
    const value = members.get(name);
    if (isText(value)) return value;
    if (!required && (value === undefined || value === null || value === "")) return undefined;
    throw new NoCredentialsInJson(
      value === undefined ? `has no ${name}` : `has a ${name} that is empty or not a string`,
    );
  };

  const accessKeyId = text("AccessKeyId", true) ?? "";
  const secretAccessKey = text("SecretAccessKey", true) ?? "";
  const sessionToken = text(form.token, form.temporary);
  const expirationText = text("Expiration", form.temporary);
  const expiration = expirationText === undefined ? undefined : parseExpiration(expirationText);
  if (expirationText !== undefined && !expiration) {
    throw new NoCredentialsInJson("has an Expiration that is not an ISO 8601 time");
  }
  const accountId = members.get("AccountId");
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration && { expiration }),
    ...(isText(accountId) && { accountId }),
  };
}

/**
 * Reads the keys of a session in the form of AWS's sign-in services: `accessKeyId`, `secretAccessKey`, `sessionToken`.
 * Throws {@link NoCredentialsInJson} if one is missing, empty or not a string.
 */
export function sessionKeysIn(members: ReadonlyMap<string, unknown>): SessionKeys {
  const text = (name: keyof SessionKeys): string => {
    const value = members.get(name);
    if (isText(value)) return value;
    throw new NoCredentialsInJson("has incomplete credentials");
  };
  return {
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
    sessionToken: text("sessionToken"),
  };
}

export type SessionKeys = Record<"accessKeyId" | "secretAccessKey" | "sessionToken", string>;

/** Whether a member is a string that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/**
 * Formats credentials as the output of a `credential_process`. Omits the account: the SDK for .NET 3, which AWS Tools 4 includes, fails on an
 * unknown member.
 */
export function processOutput({ accessKeyId, secretAccessKey, sessionToken, expiration }: WireCredentials): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
  });
}
