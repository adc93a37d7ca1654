/** What the other profiles say that the failed one does not: their MFA device, their external id. */
import type { SharedConfig } from "../files/shared-config.ts";
import type { FailedAssumption } from "./failed-hop.ts";

/**
 * The MFA device of the user who calls: that of the profile with the keys, of another role with the same source, or one
 * whose ARN is in the user's account.
 */
export function mfaDeviceOf({ caller, identity }: FailedAssumption, shared: SharedConfig): string | undefined {
  const [, partition, account] = /^arn:([^:]+):iam::(\d+):user\//.exec(identity.arn) ?? [];
  if (partition === undefined) return undefined;
  const own = caller.profileName === undefined ? undefined : shared.profile(caller.profileName)?.settings.mfaSerial;
  if (own !== undefined) return own;
  const others = profilesOf(shared).filter(({ settings }) => settings.mfaSerial !== undefined);
  const sibling = others.find(({ settings }) => settings.sourceProfile === caller.profileName);
  const neighbour = others.find(({ settings }) =>
    settings.mfaSerial?.startsWith(`arn:${partition}:iam::${account}:mfa/`),
  );
  return (sibling ?? neighbour)?.settings.mfaSerial;
}

/** Another profile that has an external id for a role of the same account. */
export function externalIdProfile(roleArn: string, self: string | undefined, shared: SharedConfig): string | undefined {
  const account = roleArn.split(":")[4];
  return profilesOf(shared).find(
    ({ name, settings }) =>
      name !== self && settings.externalId !== undefined && settings.roleArn?.split(":")[4] === account,
  )?.name;
}

function profilesOf(shared: SharedConfig) {
  return shared.profileNames().flatMap((name) => shared.profile(name) ?? []);
}
