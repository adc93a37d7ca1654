import { RoleError } from "../protocol/errors.ts";
import { checkText } from "./session-limits.ts";

/** The MFA mfaCodes that a request brings. Each works once, so each is handed out once. */
export interface MfaCodes {
  /** Whether there is any: such a request waits for nobody else's prompt. */
  readonly any: boolean;
  /**
   * The code for a device.
   * @throws RoleError `MfaRequired` when there is none
   */
  take(mfaSerial: string, hop: string, target: string): string;
}

/**
 * @param first a code that the user gave beforehand, for the first device that wants one
 * @param bySerial mfaCodes that were asked for since
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
      throw new RoleError("MfaRequired", `The code of MFA device ${mfaSerial} is needed for ${hop}.`, {
        target,
        hop,
        mfaSerial,
        action: "Give the device's current code with -TokenCode.",
      });
    },
  };
}
