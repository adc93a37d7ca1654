/** The version in package.json, put in by the build. */
declare const VERSION: string;
/** The SHA-256 of the bundles that are loaded, likewise. */
declare const CORE_HASH: string;
declare const ASSUME_ROLE_HASH: string;
