import type { Clock } from "../clock.ts";
import { AwsError, accessDenied } from "../errors.ts";
import type { Directory } from "../iam/directory.ts";
import type { Principal } from "../iam/principal.ts";
import { timeStep, totpCode } from "../totp.ts";

export interface MfaVerifier {
  /**
   * Checks a code and marks it as used.
   * @returns the current time when the caller authenticated with MFA, or undefined when the request has no code
   * @throws AwsError `AccessDenied`
   */
  check(principal: Principal, serial: string | undefined, code: string | undefined): number | undefined;
  /** The code that a device shows now, or the given number of time steps later. */
  code(serialOrUser: string, stepsAhead?: number): string;
  /** Whether the device's current code has been used. */
  isUsed(serialOrUser: string): boolean;
}

export function createMfaVerifier(directory: Directory, clock: Clock): MfaVerifier {
  // Each device's used time steps: a code is valid for one authentication
  const used = new Map<string, Set<number>>();
  const usedOf = (serial: string) => used.get(serial) ?? new Set();

  const device = (serialOrUser: string) => {
    const found = directory.mfaDevice(serialOrUser)?.device ?? directory.user(serialOrUser)?.user.mfaDevices?.[0];
    if (!found) throw new AwsError("NoSuchEntity", 404, `No MFA device '${serialOrUser}' exists.`);
    return found;
  };
  return {
    check: (principal, serial, code) => {
      if (serial === undefined && code === undefined) return undefined;
      if (serial === undefined || code === undefined) {
        throw accessDenied(
          "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ",
        );
      }
      const found = directory.mfaDevice(serial);
      // Only the long-term keys of the device's owner can authenticate with it
      if (!found || found.user !== principal.user || principal.temporary) {
        throw accessDenied(
          "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ",
        );
      }
      const now = timeStep(clock.now());
      const step = [now, now - 1, now + 1].find((one) => totpCode(found.device.seed, one) === code);
      if (step === undefined || usedOf(serial).has(step)) {
        throw accessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
      }
      used.set(serial, usedOf(serial).add(step));
      return clock.now();
    },
    code: (serialOrUser, stepsAhead = 0) => totpCode(device(serialOrUser).seed, timeStep(clock.now()) + stepsAhead),
    isUsed: (serialOrUser) => usedOf(device(serialOrUser).serial).has(timeStep(clock.now())),
  };
}
