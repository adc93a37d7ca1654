/** The messages about IAM Identity Center. */

/** Selects a session of IAM Identity Center: by name, through a profile, or by its start URL. Without any, the environment's profile does. */
export interface SsoSessionChoice {
  ssoSession?: string;
  profileName?: string;
  profileLocation?: string;
  startUrl?: string;
  /** The region of IAM Identity Center. Required with a start URL. */
  ssoRegion?: string;
}

export interface StoreSessionParams {
  ssoSession: string;
  startUrl?: string;
  ssoRegion?: string;
  profileLocation?: string;
  whatIf?: boolean;
}

/** A session of IAM Identity Center. */
export interface ChosenSession {
  ssoSession?: string;
  startUrl: string;
  ssoRegion: string;
}

export interface StartSignInParams extends SsoSessionChoice {
  useDeviceCode?: boolean;
  force?: boolean;
}

export interface SignOutParams extends SsoSessionChoice {
  whatIf?: boolean;
}

export interface SignOutResult extends ChosenSession {
  signedOut: boolean;
  warnings: string[];
}

export interface ListRoleNamesParams extends SsoSessionChoice {
  accountId: string;
}

export interface RoleNameList {
  roleNames: string[];
}

/** An account that IAM Identity Center assigns to the user. */
export interface SsoAccount {
  accountId: string;
  accountName: string;
  emailAddress: string;
}

export interface AccountList {
  session: ChosenSession;
  accounts: SsoAccount[];
}
