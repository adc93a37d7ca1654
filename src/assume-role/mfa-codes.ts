import { RoleError } from "../protocol/errors.ts";
import { checkText } from "./session-limits.ts";

/** The MFA codes of a request. A code works once, so each one is returned once. */
export interface MfaCodes {
  /** Whether the request brings any code; such a request does not wait for another prompt. */
  readonly any: boolean;
  /**
   * Takes the code for a device.
   * @throws RoleError `MfaRequired` if there is no code
   */
  take(mfaSerial: string, hop: string, target: string): string;
}

/**
 * @param first a code that the user gave in advance; the first device that needs one gets it
 * @param bySerial codes that the user has entered since
 */
export function createMfaCodes(first: string | undefined, bySerial: Readonly<Record<string, string>>): MfaCodes {
  if (first !== undefined) checkText("tokenCode", first);
  const mfaCodes = new Map(Object.entries(bySerial));
  for (const code of mfaCodes.values()) checkText("tokenCode", code);
  return {
    any: first !== undefined || mfaCodes.size > 0,
    take(mfaSerial, hop, target) {
      const code = mfaCodes.get(mfaSerial) ?? first;
      if (mfaCodes.has(mfaSerial)) mfaCodes.delete(mfaSerial);
      else first = undefined;
      if (code !== undefined) return code;
      throw new RoleError("MfaRequired", `A code from MFA device ${mfaSerial} is required for ${hop}.`, {
        target,
        hop,
        mfaSerial,
        action: "Pass the device's current code with -TokenCode.",
      });
    },
  };
}
