/** The messages about IAM Identity Center. */
import type { Setting } from "./setting.ts";

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
  /** An https address without user name and password. An absent setting stays unchanged; a new session needs both. */
  startUrl?: string;
  ssoRegion?: string;
  /** `sso_registration_scopes`, separated by commas. */
  scopes?: string;
  profileLocation?: string;
  whatIf?: boolean;
}

/** A session of IAM Identity Center. */
export interface ChosenSession {
  /** Absent for a session without a name. */
  ssoSession?: string;
  startUrl: string;
  ssoRegion: string;
}

export interface StartSignInParams extends SsoSessionChoice {
  /** Whether the user confirms a code on any device (RFC 8628), instead of a redirect to this machine (RFC 8252). */
  useDeviceCode?: boolean;
  /** Whether to sign in although there is a valid sign-in. */
  force?: boolean;
}

export interface SignOutParams extends SsoSessionChoice {
  whatIf?: boolean;
}

export interface SignOutResult extends ChosenSession {
  /** Whether there was a sign-in. */
  signedOut: boolean;
  /** Warnings for the user: IAM Identity Center could not be reached. */
  warnings: string[];
}

export interface ListRoleNamesParams extends SsoSessionChoice {
  /** Twelve digits. */
  accountId: string;
}

export interface RoleNameList {
  roleNames: string[];
}

/** A role that IAM Identity Center assigns to the user. */
export interface SsoRole {
  accountId: string;
  roleName: string;
}

export interface ListGoneRolesParams extends SsoSessionChoice {
  /** Roles that the caller has just listed, which are not looked up again. */
  roles: SsoRole[];
}

/** A stored profile whose account or role IAM Identity Center no longer lists. */
export interface GoneRole extends SsoRole {
  profileName: string;
  /** Whether the module wrote the profile, and no one has edited it since. */
  generated: boolean;
}

export interface GoneRoleList {
  profiles: GoneRole[];
}

/** A profile to store for a role of IAM Identity Center, if its name is free. */
export interface RoleProfile {
  profileName: string;
  settings: { [S in Setting]?: string };
}

export interface StoreRolesParams {
  profiles: RoleProfile[];
  /** Names of profiles to remove, if the module generated them. */
  removes: string[];
  profileLocation?: string;
  whatIf?: boolean;
}

/** A stored profile that has the name of a role's profile, and another value of a setting. */
export interface RoleConflict {
  profileName: string;
  setting: string;
}

export interface StoredRoles {
  files: string[];
  added: string[];
  removed: string[];
  unchanged: string[];
  conflicts: RoleConflict[];
}

/** An account that IAM Identity Center assigns to the user. */
export interface SsoAccount {
  accountId: string;
  /** Empty if the service returns none, as is {@link emailAddress}. */
  accountName: string;
  emailAddress: string;
}

export interface AccountList {
  session: ChosenSession;
  accounts: SsoAccount[];
}
