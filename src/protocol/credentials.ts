/** AWS keys: long-term (no session token) or temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When temporary credentials end; absent when unknown or never. */
  readonly expiration?: Date;
  readonly accountId?: string;
}

/** A way to get credentials, tried when called and not before. The name is that of the AWS SDK for JavaScript. */
export type CredentialProvider = () => Promise<Credentials>;
