import { RoleError } from "../protocol/errors.ts";
import { type Configuration, configured, configuredWord } from "./configured.ts";

export interface Retries {
  /** The first attempt included. */
  readonly maxAttempts: number;
  readonly retryMode: "standard" | "adaptive";
}

/**
 * How often a request is tried: `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, else `max_attempts` and `retry_mode` of the
 * profile that makes the call, else three attempts in the mode `standard`. `legacy`, which only some SDKs have, is taken
 * for `standard`, its successor (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
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
  // Three digits are patience enough; the bound keeps a typo from meaning for ever.
  if (!/^\s*0*[1-9]\d{0,2}\s*$/.test(value)) {
    throw new RoleError("SettingInvalid", `${from} is '${value.slice(0, 80)}', which is no number from 1 to 999.`, {
      target: from,
      action: `Set ${from} to the number of attempts, the first included; 3 is usual.`,
    });
  }
  return Number(value);
}
