import { type Setting, type Settings, settingKeys } from "../profiles/settings.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

/** Where one hop's settings come from: the profile that makes the call, and the caller's environment. */
export interface Configuration {
  readonly settings: Settings;
  readonly environment: Environment;
}

export interface Configured {
  readonly value: string;
  /** What to correct: the variable's name or the profile's key. */
  readonly from: string;
}

/** The first of some environment variables that is set. An empty value counts as absent. */
export function firstVariable(environment: Environment, ...names: readonly string[]): Configured | undefined {
  for (const from of names) {
    const value = environment[from];
    if (value) return { value, from };
  }
  return undefined;
}

/**
 * Reads an environment variable, then the profile. All AWS SDKs use this order for everything except the region.
 * An empty value counts as absent.
 */
export function configured(
  variable: string,
  setting: Setting,
  { settings, environment }: Configuration,
): Configured | undefined {
  const value = settings[setting];
  return firstVariable(environment, variable) ?? (value ? { value, from: settingKeys[setting] } : undefined);
}

/**
 * Reads a flag: `true` or `false` in any case, false when absent. botocore treats any other word as false. Like the SDKs
 * for Go and JavaScript we reject it, so that `use_fips_endpoint = yes` does not silently mean no.
 * @throws RoleError `SettingInvalid`
 */
export function configuredFlag(variable: string, setting: Setting, configuration: Configuration): boolean {
  const found = configured(variable, setting, configuration);
  return found !== undefined && configuredWord(found, ["true", "false"]) === "true";
}

/**
 * Matches a value against a list of allowed words, ignoring case.
 * @throws RoleError `SettingInvalid`
 */
export function configuredWord<Word extends string>({ value, from }: Configured, words: readonly Word[]): Word {
  const word = words.find((one) => one === value.trim().toLowerCase());
  if (word === undefined) {
    throw new RoleError("SettingInvalid", `${from} is '${value.slice(0, 80)}', but must be ${words.join(" or ")}.`, {
      target: from,
      action: `Set ${from} to ${words.join(" or ")}.`,
    });
  }
  return word;
}
