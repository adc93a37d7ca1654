/** The version in package.json, put in by the build. */
declare const VERSION: string;
/** The libraries that open the system's keychain, by platform and architecture, and their folder. Put in by the build. */
declare const KEYRING: Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;
declare const KEYRING_FOLDER: string;
