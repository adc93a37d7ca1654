import { RoleError } from "../protocol/errors.ts";
import { type Configuration, configured, configuredWord } from "./configured.ts";

export interface Retries {
  /** Includes the first attempt. */
  readonly maxAttempts: number;
  readonly retryMode: "standard" | "adaptive";
}

/**
 * Resolves the retry settings: `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, else `max_attempts` and `retry_mode` of the profile
 * that makes the call, else three attempts in `standard` mode. `legacy`, which only some SDKs have, means its successor
 * `standard` (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 * @throws RoleError `SettingInvalid`
 */
export function resolveRetries(configuration: Configuration): Retries {
  const mode = configured("AWS_RETRY_MODE", "retryMode", configuration);
  const word = mode && configuredWord(mode, ["standard", "adaptive", "legacy"]);
  return { maxAttempts: maxAttempts(configuration), retryMode: word === "adaptive" ? "adaptive" : "standard" };
}

function maxAttempts(configuration: Configuration): number {
  const found = configured("AWS_MAX_ATTEMPTS", "maxAttempts", configuration);
  if (!found) return 3;
  const { value, from } = found;
  // Limit to three digits, so that a typo does not retry forever.
  if (!/^\s*0*[1-9]\d{0,2}\s*$/.test(value)) {
    throw new RoleError("SettingInvalid", `${from} is '${value.slice(0, 80)}', which is not a number from 1 to 999.`, {
      target: from,
      action: `Set ${from} to the number of attempts including the first, such as 3.`,
    });
  }
  return Number(value);
}
