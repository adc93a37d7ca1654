/** AWS keys: long-term (no session token) or temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** The time when temporary credentials expire; absent if unknown or if they do not expire. */
  readonly expiration?: Date;
  readonly accountId?: string;
}

/**
 * Whether an access key, a secret key or a session token has only printable ASCII characters, as AWS's always do. Others could
 * end a quoted string or a header line that contains the key.
 */
export function isKeyText(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/** Whether an access key looks like a secret key, because the two were swapped. A secret key would be shown, sent and logged. */
export function isSecretKeyShaped(accessKeyId: string): boolean {
  return /^[A-Za-z0-9/+]{40}$/.test(accessKeyId);
}

/** Names the part of the credentials that fails {@link isKeyText}; undefined if none does. */
export function unprintablePart({ accessKeyId, secretAccessKey, sessionToken }: Credentials): string | undefined {
  if (!isKeyText(accessKeyId)) return "access key";
  if (!isKeyText(secretAccessKey)) return "secret key";
  return sessionToken === undefined || isKeyText(sessionToken) ? undefined : "session token";
}
