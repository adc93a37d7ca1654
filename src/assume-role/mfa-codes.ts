import { RoleError } from "../protocol/errors.ts";
import { checkText } from "./session-limits.ts";

/** The MFA codes of a request. A code works once, so each one is returned once. */
export interface MfaCodes {
  /** Whether the request brings any code; such a request does not wait for another prompt. */
  readonly any: boolean;
  /** Whether there is a code for a device. */
  has(mfaSerial: string): boolean;
  /** Returns true the first time: a device's `mfa_process` is tried once. */
  tryProgram(mfaSerial: string): boolean;
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
  const tried = new Set<string>();
  const mfaCodes = new Map(Object.entries(bySerial));
  for (const code of mfaCodes.values()) checkText("tokenCode", code);
  return {
    any: first !== undefined || mfaCodes.size > 0,
    tryProgram: (mfaSerial) => !tried.has(mfaSerial) && Boolean(tried.add(mfaSerial)),
    has: (mfaSerial) => first !== undefined || mfaCodes.has(mfaSerial),
    take(mfaSerial, hop, target) {
      const code = mfaCodes.get(mfaSerial) ?? first;
      if (mfaCodes.has(mfaSerial)) mfaCodes.delete(mfaSerial);
      else first = undefined;
      if (code !== undefined) return code;
      throw mfaRequired({ mfaSerial, hop, target });
    },
  };
}

/** @param mfaProblem why the profile's mfa_process gave no code that works */
export function mfaRequired(about: { mfaSerial: string; hop: string; target: string; mfaProblem?: string }): RoleError {
  const { mfaSerial, hop, mfaProblem } = about;
  const why = mfaProblem === undefined ? "" : ` ${mfaProblem}`;
  return new RoleError("MfaRequired", `A code from MFA device ${mfaSerial} is required for ${hop}.${why}`, {
    ...about,
    action: "Pass the device's current code with -TokenCode.",
  });
}
