import { settingKeys } from "../profiles/settings.ts";
import type { Environment } from "../protocol/context.ts";
import { RoleError } from "../protocol/errors.ts";
import type { RoleArn } from "../protocol/role-arn.ts";
import { type Configuration, type Configured, firstVariable } from "./configured.ts";
import { partition, partitionOfRegion, partitions, validRegion } from "./partitions.ts";

export interface RegionSources extends Configuration {
  /** `-Region`. */
  readonly explicit?: string | undefined;
  /** The role to assume; the region must be in its partition. */
  readonly role?: RoleArn | undefined;
  /** Asks instance metadata as the last resort; undefined if there is no instance metadata. */
  readonly instanceRegion?: (() => Promise<string | undefined>) | undefined;
}

/**
 * Resolves the region for a hop: the explicit one, the profile's, `AWS_REGION`, `AWS_DEFAULT_REGION`, the EC2 instance's,
 * then the default of the role's partition (`us-east-1`). AWS Tools for PowerShell uses the same order. The settings are
 * those of the profile that makes the call.
 * @throws RoleError `RegionInvalid`; `PartitionMismatch` when the role and the region belong to different partitions
 */
export async function resolveRegion(sources: RegionSources): Promise<string> {
  const configured = configuredRegion(sources);
  if (configured !== undefined) return configured;

  // The user did not choose the instance's region for this role, so ignore it if it doesn't match.
  const home = sources.role && rolePartition(sources.role);
  const instanceRegion = await sources.instanceRegion?.();
  if (instanceRegion) {
    const region = validRegion(instanceRegion, "instance metadata");
    if (!home || home === partitionOfRegion(region)) return region;
  }
  return home?.defaultRegion ?? "us-east-1";
}

/**
 * Returns the region chosen by the caller, the profile or the environment, if any. Makes no calls, so that a wrong region
 * is rejected whether or not the result is cached.
 * @throws RoleError `RegionInvalid`, `PartitionMismatch`
 */
export function configuredRegion(sources: Omit<RegionSources, "instanceRegion">): string | undefined {
  const home = sources.role && rolePartition(sources.role);
  const found = namedRegion(sources);
  if (!found) return undefined;
  const region = validRegion(found.value, found.from);
  if (home && home !== partitionOfRegion(region)) throw partitionMismatch(sources.role, home, region, found.from);
  return region;
}

/** The environment's region: `AWS_REGION`, which all SDKs read, then the AWS CLI's `AWS_DEFAULT_REGION`. */
export function regionOfEnvironment(environment: Environment): Configured | undefined {
  return firstVariable(environment, "AWS_REGION", "AWS_DEFAULT_REGION");
}

function namedRegion({ explicit, settings, environment }: Omit<RegionSources, "instanceRegion">) {
  // An empty variable is how a shell unsets one; an empty -Region is a mistake in a script, and an error.
  if (explicit !== undefined) return { from: "-Region", value: explicit };
  if (settings.region) return { from: settingKeys.region, value: settings.region };
  return regionOfEnvironment(environment);
}

function rolePartition(role: RoleArn) {
  const found = partition(role.partition);
  // An AWS emulator may use any partition name.
  if (!found && /^aws(-|$)/.test(role.partition)) {
    throw new RoleError("PartitionMismatch", `'${role.partition}' in ${role.text} is not an AWS partition.`, {
      target: role.text,
      action: `Correct the ARN; the partitions are ${partitions.map((one) => one.name).join(", ")}.`,
    });
  }
  return found;
}

function partitionMismatch(role: RoleArn | undefined, home: { defaultRegion: string }, region: string, from: string) {
  return new RoleError(
    "PartitionMismatch",
    `The role is in the partition ${role?.partition}, but the region ${region} (${from}) is in ${partitionOfRegion(region).name}.`,
    {
      target: role?.text,
      action: `Pass -Region with a region of ${role?.partition} (such as ${home.defaultRegion}), or correct the role's ARN.`,
    },
  );
}
