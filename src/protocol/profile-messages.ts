/** The messages about stored profiles. */
import type { Setting } from "./setting.ts";

export interface ListProfilesParams {
  profileLocation?: string;
}

export interface ProfileParams extends ListProfilesParams {
  profileName: string;
}

export interface RemoveProfileParams extends ProfileParams {
  whatIf?: boolean;
}

/** Where keys are kept: in the AWS files, in the system's keychain, or in a vault of PowerShell's SecretManagement. */
export type KeyStore = "file" | "keychain" | "vault";

/** A profile without its secrets. */
export interface ProfileSummary {
  name: string;
  /** What its credentials, or those that assume its role, come from: `keys`, `profile base`. */
  source?: string;
  /** Where its keys are, if it has keys. */
  keyStore?: KeyStore;
  settings: { [S in Setting]?: string };
}

export interface ProfileList {
  profiles: ProfileSummary[];
}

/** A vault of SecretManagement, in which the caller has stored the keys. */
export interface SecretVault {
  /** Letters, digits and `_` `.` `-`, because a command line names it without quotes. */
  name: string;
  /** The absolute path of PowerShell, which other AWS tools run. */
  powerShell: string;
  /** The access key in the vault. Absent with `whatIf`. */
  accessKey?: string;
}

export interface StoreProfileParams extends ProfileParams {
  /** A text sets a setting, `null` removes it, and an absent one stays unchanged. */
  settings: { [S in Setting]?: string | null };
  /** Keep the keys in the system's keychain: the given ones, or else those that the profile has. */
  vault?: boolean;
  /** Name a vault of SecretManagement in the profile, in place of the keys. */
  secretVault?: SecretVault;
  whatIf?: boolean;
}

export interface CopyProfileParams extends ListProfilesParams {
  from: string;
  to: string;
  /** Whether `to` gets the credentials of `from` from the module's command, as its `credential_process`, instead of a copy. */
  asProcess?: boolean;
  /** Settings that override those of `from`, as in `profile/store`. */
  settings?: { [S in Setting]?: string | null };
  whatIf?: boolean;
}

/** The effect of a write, made or planned. */
export interface FileChanges {
  files: string[];
  /** Warnings for the user, such as a file that others may read. */
  warnings: string[];
}
