/** AWS keys: long-term (no session token) or temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When temporary credentials end; absent when unknown or never. */
  readonly expiration?: Date;
  readonly accountId?: string;
}

/**
 * Whether an access key, a secret key or a session token has only printable ASCII characters, as all of AWS's have. Others could
 * end a quoted string or a header line where the keys are written out.
 */
export function isKeyText(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/** Which part of credentials is not as {@link isKeyText} wants it, in words; undefined where all are. */
export function unprintablePart({ accessKeyId, secretAccessKey, sessionToken }: Credentials): string | undefined {
  if (!isKeyText(accessKeyId)) return "access key";
  if (!isKeyText(secretAccessKey)) return "secret key";
  return sessionToken === undefined || isKeyText(sessionToken) ? undefined : "session token";
}

/** A way to get credentials, tried when called and not before. The name is that of the AWS SDK for JavaScript. */
export type CredentialProvider = () => Promise<Credentials>;
