/** Settings of other profiles that the failed one lacks: an MFA device or an external id. */

import type { SharedConfig } from "../profiles/shared-config.ts";
import { accountOf } from "../protocol/role-arn.ts";
import type { FailedAssumption } from "./failed-hop.ts";

export interface DeviceHint {
  readonly serial: string;
  /** Whether it comes from the profile with the keys or a profile for a role in the same account. */
  readonly near: boolean;
}

/** The MFA device of the calling user, found in other profiles. */
export function mfaDeviceOf(
  { caller, identity, assumption }: FailedAssumption,
  shared: SharedConfig,
): DeviceHint | undefined {
  const [, partition, account] = /^arn:([^:]+):iam::(\d+):user\//.exec(identity.arn) ?? [];
  if (partition === undefined) return undefined;
  const known = shared.profiles().flatMap(({ name, settings: { mfaSerial: serial, sourceProfile, roleArn } }) => {
    if (serial === undefined) return [];
    const own = name === caller.profileName;
    const sibling = sourceProfile === caller.profileName || serial.startsWith(`arn:${partition}:iam::${account}:mfa/`);
    const near = own || (sibling && roleArn !== undefined && accountOf(roleArn) === accountOf(assumption.roleArn));
    return own || sibling ? [{ serial, near }] : [];
  });
  return known.find(({ near }) => near) ?? known[0];
}

/** Another profile with an external id for a role in the same account. */
export function externalIdProfile(roleArn: string, self: string | undefined, shared: SharedConfig): string | undefined {
  const account = accountOf(roleArn);
  return shared
    .profiles()
    .find(
      ({ name, settings }) =>
        name !== self && settings.externalId !== undefined && accountOf(settings.roleArn ?? "") === account,
    )?.name;
}
