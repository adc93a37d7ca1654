import { type Setting, type Settings, settingKeys } from "../profiles/settings.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";

/** Where the settings of one hop come from: the profile that makes the call, and the caller's environment. */
export interface Configuration {
  readonly settings: Settings;
  readonly environment: Environment;
}

export interface Configured {
  readonly value: string;
  /** What to correct: the variable's name, or the key in the profile. */
  readonly from: string;
}

/**
 * What an environment variable says, else the profile: the order of all AWS SDKs for everything but the region.
 * Empty counts as absent.
 */
export function configured(
  variable: string,
  setting: Setting,
  { settings, environment }: Configuration,
): Configured | undefined {
  const fromEnvironment = environment[variable];
  if (fromEnvironment) return { value: fromEnvironment, from: variable };
  const fromProfile = settings[setting];
  return fromProfile ? { value: fromProfile, from: settingKeys[setting] } : undefined;
}

/**
 * A switch: `true` or `false` in any case, false when absent. botocore takes every other word for false; the SDKs for
 * Go and JavaScript refuse it, as we do: `use_fips_endpoint = yes` must not quietly mean no.
 * @throws RoleError `SettingInvalid`
 */
export function configuredFlag(variable: string, setting: Setting, configuration: Configuration): boolean {
  const found = configured(variable, setting, configuration);
  return found !== undefined && configuredWord(found, ["true", "false"]) === "true";
}

/**
 * One word out of a few, in any case.
 * @throws RoleError `SettingInvalid`
 */
export function configuredWord<Word extends string>({ value, from }: Configured, words: readonly Word[]): Word {
  const word = words.find((one) => one === value.trim().toLowerCase());
  if (word === undefined) {
    throw new RoleError("SettingInvalid", `${from} is '${value.slice(0, 80)}', which is none of ${words.join(", ")}.`, {
      target: from,
      action: `Set ${from} to ${words.join(" or ")}.`,
    });
  }
  return word;
}
