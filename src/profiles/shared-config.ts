import type { Setting, Settings } from "./settings.ts";

/** A profile, merged from both files: what the credentials file says wins over what the config file says. */
export interface Profile {
  readonly name: string;
  readonly settings: Settings;
}

/** What the two AWS files say, read by AWS's rules. */
export interface SharedConfig {
  profile(name: string): Profile | undefined;
  /** In the order of the files, config first, each once. */
  profiles(): readonly Profile[];
  /** The settings of `[sso-session NAME]`. */
  ssoSession(name: string): Settings | undefined;
  /** The nested maps of `[services NAME]`: service id in lower case (`sts`) → its settings (`endpointUrl`). */
  services(name: string): ReadonlyMap<string, Settings> | undefined;
  /** Absent where the profiles stand in no file. */
  readonly origin?: ConfigOrigin;
}

/** What an error tells about the text of the files. */
export interface ConfigOrigin {
  /** Where a setting of a profile stands: `line 3 of /home/jo/.aws/config`. */
  whereIs(name: string, setting: Setting): string | undefined;
  /** The value of aws-vault's `include_profile`, which AWS tools ignore. */
  includedProfile(name: string): string | undefined;
  /**
   * Why a profile that somebody asked for is not read, one sentence, where a header nearly names it.
   * @throws RoleError `FileBroken` when a header is not UTF-8, for that may be the one.
   */
  whyNotRead(name: string): string | undefined;
}
