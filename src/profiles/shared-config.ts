import type { Setting, Settings } from "./settings.ts";

/** A profile, merged from both files. The credentials file takes precedence. The keys come from one of them. */
export interface Profile {
  readonly name: string;
  readonly settings: Settings;
  /** The profile's settings without a value. Absent if every setting has one. */
  readonly empty?: ReadonlySet<Setting>;
}

/** The content of the two AWS files. */
export interface SharedConfig {
  profile(name: string): Profile | undefined;
  /** In the order of the files, config first, each once. */
  profiles(): readonly Profile[];
  /** The settings of `[sso-session NAME]`. */
  ssoSession(name: string): Settings | undefined;
  /** The names of all sso-sessions, in the order of the file. */
  ssoSessions(): readonly string[];
  /** The nested maps of `[services NAME]`: service id in lower case (`sts`) → its settings (`endpointUrl`). */
  services(name: string): ReadonlyMap<string, Settings> | undefined;
  /** Absent if the profiles come from no file. */
  readonly origin?: ConfigOrigin;
}

/** Facts about the text of the files, for errors. */
export interface ConfigOrigin {
  /** The place of a profile's setting: `line 3 of /home/jo/.aws/config`. */
  whereIs(name: string, setting: Setting): string | undefined;
  /** The value of aws-vault's `include_profile`, which AWS tools ignore. */
  includedProfile(name: string): string | undefined;
  /** Says in one sentence which line of a profile holds a hidden character in its key. */
  hiddenInKey(name: string): string | undefined;
  /**
   * Explains in one sentence why a profile is missing, if a header nearly names it.
   * @throws RoleError `FileBroken` if a header is not UTF-8, because it may name the profile.
   */
  whyNotRead(name: string): string | undefined;
}
