/** The messages about cached credentials. */

export interface ClearCacheParams {
  /** At most one of the two, which are in different parameter sets. With neither: all entries. */
  profileName?: string;
  roleArn?: string;
}

export interface ClearedCache {
  removed: number;
}
