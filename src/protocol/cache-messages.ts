/** The messages about cached credentials. */

export interface ClearCacheParams {
  /** At most one of the two. With neither: all entries. */
  profileName?: string;
  roleArn?: string;
}

export interface ClearedCache {
  removed: number;
}
