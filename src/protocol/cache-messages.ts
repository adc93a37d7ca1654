/** The messages about cached credentials. */

export interface ClearCacheParams {
  /** With neither: all entries. */
  profileName?: string;
  roleArn?: string;
}

export interface ClearedCache {
  removed: number;
}
