import { settingKeys } from "../profiles/settings.ts";
import { RoleError } from "../protocol/errors.ts";
import type { RoleArn } from "../protocol/role-arn.ts";
import type { Configuration } from "./configured.ts";
import { partition, partitionOfRegion, partitions, validRegion } from "./partitions.ts";

export interface RegionSources extends Configuration {
  /** `-Region`. */
  readonly explicit?: string | undefined;
  /** The role to assume: its partition must be that of the region. */
  readonly role?: RoleArn | undefined;
  /** Asks instance metadata, last of all; undefined where there is none. */
  readonly instanceRegion?: (() => Promise<string | undefined>) | undefined;
}

/**
 * The region that a hop calls: the one given, else the profile's, `AWS_REGION`, `AWS_DEFAULT_REGION`, that of the EC2
 * instance, else the default of the role's partition (`us-east-1`). The order is that of AWS Tools for PowerShell; the
 * settings are those of the profile that makes the call.
 * @throws RoleError `RegionInvalid`; `PartitionMismatch` when the role lies in another part of AWS than the region
 */
export async function resolveRegion(sources: RegionSources): Promise<string> {
  const home = sources.role && rolePartition(sources.role);

  const configured = configuredRegion(sources);
  if (configured) {
    const region = validRegion(configured.value, configured.from);
    if (home && home !== partitionOfRegion(region))
      throw partitionMismatch(sources.role, home, region, configured.from);
    return region;
  }

  // Nobody chose the instance's region for this role, so one that doesn't fit is no error.
  const instanceRegion = await sources.instanceRegion?.();
  if (instanceRegion) {
    const region = validRegion(instanceRegion, "instance metadata");
    if (!home || home === partitionOfRegion(region)) return region;
  }
  return home?.defaultRegion ?? "us-east-1";
}

function configuredRegion({ explicit, settings, environment }: RegionSources) {
  const candidates = [
    { from: "-Region", value: explicit },
    { from: settingKeys.region, value: settings.region },
    { from: "AWS_REGION", value: environment.AWS_REGION },
    { from: "AWS_DEFAULT_REGION", value: environment.AWS_DEFAULT_REGION },
  ];
  for (const { from, value } of candidates) {
    // An empty variable is how a shell unsets one; an empty -Region is a mistake in a script, and is said so.
    if (value || (from === "-Region" && value !== undefined)) return { from, value };
  }
  return undefined;
}

function rolePartition(role: RoleArn) {
  const found = partition(role.partition);
  // A stand-in for AWS may call its partition as it likes.
  if (!found && /^aws(-|$)/.test(role.partition)) {
    throw new RoleError("PartitionMismatch", `'${role.partition}' in ${role.text} is no partition of AWS.`, {
      target: role.text,
      action: `Correct the ARN; the partitions are ${partitions.map((one) => one.name).join(", ")}.`,
    });
  }
  return found;
}

function partitionMismatch(role: RoleArn | undefined, home: { defaultRegion: string }, region: string, from: string) {
  return new RoleError(
    "PartitionMismatch",
    `The role lies in the partition ${role?.partition}, but the region ${region} (${from}) lies in ${partitionOfRegion(region).name}.`,
    {
      ...(role && { target: role.text }),
      action: `Pass -Region with a region of ${role?.partition} (as ${home.defaultRegion}), or correct the role's ARN.`,
    },
  );
}
