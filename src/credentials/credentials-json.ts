import type { Credentials } from "../protocol/credentials.ts";
import { parseExpiration } from "../protocol/expiration.ts";

/** What a JSON document holds instead of credentials, as the end of a sentence. It never quotes the document. */
export class NoCredentialsInJson extends Error {}

/** Whether a text is JSON, all of it. */
export function isJson(text: string): boolean {
  try {
    parseJsonObject(text);
    return true;
  } catch {
    return false;
  }
}

/** The members of the object that a JSON text holds. Throws {@link NoCredentialsInJson} for anything else. */
export function parseJsonObject(text: string): ReadonlyMap<string, unknown> {
  let parsed: unknown;
  try {
    // Programs on Windows like to begin with a byte order mark.
    parsed = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new NoCredentialsInJson("is not JSON");
  }
  return membersOf(parsed);
}

/** The members of an object out of JSON, without those it inherits. Throws {@link NoCredentialsInJson} for no object. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw new NoCredentialsInJson("is JSON, but not an object with credentials");
}

/**
 * Credentials in the form that credential processes (`SessionToken`), containers and instance metadata (`Token`)
 * share: `AccessKeyId`, `SecretAccessKey`, the token, `Expiration`, `AccountId`.
 * Throws {@link NoCredentialsInJson} when a required member is missing, empty or no text.
 */
export function readCredentials(
  members: ReadonlyMap<string, unknown>,
  form: { readonly token: "SessionToken" | "Token"; readonly temporary: boolean },
): Credentials {
  const text = (name: string, required: boolean): string | undefined => {
    const value = members.get(name);
    if (typeof value === "string" && value !== "") return value;
    if (!required && (value === undefined || value === null || value === "")) return undefined;
    throw new NoCredentialsInJson(value === undefined ? `has no ${name}` : `has a ${name} that is empty or no text`);
  };

  const accessKeyId = text("AccessKeyId", true) ?? "";
  const secretAccessKey = text("SecretAccessKey", true) ?? "";
  const sessionToken = text(form.token, form.temporary);
  const expirationText = text("Expiration", form.temporary);
  const expiration = expirationText === undefined ? undefined : parseExpiration(expirationText);
  if (expirationText !== undefined && !expiration) {
    throw new NoCredentialsInJson("has an Expiration that is no ISO 8601 time");
  }
  const accountId = members.get("AccountId");
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(typeof accountId === "string" && accountId !== "" ? { accountId } : {}),
  };
}
