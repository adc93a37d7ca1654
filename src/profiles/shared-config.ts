import type { Settings } from "./settings.ts";

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
}
