/** The messages about the recently used roles. */

/** A role in the history of recently used roles. */
export interface UsedRole {
  roleArn: string;
  /** ISO 8601, UTC. */
  lastUsed: string;
  /** Its display name in the console. */
  displayName?: string;
  /** The color of that name: six hexadecimal digits. */
  color?: string;
  /** The profile that defines it, if it was used through one. */
  profileName?: string;
  /** The profile that was named as its source. */
  sourceProfile?: string;
  /** Whether credentials that the history does not keep assumed it: keys, a token, or the role that was current. */
  sourceGiven?: boolean;
  region?: string;
}

export interface RoleHistory {
  roles: UsedRole[];
}

export interface ClearHistoryParams {
  /** Absent: all roles. */
  roleArn?: string;
  whatIf?: boolean;
}
